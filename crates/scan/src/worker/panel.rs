//! The voices about some bytes, in their order: sets of known files, signatures, the model. Each is asked unless one before
//! it was sure, and each can say afterwards what it said.

use super::arsenal::Arsenal;
use super::yara::{Looked, Patterns};
use crate::protocol::Match;
use event::{Engine, Reason, Severity};
use model::{Judgement, Level, Model};
use std::time::{Duration, Instant};
use unpack::Kind;

/// Bytes to be judged: the file itself or a member of it, or the first window of a long one.
pub struct Exhibit<'b> {
    pub bytes: &'b [u8],
    pub kind: Kind,
    /// Path inside the file; None for the file itself.
    pub member: Option<&'b str>,
    /// The bytes are all there is, so that a judgement of the whole makes sense.
    pub whole: bool,
    /// Of the whole content.
    pub sha256: Option<[u8; 32]>,
}

pub struct Panel<'a> {
    arsenal: &'a Arsenal,
    patterns: Patterns<'a>,
    scratch: model::Scratch,
    tally: Tally,
}

/// What was asked of one file with its members.
#[derive(Default)]
struct Tally {
    exhibits: u64,
    known: u64,
    matched: u64,
    models: u64,
    /// Highest score with its threshold and the model's name.
    score: Option<(f64, Option<f64>, String)>,
    sure: bool,
    spared: Option<String>,
}

/// How the look at one exhibit ended.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard {
    Whole,
    TimedOut,
    Failed(String),
}

impl<'a> Panel<'a> {
    pub fn new(arsenal: &'a Arsenal) -> Self {
        let patterns = Patterns::new(&arsenal.rules);
        Panel { arsenal, patterns, scratch: model::Scratch::default(), tally: Tally::default() }
    }

    pub fn warm_up(&mut self) {
        let _ = self.patterns.look(b"#!/bin/sh\n", Duration::from_secs(1), &mut |_| {});
    }

    /// For the next file. `spare_model`: why the model is not to be asked.
    pub fn begin(&mut self, spare_model: Option<String>) {
        self.tally = Tally { spared: spare_model, ..Tally::default() };
    }

    /// Whether members need their digest.
    pub fn wants_digests(&self) -> bool {
        !self.arsenal.digests.is_empty()
    }

    /// A digest alone settles it: nothing that is found inside could say more.
    pub fn is_sure(&self) -> bool {
        self.tally.sure
    }

    pub fn digest(&mut self, digest: &[u8; 32], member: Option<&str>, found: &mut dyn FnMut(Match)) {
        if let Some(known) = self.arsenal.digests.finding(digest) {
            self.tally.known += 1;
            self.tally.sure |= known.severity >= Severity::High;
            found(Match { member: member.map(str::to_owned), ..known });
        }
    }

    pub fn hear(&mut self, exhibit: &Exhibit<'_>, deadline: Instant, found: &mut dyn FnMut(Match)) -> Heard {
        self.tally.exhibits += 1;
        if let Some(digest) = &exhibit.sha256 {
            self.digest(digest, exhibit.member, found);
        }
        let left = deadline.saturating_duration_since(Instant::now());
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
        Heard::Whole
    }

    fn ask_model(&mut self, exhibit: &Exhibit<'_>, found: &mut dyn FnMut(Match)) {
        let Some(model) = self.arsenal.model_for(exhibit.kind) else { return };
        let judgement = model.judge(exhibit.bytes, &mut self.scratch);
        self.tally.models += 1;
        let card = model.card();
        if self.tally.score.as_ref().is_none_or(|(best, ..)| judgement.score > *best) {
            let name = format!("{} {}", card.name, card.version);
            self.tally.score = Some((judgement.score, judgement.threshold, name));
        }
        if let Some(level) = judgement.level {
            found(told(model, level, &judgement, exhibit.member));
        }
    }

    /// What each voice said, in the order in which they were asked.
    pub fn voices(&self) -> Vec<Reason> {
        let Tally { exhibits, known, matched, .. } = self.tally;
        let say = |engine, text| Reason { engine: Some(engine), text };
        let files =
            if exhibits == 1 { "the file".to_owned() } else { format!("the file and {} members", exhibits - 1) };
        let mut voices = Vec::new();
        let digests = self.arsenal.digests.len();
        voices.push(say(
            Engine::Hash,
            match known {
                _ if digests == 0 => "not asked, because no set of known files is loaded".into(),
                0 => format!("{files}: in none of {digests} known"),
                n => format!("{files}: {n} known"),
            },
        ));
        voices.push(say(
            Engine::Yara,
            match matched {
                _ if self.patterns.are_none() => "not asked, because no rule is loaded".into(),
                0 => format!("{files}: none of {} rules", self.arsenal.rule_count()),
                n => format!("{files}: {n} matches of {} rules", self.arsenal.rule_count()),
            },
        ));
        voices.push(say(Engine::Model, self.model_says()));
        voices
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
            None if self.arsenal.models.is_empty() => "not asked, because no model is loaded".into(),
            None => "not asked, because there is no model for this type of file".into(),
        }
    }
}

/// The model's own severities: worth a look, or beyond the threshold of its strictest measured error rate.
fn told(model: &Model, level: Level, judgement: &Judgement, member: Option<&str>) -> Match {
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
    let fields = |reason: &model::Reason| {
        (format!("model_reason.{}", reason.key), format!("{:+.3} {}", reason.contribution, reason.en))
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
        matched: judgement.reasons.iter().map(fields).collect(),
    }
}
