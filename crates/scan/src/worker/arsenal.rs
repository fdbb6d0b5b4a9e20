//! Everything that files are held against, taken in once by the nursery and shared page by page with its workers.

use super::yara;
use crate::protocol::{Begin, FileKind, Loaded, SignatureFile};
use crate::{RejectedFile, content};
use event::text;
use model::Model;
use rustix::fd::OwnedFd;
use signatures::{Database, Place, Wanted};
use std::fs::File;
use std::io::Read as _;
use std::path::PathBuf;
use unpack::Kind;

pub struct Arsenal {
    /// Digests and patterns, mapped.
    pub databases: Vec<Database>,
    /// One of all rule texts, and one of each compiled file, since those cannot be joined.
    pub rules: Vec<yara_x::Rules>,
    pub models: Vec<Model>,
    pub pua: bool,
    pub digests: u64,
    pub patterns: u64,
    pub rule_count: usize,
}

impl Arsenal {
    /// The digests by which a file of this size could be known.
    pub fn wanted(&self, size: u64) -> Wanted {
        let mut all = Wanted::default();
        for wanted in self.databases.iter().map(|database| database.wanted(size)) {
            all.md5 |= wanted.md5;
            all.sha1 |= wanted.sha1;
            all.sha256 |= wanted.sha256;
        }
        all
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
    databases: Vec<Database>,
    models: Vec<Model>,
    pua: bool,
    loaded: Loaded,
}

impl Loader {
    pub fn new(begin: &Begin) -> Self {
        let mut loader = Loader {
            yara: yara::Texts::new(&begin.variables),
            compiled: Vec::new(),
            databases: Vec::new(),
            models: Vec::new(),
            pua: begin.pua,
            loaded: Loaded::default(),
        };
        if begin.builtin {
            for (path, text) in content::yara() {
                loader.loaded.files += 1;
                loader.yara.add(path, text);
            }
            for (name, bytes) in content::models() {
                loader.model(PathBuf::from(name), bytes);
            }
        }
        loader
    }

    pub fn take(&mut self, file: SignatureFile, descriptor: OwnedFd) {
        if let Err(reason) = self.read(&file, descriptor.into()) {
            self.loaded.rejected.push(RejectedFile { file: file.path, rule_id: None, reason });
        }
    }

    fn model(&mut self, file: PathBuf, bytes: &[u8]) {
        match Model::load(bytes) {
            Ok(model) => {
                self.loaded.files += 1;
                self.models.push(model);
            }
            Err(error) => {
                self.loaded.rejected.push(RejectedFile { file, rule_id: None, reason: error.to_string() });
            }
        }
    }

    fn read(&mut self, file: &SignatureFile, mut open: File) -> Result<(), String> {
        let mut bytes = || {
            let mut bytes = Vec::new();
            open.read_to_end(&mut bytes).map_err(|error| format!("cannot be read: {error}"))?;
            Ok::<_, String>(bytes)
        };
        match file.kind {
            FileKind::Yara => {
                let text = String::from_utf8(bytes()?).map_err(|error| format!("is not UTF-8 text: {error}"))?;
                self.yara.add(file.path.clone(), text);
            }
            FileKind::YaraCompiled => {
                let rules = yara_x::Rules::deserialize(bytes()?).map_err(|error| format!("compiled rules: {error}"))?;
                self.compiled.push(rules);
            }
            FileKind::Model => self.models.push(Model::load(&bytes()?).map_err(|error| error.to_string())?),
            FileKind::Database => {
                self.databases.push(Database::from_file(&open).map_err(|error| error.to_string())?);
            }
            FileKind::ClamAv => return Err("was to be compiled before it came here".into()),
        }
        self.loaded.files += 1;
        Ok(())
    }

    pub fn finish(self) -> (Arsenal, Loaded) {
        let Loader { yara, compiled: mut rules, databases, models, pua, mut loaded } = self;
        let compiled = yara.compile();
        loaded.rejected.extend(compiled.rejected);
        loaded.warnings = compiled.warnings;
        // Without a single rule there is nothing to run over every file.
        if compiled.rules.iter().len() > 0 {
            rules.insert(0, compiled.rules);
        }
        let rule_count = rules.iter().map(|rules| rules.iter().len()).sum();
        let infos = || databases.iter().map(Database::info);
        let counts = infos().flat_map(|info| &info.hashes).filter(|count| count.place != Place::Allow);
        let digests = counts.map(|count| count.count).sum();
        let patterns = infos().map(|info| info.patterns + info.logicals + info.members).sum();
        // Of two models for one type, the one that was named last: an operator's own comes after what is built in.
        let models: Vec<Model> = models.into_iter().rev().collect();
        loaded.rules = rule_count;
        loaded.hashes = digests;
        loaded.patterns = patterns;
        loaded.models = models.iter().map(name).collect();
        (Arsenal { databases, rules, models, pua, digests, patterns, rule_count }, loaded)
    }
}

fn name(model: &Model) -> String {
    let card = model.card();
    text::printable(text::clip(&format!("{} {}", card.name, card.version), 200)).into_owned()
}
