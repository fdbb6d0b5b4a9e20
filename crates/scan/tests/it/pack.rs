//! The YARA rules that ship with Tamon, each beside stand-ins that it must find and neighbours that it must not. Samples are
//! put together here from parts, so that neither they nor the rules' own files are what a scanner looks for.

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use yara_x::{Compiler, MetaValue, Rules, Scanner, SourceCode};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Samples {
    finds: Vec<Sample>,
    clean: Vec<Sample>,
}

/// Parts of a sample in the order in which they stand in it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
struct Sample {
    /// Header of an ELF file of this kind, then `strings`.
    elf: Option<Header>,
    /// Each in parts; set apart by NUL.
    strings: Vec<Vec<String>>,
    /// Bytes in hex, before the text.
    hex: String,
    text: Vec<String>,
    /// Bytes in hex, behind the text.
    then: String,
    /// A whole small ELF file with one segment of these flags.
    segment: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    r#type: u16,
    machine: u16,
}

impl Sample {
    fn bytes(&self) -> Vec<u8> {
        if let Some(flags) = self.segment {
            return crate::rules::one_segment_elf(flags);
        }
        let mut bytes = Vec::new();
        if let Some(header) = &self.elf {
            bytes.extend(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0");
            bytes.extend(header.r#type.to_le_bytes());
            bytes.extend(header.machine.to_le_bytes());
            bytes.extend([0; 44]);
        }
        for string in &self.strings {
            bytes.extend(string.concat().as_bytes());
            bytes.push(0);
        }
        bytes.extend(hex(&self.hex));
        bytes.extend(self.text.concat().as_bytes());
        bytes.extend(hex(&self.then));
        bytes
    }
}

fn hex(text: &str) -> Vec<u8> {
    hex::decode(text.replace(' ', "")).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../content/yara")
}

fn files(ending: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.filter(|path| path.to_str().unwrap().ends_with(ending)).collect();
    files.sort();
    files
}

fn rules() -> Rules {
    let mut compiler = Compiler::new();
    compiler.relaxed_re_syntax(true);
    for file in files(".yar") {
        let text = std::fs::read_to_string(&file).unwrap();
        let added = compiler.add_source(SourceCode::from(text.as_str()).with_origin(file.to_string_lossy()));
        added.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }
    assert!(compiler.warnings().is_empty(), "{:#?}", compiler.warnings());
    compiler.build()
}

fn samples() -> BTreeMap<String, Samples> {
    let mut all = BTreeMap::new();
    for file in files(".samples.json") {
        let text = std::fs::read_to_string(&file).unwrap();
        let some: BTreeMap<String, Samples> =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        all.extend(some);
    }
    all
}

/// Names of the rules that match, and whether one of them is worth an alert of medium severity or above.
fn matching<'r>(scanner: &mut Scanner<'r>, bytes: &[u8]) -> (BTreeSet<String>, bool) {
    let results = scanner.scan(bytes).unwrap();
    let mut loud = false;
    let names = results.matching_rules().map(|rule| {
        let severity = rule.metadata().find_map(|(key, value)| match value {
            MetaValue::String(text) if key == "severity" => text.parse::<event::Severity>().ok(),
            _ => None,
        });
        loud |= severity.is_none_or(|severity| severity >= event::Severity::Medium);
        rule.identifier().to_owned()
    });
    let names = names.collect();
    (names, loud)
}

#[test]
fn every_rule_says_what_it_is_and_has_its_samples() {
    let (rules, samples) = (rules(), samples());
    assert!(rules.iter().count() >= 40);
    for rule in rules.iter() {
        let name = rule.identifier();
        let meta: BTreeMap<_, _> = rule.metadata().collect();
        let text = |key: &str| match meta.get(key) {
            Some(MetaValue::String(text)) => *text,
            other => panic!("{name}: meta {key} is {other:?}"),
        };
        assert!(text("title").len() > 5 && text("description").len() > 20, "{name}");
        text("severity").parse::<event::Severity>().unwrap();
        if meta.contains_key("action") {
            let known = [event::Action::Alert, event::Action::Deny, event::Action::Kill, event::Action::Quarantine];
            assert!(known.iter().any(|action| action.name() == text("action")), "{name}");
        }
        let techniques: Vec<_> = rule.tags().map(|tag| tag.identifier().replace('_', ".")).collect();
        assert!(!techniques.is_empty(), "{name} has no technique");
        techniques.iter().for_each(|id| assert!(id.parse::<event::Technique>().is_ok(), "{name}: {id}"));
        let own = samples.get(name).unwrap_or_else(|| panic!("{name} has no samples"));
        assert!(!own.finds.is_empty() && !own.clean.is_empty(), "{name}");
    }
    assert_eq!(samples.len(), rules.iter().count(), "samples of a rule that is not there");
}

/// All that is in the folder is in the program.
#[test]
fn the_whole_pack_ships() {
    let loaded = crate::world::scanner().loaded().clone();
    assert_eq!(loaded.rejected, []);
    assert_eq!(loaded.warnings, Vec::<String>::new());
    assert_eq!(loaded.rules, rules().iter().count());
}

#[test]
fn every_rule_finds_its_stand_ins_and_no_rule_finds_a_neighbour() {
    let (rules, samples) = (rules(), samples());
    let mut scanner = Scanner::new(&rules);
    for (name, own) in &samples {
        for (index, sample) in own.finds.iter().enumerate() {
            let (found, _) = matching(&mut scanner, &sample.bytes());
            assert!(found.contains(name), "{name} does not find its stand-in {index}; found: {found:?}");
        }
        for (index, sample) in own.clean.iter().enumerate() {
            let (found, loud) = matching(&mut scanner, &sample.bytes());
            assert!(!found.contains(name), "{name} finds its neighbour {index}");
            assert!(!loud, "the neighbour {index} of {name} is found by {found:?}");
        }
    }
}

/// What a scanner would say to our own sources: rules, samples and tests are text that names what they look for.
#[test]
fn the_repository_itself_is_clean() {
    let rules = rules();
    let mut scanner = Scanner::new(&rules);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let (mut looked, mut wrong) = (0, Vec::new());
    for below in ["content", "bpf", "crates", "docs", "xtask", "fuzz"] {
        each_file(&root.join(below), 1 << 20, &mut |path, bytes| {
            // What holds attackers' words as they are: events for Sigma's rules, what a rule must find, and the patterns of
            // the model and of a bench.
            let told = [
                ".events.json",
                ".samples.json",
                "model/src/script/patterns.rs",
                "model/tests/it/shipped.rs",
                "rules/examples/bench_rules.rs",
                "rules/tests/it/words/attacks.txt",
                "xtask/src/train/standins.py",
            ];
            if told.iter().any(|end| path.to_string_lossy().ends_with(end)) {
                return;
            }
            let (found, loud) = matching(&mut scanner, bytes);
            if loud {
                wrong.push(format!("{}: {found:?}", path.display()));
            }
            looked += 1;
        });
    }
    assert!(looked > 300, "{looked}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A body of the distribution's own files: programs, libraries, scripts, documents. `TAMON_YARA_ALL` takes every file.
#[test]
fn the_distribution_is_clean() {
    let rules = rules();
    let mut scanner = Scanner::new(&rules);
    scanner.set_timeout(std::time::Duration::from_secs(60));
    let all = std::env::var_os("TAMON_YARA_ALL").is_some();
    let (mut seen, mut looked, mut wrong) = (0, 0, Vec::new());
    for below in ["/usr/bin", "/usr/sbin", "/usr/lib", "/usr/share", "/etc"] {
        let (mut size, mut taken) = (0u64, 0);
        each_file(Path::new(below), if all { 64 << 20 } else { 1 << 20 }, &mut |path, bytes| {
            seen += 1;
            // Spread over the tree, and bounded, so that the test stays short.
            if !all && (seen % 11 != 0 || taken >= 120 || size > 6 << 20) {
                return;
            }
            (size, taken, looked) = (size + bytes.len() as u64, taken + 1, looked + 1);
            let (found, loud) = matching(&mut scanner, bytes);
            if loud {
                wrong.push(format!("{}: {found:?}", path.display()));
            }
        });
    }
    assert!(looked > 100, "{looked} files are no distribution");
    println!("{looked} files");
    assert!(wrong.is_empty(), "{looked} files, of these:\n{}", wrong.join("\n"));
}

/// Regular files below, in order; symbolic links and build output are left out.
fn each_file(folder: &Path, most: u64, visit: &mut dyn FnMut(&Path, &[u8])) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let Ok(meta) = path.symlink_metadata() else { continue };
        if meta.is_dir() && !path.ends_with("target") && !path.ends_with("node_modules") {
            each_file(&path, most, visit);
        } else if meta.is_file()
            && (1..=most).contains(&meta.len())
            && let Ok(bytes) = std::fs::read(&path)
        {
            visit(&path, &bytes);
        }
    }
}
