//! The incident as A4 pages: the same parts as the page for a browser, as lines.

use crate::investigation::{AnswerState, Investigation};
use crate::model::{Incident, Sentence};
use crate::strip::clock;
use crate::wording::{Language, filtered};
use event::text::{clip, printable};
use paper::{Face, Pages};

/// Entries of the timeline: a report is for reading, JSON has all.
const ENTRIES: usize = 200;

pub fn report(incident: &Incident, investigation: Option<&Investigation>, language: Language) -> Vec<u8> {
    let title = format!("{} {}", incident.id, said(&incident.title, language));
    let mut report = Report { pages: Pages::new(title.clone()), language };
    report.line(Face::Title, &title);
    report.head(incident);
    report.root_cause(incident);
    if let Some(investigation) = investigation {
        report.investigation(investigation);
    }
    report.timeline(incident);
    report.heading("Next steps", "次の手順");
    for (number, step) in incident.next_steps.iter().enumerate() {
        report.line(Face::Plain, &format!("{}. {}", number + 1, said(&step.sentence, language)));
    }
    report.pages.finish()
}

fn said(sentence: &Sentence, language: Language) -> &str {
    sentence.text.of(language)
}

struct Report {
    pages: Pages,
    language: Language,
}

impl Report {
    /// What comes from hosts is written out, not obeyed.
    fn line(&mut self, face: Face, text: &str) {
        self.pages.line(face, &printable(text));
    }

    fn word(&self, en: &'static str, ja: &'static str) -> &'static str {
        if self.language == Language::Japanese { ja } else { en }
    }

    fn heading(&mut self, en: &'static str, ja: &'static str) {
        let heading = self.word(en, ja);
        self.line(Face::Heading, heading);
    }

    fn head(&mut self, incident: &Incident) {
        let severity = filtered(incident.severity.name(), "severity", self.language);
        let alerts = filtered(&incident.alert_count.to_string(), "alerts", self.language);
        let (first, last) = (clock(incident.first.0, true), clock(incident.last.0, true));
        self.line(Face::Small, &format!("{severity} · {alerts} · {first} – {last} UTC"));
        if let Some(reason) = &incident.status_reason {
            self.line(Face::Small, reason);
        }
        let parts = [
            ("Who", "誰が", &incident.who.sentence),
            ("What", "何を", &incident.what.sentence),
            ("When", "いつ", &incident.when.sentence),
            ("Where", "どこで", &incident.place.sentence),
            ("How", "どのように", &incident.how.sentence),
        ];
        for (en, ja, sentence) in parts {
            let line = format!("{}: {}", self.word(en, ja), said(sentence, self.language));
            self.line(Face::Plain, &line);
        }
        for sentence in &incident.impact {
            let line = format!("{}: {}", self.word("So what", "影響"), said(sentence, self.language));
            self.line(Face::Plain, &line);
        }
    }

    fn root_cause(&mut self, incident: &Incident) {
        self.heading("Root cause", "根本原因");
        for (depth, step) in incident.root_cause.iter().enumerate() {
            let blank = "  ".repeat(depth.min(12));
            self.line(Face::Fixed, &format!("{blank}{}  {}", step.name, clip(&step.command_line, 300)));
            let why = format!("{blank}{}", said(&step.reason, self.language));
            self.line(Face::Small, &why);
        }
    }

    fn investigation(&mut self, investigation: &Investigation) {
        self.heading("Investigation", "調査");
        let language = self.language;
        self.line(Face::Plain, investigation.conclusion.of(language));
        for weighed in &investigation.hypotheses {
            let (name, more, less) = (weighed.name.of(language), weighed.support, weighed.against);
            let sides = match language {
                Language::English => format!("{name}: {more} for, {less} against"),
                Language::Japanese => format!("{name}: 賛成 {more}、反対 {less}"),
            };
            self.line(Face::Plain, &sides);
        }
        for answered in &investigation.answers {
            self.line(Face::Small, answered.question.of(language));
            let open = answered.state == AnswerState::Unanswered;
            let mark = if open { "    ? " } else { "    " };
            self.line(Face::Plain, &format!("{mark}{}", answered.answer.of(language)));
            for note in &answered.notes {
                self.line(Face::Small, &format!("    {note}"));
            }
        }
    }

    fn timeline(&mut self, incident: &Incident) {
        self.heading("Timeline", "タイムライン");
        for entry in incident.timeline.iter().take(ENTRIES) {
            let sentence = said(&entry.sentence, self.language);
            let line = format!("{}  {sentence}  {}", clock(entry.time.0, true), entry.techniques.join(", "));
            self.line(Face::Plain, &line);
        }
        let more = incident.timeline.len().saturating_sub(ENTRIES);
        if more > 0 {
            self.line(Face::Small, &format!("+{more}"));
        }
    }
}
