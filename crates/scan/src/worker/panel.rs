//! The voices about some bytes, in their order: known digests, pattern signatures, rules, the model. Each is asked unless
//! one before it was sure, and each can say afterwards what it said.

use super::arsenal::Arsenal;
use super::yara::{Looked, Patterns};
use crate::protocol::Match;
use event::{Engine, Reason, Severity};
use model::{Judgement, Level, Model};
use signatures::{By, Corrupt, Digests, FileType, Hit, Object, ScanOptions};
use std::time::{Duration, Instant};
use unpack::Kind;

/// Bytes to be judged: the file itself or a member of it, or the first window of a long one.
pub struct Exhibit<'b> {
    pub bytes: &'b [u8],
    /// Of the whole, of which `bytes` may be the beginning.
    pub size: u64,
    pub kind: Kind,
    /// Path inside the file; None for the file itself.
    pub member: Option<&'b str>,
    /// What it lies in, outermost first.
    pub containers: &'b [FileType],
    /// The bytes are all there is, so that a judgement of the whole makes sense.
    pub whole: bool,
    /// Of the whole content, those that are wanted.
    pub digests: Digests,
}

pub struct Panel<'a> {
    pub arsenal: &'a Arsenal,
    patterns: Patterns<'a>,
    scratch: model::Scratch,
    tally: Tally,
}

/// What was asked of one file with its members.
#[derive(Default)]
struct Tally {
    exhibits: u64,
    known: u64,
    signed: u64,
    matched: u64,
    /// Highest score with its threshold and the model's name.
    score: Option<(f64, Option<f64>, String)>,
    sure: bool,
    spared: Option<String>,
    allowed: Option<String>,
}

/// How the look at one exhibit ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard {
    Whole,
    /// Not everything could be matched, and why.
    Part(&'static str),
    /// A list of the signatures' own calls it good, whatever else they say.
    Allowed,
    TimedOut,
    Failed(String),
}

impl<'a> Panel<'a> {
    pub fn new(arsenal: &'a Arsenal) -> Self {
        let patterns = Patterns::new(&arsenal.rules);
        Panel { arsenal, patterns, scratch: model::Scratch::default(), tally: Tally::default() }
    }

    pub fn warm_up(&mut self) {
        let bytes = b"#!/bin/sh\n";
        for database in &self.arsenal.databases {
            let _ = database.scan(&Object::file(bytes), &ScanOptions::default());
        }
        let _ = self.patterns.look(bytes, Duration::from_secs(1), &mut |_| {});
    }

    /// For the next file. `spare_model`: why the model is not to be asked.
    pub fn begin(&mut self, spare_model: Option<String>) {
        self.tally = Tally { spared: spare_model, ..Tally::default() };
    }

    /// A digest alone settles it: nothing that is found inside could say more.
    pub fn is_sure(&self) -> bool {
        self.tally.sure
    }

    /// What the digests alone say. The name is of a list that allows it.
    pub fn known(
        &mut self,
        digests: &Digests,
        size: u64,
        member: Option<&str>,
        found: &mut dyn FnMut(Match),
    ) -> Result<Option<String>, Corrupt> {
        let mut hits = Vec::new();
        for database in &self.arsenal.databases {
            let known = database.lookup(digests, size, self.arsenal.pua)?;
            if known.allowed.is_some() {
                return Ok(known.allowed);
            }
            hits.extend(known.hits);
        }
        for hit in hits {
            self.tally.known += 1;
            self.tally.sure |= hit.severity >= Severity::High;
            found(told_hit(hit, member));
        }
        Ok(None)
    }

    pub fn hear(&mut self, exhibit: &Exhibit<'_>, deadline: Instant, found: &mut dyn FnMut(Match)) -> Heard {
        self.tally.exhibits += 1;
        match self.known(&exhibit.digests, exhibit.size, exhibit.member, found) {
            Ok(None) => {}
            Ok(Some(list)) => {
                self.tally.allowed.get_or_insert(list);
                return Heard::Allowed;
            }
            Err(error) => return Heard::Failed(format!("the signatures: {error}")),
        }
        let mut part = None;
        if self.arsenal.patterns > 0 {
            match self.match_signatures(exhibit, found) {
                Ok(incomplete) => part = incomplete,
                Err(error) => return Heard::Failed(format!("the signatures: {error}")),
            }
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Heard::TimedOut;
        }
        let matched = &mut self.tally.matched;
        let looked = self.patterns.look(exhibit.bytes, left, &mut |one| {
            *matched += 1;
            found(Match { member: exhibit.member.map(str::to_owned), ..one });
        });
        match looked {
            Looked::Whole => {}
            Looked::TimedOut => return Heard::TimedOut,
            Looked::Failed(error) => return Heard::Failed(error),
        }
        if exhibit.whole && !self.tally.sure && self.tally.spared.is_none() {
            self.ask_model(exhibit, found);
        }
        part.map_or(Heard::Whole, Heard::Part)
    }

    /// Why not all was matched, if so.
    fn match_signatures(
        &mut self,
        exhibit: &Exhibit<'_>,
        found: &mut dyn FnMut(Match),
    ) -> Result<Option<&'static str>, Corrupt> {
        let object = Object {
            bytes: exhibit.bytes,
            target: None,
            containers: exhibit.containers,
            truncated: !exhibit.whole,
            size: exhibit.size,
        };
        let options = ScanOptions { pua: self.arsenal.pua, ..ScanOptions::default() };
        let mut incomplete = None;
        for database in &self.arsenal.databases {
            let outcome = database.scan(&object, &options)?;
            incomplete = incomplete.or(outcome.incomplete);
            for hit in outcome.hits {
                self.tally.signed += 1;
                found(told_hit(hit, exhibit.member));
            }
        }
        Ok(incomplete)
    }

    /// Rules about members as their container tells them, before they are unpacked.
    pub fn member(&mut self, member: &signatures::Member<'_>, path: &str, found: &mut dyn FnMut(Match)) {
        for database in self.arsenal.databases.iter().filter(|database| database.has_member_rules()) {
            for hit in database.member(member) {
                self.tally.signed += 1;
                found(told_hit(hit, Some(path)));
            }
        }
    }

    fn ask_model(&mut self, exhibit: &Exhibit<'_>, found: &mut dyn FnMut(Match)) {
        let Some(model) = self.arsenal.model_for(exhibit.kind) else { return };
        let judgement = model.judge(exhibit.bytes, &mut self.scratch);
        let card = model.card();
        if self.tally.score.as_ref().is_none_or(|(best, ..)| judgement.score > *best) {
            let name = format!("{} {}", card.name, card.version);
            self.tally.score = Some((judgement.score, judgement.threshold, name));
        }
        if let Some(level) = judgement.level {
            found(told_judgement(model, level, &judgement, exhibit.member));
        }
    }

    /// What each voice said, in the order in which they were asked.
    pub fn voices(&self) -> Vec<Reason> {
        let Tally { exhibits, known, signed, matched, .. } = self.tally;
        let files = match exhibits {
            0 | 1 => "the file".to_owned(),
            n => format!("the file and {} members", n - 1),
        };
        let say = |engine, of: u64, what: &str, found: u64| {
            let text = match (of, &self.tally.allowed, found) {
                (0, ..) => format!("not asked, because no {what} are loaded"),
                (_, Some(list), _) => format!("{files}: allowed by {list}"),
                (_, None, 0) => format!("{files}: none of {of} {what}"),
                (_, None, n) => format!("{files}: {n} found by {of} {what}"),
            };
            Reason { engine: Some(engine), text }
        };
        vec![
            say(Engine::Hash, self.arsenal.digests, "known digests", known),
            say(Engine::Signature, self.arsenal.patterns, "signatures", signed),
            say(Engine::Yara, self.arsenal.rule_count as u64, "rules", matched),
            Reason { engine: Some(Engine::Model), text: self.model_says() },
        ]
    }

    fn model_says(&self) -> String {
        if let Some(why) = &self.tally.spared {
            return format!("not asked, because {why}");
        }
        match &self.tally.score {
            Some((score, threshold, name)) => {
                let held = threshold.map(|t| format!(", held against {t:.4}")).unwrap_or_default();
                format!("{name}: score {score:.4}{held}")
            }
            None if self.tally.sure => "not asked, because the digest is known".into(),
            None if self.tally.allowed.is_some() => "not asked, because a list allows it".into(),
            None if self.arsenal.models.is_empty() => "not asked, because no model is loaded".into(),
            None => "not asked, because there is no model for this type of file".into(),
        }
    }
}

fn told_hit(hit: Hit, member: Option<&str>) -> Match {
    let (engine, kind, what) = match hit.by {
        By::Hash(algorithm) => (Engine::Hash, "hash", format!("its {} is known", shown(algorithm.name()))),
        By::SectionHash(algorithm) => {
            (Engine::Hash, "hash", format!("the {} of a section of it is known", shown(algorithm.name())))
        }
        By::Pattern => (Engine::Signature, "signature", "its bytes match".to_owned()),
        By::Logical => (Engine::Signature, "signature", "its bytes match in several places".to_owned()),
        By::Member => (Engine::Signature, "signature", "its container describes it so".to_owned()),
    };
    let at = hit.at.map(|at| format!(" at {at:#x}")).unwrap_or_default();
    let pua = if hit.pua { "; potentially unwanted" } else { "" };
    Match {
        engine,
        rule_id: format!("{kind}:{}", hit.name),
        name: hit.name,
        severity: hit.severity,
        action: None,
        techniques: Vec::new(),
        detail: format!("{what}{at}{pua}"),
        member: member.map(str::to_owned),
        matched: Vec::new(),
    }
}

fn shown(algorithm: &str) -> &str {
    match algorithm {
        "md5" => "MD5",
        "sha1" => "SHA-1",
        _ => "SHA-256",
    }
}

/// The model's own severities: worth a look, or beyond the threshold of its strictest measured error rate.
fn told_judgement(model: &Model, level: Level, judgement: &Judgement, member: Option<&str>) -> Match {
    let card = model.card();
    let (severity, word) = match level {
        Level::Suspicious => (Severity::Medium, "suspicious"),
        Level::Malicious => (Severity::High, "malicious"),
    };
    let rate = judgement.false_positive_rate.map(|rate| format!(", false positives {:.3} %", rate * 100.0));
    let threshold = judgement.threshold.unwrap_or_default();
    let mut detail = format!("score {:.4}, threshold {threshold:.4}{}", judgement.score, rate.unwrap_or_default());
    for (n, reason) in judgement.reasons.iter().filter(|reason| reason.contribution > 0.0).take(5).enumerate() {
        detail.push_str(if n == 0 { ": " } else { ", " });
        detail.push_str(event::text::clip(&reason.en, 200));
    }
    // The same words in Japanese stand beside, for whoever reads the console in it.
    let fields = |reason: &model::Reason| {
        [
            (format!("model_reason.{}", reason.key), format!("{:+.3} {}", reason.contribution, reason.en)),
            (format!("model_reason_ja.{}", reason.key), reason.ja.clone()),
        ]
    };
    Match {
        engine: Engine::Model,
        rule_id: format!("model:{}", card.name),
        name: format!("Looks {word} to the model {} {}", card.name, card.version),
        severity,
        action: None,
        techniques: Vec::new(),
        detail,
        member: member.map(str::to_owned),
        matched: judgement.reasons.iter().flat_map(fields).collect(),
    }
}
