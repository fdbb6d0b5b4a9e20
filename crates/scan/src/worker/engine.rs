//! The bytes of one file against the compiled rules: what yara-x says, put into our words. The only code that looks at a
//! hostile file's bytes.

use crate::RejectedFile;
use crate::protocol::{RuleMatch, ScanAnswer, ScanRequest, Source};
use event::{Action, Severity, Technique};
use rustix::fd::OwnedFd;
use sha2::{Digest, Sha256};
use std::time::{Duration, Instant};
use yara_x::errors::CompileError;
use yara_x::{Compiler, MetaValue, Rule, Rules, ScanError, Scanner, SourceCode};

const CHUNK: usize = 256 << 10;
/// Warnings told; a large foreign set has thousands.
const MAX_WARNINGS: usize = 200;
const MAX_MATCHES_PER_PATTERN: usize = 1_000;

pub struct Compiled {
    pub rules: Rules,
    pub rejected: Vec<RejectedFile>,
    pub warnings: Vec<String>,
}

pub fn compile(sources: &[Source]) -> Compiled {
    let mut compiler = Compiler::new();
    compiler.colorize_errors(false).relaxed_re_syntax(true).enable_includes(false);
    let mut rejected = Vec::new();
    for source in sources {
        compiler.new_namespace(&source.namespace);
        let origin = source.file.to_string_lossy();
        let already = compiler.errors().len();
        if compiler.add_source(SourceCode::from(&*source.text).with_origin(origin)).is_err() {
            rejected.extend(compiler.errors()[already..].iter().map(|error| rejection(source, error)));
        }
    }
    let warnings = compiler.warnings().iter().take(MAX_WARNINGS).map(|w| first_lines(&w.to_string())).collect();
    Compiled { rules: compiler.build(), rejected, warnings }
}

fn rejection(source: &Source, error: &CompileError) -> RejectedFile {
    RejectedFile { file: source.file.clone(), rule_id: None, reason: first_lines(&error.to_string()) }
}

/// The message and where it points, without the drawing around it.
fn first_lines(report: &str) -> String {
    let lines: Vec<&str> = report.lines().map(str::trim).filter(|line| !line.is_empty() && *line != "|").collect();
    let text = lines.iter().take(3).copied().collect::<Vec<_>>().join(" ");
    event::text::clip(&text, 400).to_owned()
}

pub struct Engine<'r> {
    scanner: Scanner<'r>,
    buffer: Vec<u8>,
}

impl<'r> Engine<'r> {
    pub fn new(rules: &'r Rules) -> Self {
        let mut scanner = Scanner::new(rules);
        scanner.max_matches_per_pattern(MAX_MATCHES_PER_PATTERN);
        Engine { scanner, buffer: Vec::new() }
    }

    pub fn warm_up(&mut self) {
        self.scanner.set_timeout(Duration::from_secs(1));
        let _ = self.scanner.scan(b"#!/bin/sh\n");
    }

    pub fn scan(&mut self, file: &OwnedFd, request: &ScanRequest) -> ScanAnswer {
        let started = Instant::now();
        let timeout = Duration::from_millis(request.timeout_ms);
        self.buffer.clear();
        let mut answer = ScanAnswer::default();
        if let Err(error) = self.read(file, request, started + timeout, &mut answer) {
            answer.error = Some(error);
            return answer;
        }
        let left = timeout.saturating_sub(started.elapsed());
        if left.is_zero() {
            answer.timed_out = true;
            return answer;
        }
        self.scanner.set_timeout(left.max(Duration::from_secs(1)));
        match self.scanner.scan(&self.buffer) {
            Ok(results) => {
                let rules = results.matching_rules();
                let found = rules.len();
                answer.matches = rules.take(request.max_findings).map(|rule| told(&rule)).collect();
                answer.matches_left_out = found - answer.matches.len();
            }
            Err(ScanError::Timeout) => answer.timed_out = true,
            Err(error) => answer.error = Some(error.to_string()),
        }
        answer.seen = self.buffer.len() as u64;
        self.buffer.shrink_to(4 << 20);
        answer
    }

    /// Reads to the end or to the limits: the first part stays for the patterns, all of it goes through the digest.
    fn read(
        &mut self,
        file: &OwnedFd,
        request: &ScanRequest,
        deadline: Instant,
        answer: &mut ScanAnswer,
    ) -> Result<(), String> {
        let keep = request.max_file_bytes as usize;
        let mut digest = Sha256::new();
        let mut chunk = vec![0; CHUNK];
        let mut at = 0u64;
        loop {
            if Instant::now() >= deadline {
                answer.timed_out = true;
                return Ok(());
            }
            let got = match rustix::io::pread(file, &mut chunk, at) {
                Err(rustix::io::Errno::INTR) => continue,
                other => other.map_err(|error| format!("reading: {error}"))?,
            };
            if got == 0 {
                break;
            }
            let room = keep - self.buffer.len();
            self.buffer.extend_from_slice(&chunk[..got.min(room)]);
            digest.update(&chunk[..got]);
            at += got as u64;
            if at > request.max_hash_bytes {
                return Ok(());
            }
        }
        answer.whole = at == self.buffer.len() as u64;
        answer.sha256 = Some(hex::encode(digest.finalize()));
        Ok(())
    }
}

/// `meta` keys that have a meaning here: `severity`, `action`, `title`, `description`, `technique` (also `mitre_attack`).
fn told(rule: &Rule<'_, '_>) -> RuleMatch {
    let mut one = RuleMatch {
        namespace: rule.namespace().to_owned(),
        rule: rule.identifier().to_owned(),
        title: None,
        severity: Severity::High,
        action: None,
        techniques: Vec::new(),
        detail: String::new(),
    };
    for (key, value) in rule.metadata() {
        let MetaValue::String(text) = value else { continue };
        match key {
            "severity" => one.severity = text.parse().unwrap_or(one.severity),
            "action" => one.action = action(text),
            "title" => one.title = Some(event::text::clip(text, 200).to_owned()),
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
