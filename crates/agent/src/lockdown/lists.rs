//! Lists of trusted digests that somebody else made: plain ones, which only root may be able to write, and signed ones.
//! Both have a line a file, `SHA-256 [path]`; a signed one has beside it `FILE.sig`, an Ed25519 signature of its bytes in
//! base64. A list that cannot be used is a problem that `status` shows, and vouches for nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use event::Sha256;
use ring::signature::{ED25519, UnparsedPublicKey};
use std::collections::HashMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use verdict::lockdown::{PublisherKey, Source};

const MAX_FILE: u64 = 64 << 20;
const MAX_LINES: usize = 1_000_000;

#[derive(Debug, Default)]
pub struct Lists {
    /// Path (any where None) and list, by digest.
    files: HashMap<Sha256, Vec<(Option<String>, Source)>>,
}

impl Lists {
    /// Those that the policy names; problems are told in words.
    pub fn load(settings: &verdict::Lockdown) -> (Lists, Vec<String>) {
        let (mut lists, mut problems) = (Lists::default(), Vec::new());
        for file in &settings.hash_lists {
            let read = plain(Path::new(file)).and_then(|text| parse(&text));
            lists.take(file, read, Source::HashList(file.clone()), &mut problems);
        }
        for file in &settings.manifests {
            match signed(Path::new(file), &settings.keys) {
                Ok((text, key)) => {
                    let source = Source::Manifest(format!("{file} of {key}"));
                    lists.take(file, parse(&text), source, &mut problems);
                }
                Err(problem) => problems.push(format!("{file}: {problem}")),
            }
        }
        (lists, problems)
    }

    fn take(&mut self, file: &str, read: Result<Vec<Line>, String>, source: Source, problems: &mut Vec<String>) {
        match read {
            Ok(lines) => {
                for (digest, path) in lines {
                    self.files.entry(digest).or_default().push((path, source.clone()));
                }
            }
            Err(problem) => problems.push(format!("{file}: {problem}")),
        }
    }

    pub fn listed(&self, path: &str, digest: &Sha256) -> Option<Source> {
        let those = self.files.get(digest)?;
        those.iter().find(|(there, _)| there.as_deref().is_none_or(|there| there == path)).map(|(_, list)| list.clone())
    }

    pub fn len(&self) -> usize {
        self.files.len()
    }
}

type Line = (Sha256, Option<String>);

/// A line that is not understood spoils the list: nobody knows what it meant to say.
fn parse(text: &str) -> Result<Vec<Line>, String> {
    let mut lines = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim_end();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if lines.len() >= MAX_LINES {
            return Err(format!("more than {MAX_LINES} lines"));
        }
        // As sha256sum writes it: two blanks, or a blank and an asterisk.
        let (digest, path) = line.split_once(' ').unwrap_or((line, ""));
        let path = path.trim_start_matches([' ', '*']);
        let digest = digest.parse().map_err(|error| format!("line {}: {error}", number + 1))?;
        if !path.is_empty() && !path.starts_with('/') {
            return Err(format!("line {}: {path:?} is not an absolute path", number + 1));
        }
        lines.push((digest, (!path.is_empty()).then(|| path.to_owned())));
    }
    Ok(lines)
}

fn plain(file: &Path) -> Result<String, String> {
    let meta = fs::metadata(file).map_err(|error| error.to_string())?;
    if meta.uid() != 0 || meta.mode() & 0o022 != 0 {
        return Err("somebody else than root may write it, so it vouches for nothing".into());
    }
    text(file)
}

fn signed(file: &Path, keys: &[PublisherKey]) -> Result<(String, String), String> {
    let text = text(file)?;
    let beside = format!("{}.sig", file.display());
    let signature = fs::read_to_string(&beside).map_err(|error| format!("{beside}: {error}"))?;
    let signature = STANDARD.decode(signature.trim()).map_err(|error| format!("{beside}: {error}"))?;
    let right = |key: &&PublisherKey| {
        let public = STANDARD.decode(&key.ed25519).unwrap_or_default();
        UnparsedPublicKey::new(&ED25519, public).verify(text.as_bytes(), &signature).is_ok()
    };
    let key = keys.iter().find(right).ok_or("signed by none of the policy's keys")?;
    Ok((text.clone(), key.name.clone()))
}

fn text(file: &Path) -> Result<String, String> {
    let size = fs::metadata(file).map_err(|error| error.to_string())?.len();
    if size > MAX_FILE {
        return Err(format!("{size} bytes is no list"));
    }
    fs::read_to_string(file).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::signature::{Ed25519KeyPair, KeyPair as _};
    use std::os::unix::fs::PermissionsExt as _;
    use verdict::Policy;

    const DIGEST: Sha256 = Sha256([0xab; 32]);

    #[test]
    fn lines() {
        let digest = DIGEST.to_hex();
        let check = |text: &str, expected: Result<Vec<Line>, &str>| {
            let found = parse(text);
            match expected {
                Ok(lines) => assert_eq!(found, Ok(lines), "{text}"),
                Err(part) => assert!(found.unwrap_err().contains(part), "{text}"),
            }
        };
        check("", Ok(vec![]));
        check(&format!("# ours\n\n{digest}\n"), Ok(vec![(DIGEST, None)]));
        check(&format!("{digest}  /opt/a b\n"), Ok(vec![(DIGEST, Some("/opt/a b".into()))]));
        check(&format!("{digest} */opt/a\n"), Ok(vec![(DIGEST, Some("/opt/a".into()))]));
        check(&format!("{digest} opt/a\n"), Err("line 1"));
        check(&format!("{digest}\nabc\n"), Err("line 2"));
    }

    #[test]
    fn a_list_that_others_may_write_and_a_wrong_signature_vouch_for_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        let line = format!("{DIGEST}  /opt/a\n");
        for (name, mode) in [("list", 0o644), ("loose", 0o666), ("manifest", 0o666)] {
            fs::write(at(name), &line).unwrap();
            fs::set_permissions(at(name), fs::Permissions::from_mode(mode)).unwrap();
        }
        let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
        let key = STANDARD.encode(pair.public_key());
        let load = |lists: &str| {
            let text =
                format!("version = 1\n[lockdown]\n{lists}\n[[lockdown.key]]\nname = \"us\"\ned25519 = \"{key}\"\n");
            Lists::load(&Policy::parse("t", &text).unwrap().lockdown)
        };
        let says = |lists: &Lists, path: &str| lists.listed(path, &DIGEST);
        let owned = fs::metadata(at("list")).unwrap().uid() == 0;
        let (lists, problems) = load(&format!("hash_lists = [{:?}, {:?}]", at("list"), at("loose")));
        if owned {
            assert_eq!(says(&lists, "/opt/a"), Some(Source::HashList(at("list"))));
            assert_eq!(problems.len(), 1, "{problems:?}");
        }
        assert_eq!(says(&lists, "/opt/b"), None);
        let manifest = format!("manifests = [{:?}]", at("manifest"));
        let (lists, problems) = load(&manifest);
        assert_eq!((says(&lists, "/opt/a"), problems.len()), (None, 1), "no signature");
        let signature = STANDARD.encode(pair.sign(line.as_bytes()));
        fs::write(at("manifest.sig"), &signature).unwrap();
        let (lists, problems) = load(&manifest);
        assert_eq!(says(&lists, "/opt/a"), Some(Source::Manifest(format!("{} of us", at("manifest")))), "{problems:?}");
        fs::write(at("manifest"), line.replace("/opt/a", "/opt/b")).unwrap();
        let (lists, problems) = load(&manifest);
        assert_eq!((lists.len(), problems.len()), (0, 1), "changed after it was signed");
    }
}
