//! YARA: texts to compiled rules, and what yara-x says of bytes put into our words.
//!
//! Each file is a namespace of its own, so that two files may hold rules of one name. External variables are declared for
//! all of them; one that a rule uses and nobody gave is that rule's error, told with its file.

use crate::RejectedFile;
use crate::protocol::Match;
use event::{Action, Engine, Severity, Technique};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use yara_x::errors::CompileError;
use yara_x::{Compiler, MetaValue, Rule, Rules, ScanError, Scanner, SourceCode};

/// Warnings told; a large foreign set has thousands.
const MAX_WARNINGS: usize = 200;
const MAX_MATCHES_PER_PATTERN: usize = 1_000;

pub struct Compiled {
    pub rules: Rules,
    pub rejected: Vec<RejectedFile>,
    pub warnings: Vec<String>,
}

/// Rule texts on their way into one set of compiled rules.
pub struct Texts {
    compiler: Compiler<'static>,
    taken: HashMap<String, usize>,
    rejected: Vec<RejectedFile>,
}

impl Texts {
    pub fn new(variables: &[(String, String)]) -> Self {
        let mut compiler = Compiler::new();
        compiler.colorize_errors(false).relaxed_re_syntax(true).enable_includes(false);
        let mut rejected = Vec::new();
        for (name, value) in variables {
            if let Err(error) = define(&mut compiler, name, value) {
                let file = PathBuf::from(format!("-d {name}={value}"));
                rejected.push(RejectedFile { file, rule_id: None, reason: error.to_string() });
            }
        }
        Texts { compiler, taken: HashMap::new(), rejected }
    }

    pub fn add(&mut self, file: PathBuf, text: String) {
        let namespace = self.namespace(&file);
        self.compiler.new_namespace(&namespace);
        let origin = file.to_string_lossy().into_owned();
        let already = self.compiler.errors().len();
        if self.compiler.add_source(SourceCode::from(&*text).with_origin(&*origin)).is_err() {
            self.rejected.extend(self.compiler.errors()[already..].iter().map(|error| rejection(&file, error)));
        }
    }

    fn namespace(&mut self, file: &Path) -> String {
        let stem = stem_of(file);
        let count = self.taken.entry(stem.clone()).and_modify(|n| *n += 1).or_insert(1);
        if *count == 1 { stem } else { format!("{stem}_{count}") }
    }

    pub fn compile(self) -> Compiled {
        let warnings =
            self.compiler.warnings().iter().take(MAX_WARNINGS).map(|w| first_lines(&w.to_string())).collect();
        Compiled { rules: self.compiler.build(), rejected: self.rejected, warnings }
    }
}

/// As `yara -d` reads it: a whole number, a decimal one, true or false, else text.
fn define(compiler: &mut Compiler<'_>, name: &str, value: &str) -> Result<(), yara_x::errors::VariableError> {
    if let Ok(number) = value.parse::<i64>() {
        compiler.define_global(name, number)?;
    } else if let Ok(number) = value.parse::<f64>() {
        compiler.define_global(name, number)?;
    } else if let Ok(truth) = value.parse::<bool>() {
        compiler.define_global(name, truth)?;
    } else {
        compiler.define_global(name, value)?;
    }
    Ok(())
}

fn stem_of(path: &Path) -> String {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let name: String = stem.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).take(100).collect();
    if name.is_empty() { "rules".into() } else { name }
}

fn rejection(file: &Path, error: &CompileError) -> RejectedFile {
    RejectedFile { file: file.to_owned(), rule_id: None, reason: first_lines(&error.to_string()) }
}

/// The message and where it points, without the drawing around it.
fn first_lines(report: &str) -> String {
    let lines: Vec<&str> = report.lines().map(str::trim).filter(|line| !line.is_empty() && *line != "|").collect();
    let text = lines.iter().take(3).copied().collect::<Vec<_>>().join(" ");
    event::text::clip(&text, 400).to_owned()
}

/// The compiled rules with the memory they match in.
pub struct Patterns<'r> {
    scanners: Vec<Scanner<'r>>,
}

/// How a look at some bytes ended.
pub enum Looked {
    Whole,
    TimedOut,
    Failed(String),
}

impl<'r> Patterns<'r> {
    pub fn new(rules: &'r [Rules]) -> Self {
        let mut scanners: Vec<Scanner<'r>> = rules.iter().map(Scanner::new).collect();
        for scanner in &mut scanners {
            scanner.max_matches_per_pattern(MAX_MATCHES_PER_PATTERN);
        }
        Patterns { scanners }
    }

    /// `within` at least a second, which is the step of yara-x's clock.
    pub fn look(&mut self, bytes: &[u8], within: Duration, found: &mut dyn FnMut(Match)) -> Looked {
        for scanner in &mut self.scanners {
            scanner.set_timeout(within.max(Duration::from_secs(1)));
            match scanner.scan(bytes) {
                Ok(results) => results.matching_rules().for_each(|rule| found(told(&rule))),
                Err(ScanError::Timeout) => return Looked::TimedOut,
                Err(error) => return Looked::Failed(error.to_string()),
            }
        }
        Looked::Whole
    }
}

/// `meta` keys that have a meaning here: `severity`, `action`, `title`, `description`, `technique` (also `mitre_attack`).
fn told(rule: &Rule<'_, '_>) -> Match {
    let mut one = Match {
        engine: Engine::Yara,
        rule_id: format!("{}:{}", rule.namespace(), rule.identifier()),
        name: rule.identifier().to_owned(),
        severity: Severity::High,
        action: None,
        techniques: Vec::new(),
        detail: String::new(),
        member: None,
        matched: Vec::new(),
    };
    for (key, value) in rule.metadata() {
        let MetaValue::String(text) = value else { continue };
        match key {
            "severity" => one.severity = text.parse().unwrap_or(one.severity),
            "action" => one.action = action(text),
            "title" => one.name = event::text::clip(text, 200).to_owned(),
            "description" => one.detail = format!("{}; ", event::text::clip(text, 400)),
            "technique" | "mitre_attack" => one.techniques.extend(techniques(text)),
            _ => {}
        }
    }
    one.techniques.extend(rule.tags().flat_map(|tag| techniques(&tag.identifier().replace('_', "."))));
    one.detail.push_str(&evidence(rule));
    one
}

fn action(text: &str) -> Option<Action> {
    [Action::Allow, Action::Alert, Action::Deny, Action::Kill, Action::Quarantine]
        .into_iter()
        .find(|a| a.name() == text)
}

fn techniques(text: &str) -> Vec<Technique> {
    text.split([',', ' ']).filter_map(|part| part.trim().parse().ok()).take(8).collect()
}

/// Which patterns stood where, the first few.
fn evidence(rule: &Rule<'_, '_>) -> String {
    let mut places = Vec::new();
    for pattern in rule.patterns() {
        if let Some(first) = pattern.matches().next() {
            places.push(format!("{} at {:#x}", pattern.identifier(), first.range().start));
        }
        if places.len() == 5 {
            break;
        }
    }
    if places.is_empty() { "its condition holds".into() } else { format!("matched {}", places.join(", ")) }
}
