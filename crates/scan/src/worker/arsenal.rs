//! Everything that files are held against, taken in once by the nursery and shared page by page with its workers.

use super::yara;
use crate::protocol::{Begin, FileKind, Loaded, SignatureFile};
use crate::{HashSets, RejectedFile, content};
use event::text;
use model::Model;
use rustix::fd::OwnedFd;
use std::io::Read as _;
use std::path::PathBuf;
use unpack::Kind;

pub struct Arsenal {
    /// One of all rule texts, and one of each compiled file, since those cannot be joined.
    pub rules: Vec<yara_x::Rules>,
    pub digests: HashSets,
    pub models: Vec<Model>,
}

impl Arsenal {
    pub fn rule_count(&self) -> usize {
        self.rules.iter().map(|rules| rules.iter().len()).sum()
    }

    /// The model that was made for this type, else one that takes any file.
    pub fn model_for(&self, kind: Kind) -> Option<&Model> {
        use model::Kind as Of;
        let own = match kind {
            Kind::Elf => Some(Of::Elf),
            Kind::Pe => Some(Of::Pe),
            Kind::Shell => Some(Of::Shell),
            Kind::Python => Some(Of::Python),
            Kind::Perl => Some(Of::Perl),
            Kind::Php => Some(Of::Php),
            Kind::JavaScript => Some(Of::Javascript),
            _ => None,
        };
        let of = |wanted| self.models.iter().find(|model| model.kind() == wanted);
        own.and_then(of).or_else(|| of(Of::AnyFile))
    }
}

/// Takes files one after the other; what cannot be used is told and stops nothing.
pub struct Loader {
    yara: yara::Texts,
    compiled: Vec<yara_x::Rules>,
    digests: Vec<(PathBuf, String)>,
    models: Vec<Model>,
    loaded: Loaded,
}

impl Loader {
    pub fn new(begin: &Begin) -> Self {
        let mut loader = Loader {
            yara: yara::Texts::new(&begin.variables),
            compiled: Vec::new(),
            digests: Vec::new(),
            models: Vec::new(),
            loaded: Loaded::default(),
        };
        if begin.builtin {
            for (path, text) in content::yara() {
                loader.loaded.files += 1;
                loader.yara.add(path, text);
            }
            for (path, text) in content::hashes() {
                loader.loaded.files += 1;
                loader.digests.push((path, text));
            }
        }
        loader
    }

    pub fn take(&mut self, file: SignatureFile, descriptor: OwnedFd) {
        if let Err(reason) = self.read(&file, descriptor) {
            self.loaded.rejected.push(RejectedFile { file: file.path, rule_id: None, reason });
        }
    }

    fn read(&mut self, file: &SignatureFile, descriptor: OwnedFd) -> Result<(), String> {
        let mut bytes = Vec::new();
        std::fs::File::from(descriptor).read_to_end(&mut bytes).map_err(|error| format!("cannot be read: {error}"))?;
        let text = |bytes| String::from_utf8(bytes).map_err(|error| format!("is not UTF-8 text: {error}"));
        match file.kind {
            FileKind::Yara => self.yara.add(file.path.clone(), text(bytes)?),
            FileKind::YaraCompiled => {
                let rules = yara_x::Rules::deserialize(&bytes).map_err(|error| format!("compiled rules: {error}"))?;
                self.compiled.push(rules);
            }
            FileKind::Digests => self.digests.push((file.path.clone(), text(bytes)?)),
            FileKind::Model => self.models.push(Model::load(&bytes).map_err(|error| error.to_string())?),
        }
        self.loaded.files += 1;
        Ok(())
    }

    pub fn finish(self) -> (Arsenal, Loaded) {
        let mut loaded = self.loaded;
        let compiled = self.yara.compile();
        loaded.rejected.extend(compiled.rejected);
        loaded.warnings = compiled.warnings;
        let mut rules = self.compiled;
        // Without a single rule there is nothing to run over every file.
        if compiled.rules.iter().len() > 0 {
            rules.insert(0, compiled.rules);
        }
        loaded.rules = rules.iter().map(|rules| rules.iter().len()).sum();
        let digests = HashSets::load(self.digests.into_iter(), &mut loaded.rejected);
        loaded.hashes = digests.len();
        // Of two models for one type, the one that was named last: an operator's own comes after what is built in.
        let models = self.models.into_iter().rev().collect::<Vec<_>>();
        let name = |model: &Model| {
            let card = model.card();
            text::printable(text::clip(&format!("{} {}", card.name, card.version), 200)).into_owned()
        };
        loaded.models = models.iter().map(name).collect();
        (Arsenal { rules, digests, models }, loaded)
    }
}
