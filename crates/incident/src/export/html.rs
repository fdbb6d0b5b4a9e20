//! The incident as one page for a file or a printer: no scripts, no fonts or pictures from elsewhere, every text escaped.

use super::escape::escape;
use crate::investigation::{AnswerState, Investigation};
use crate::model::{Incident, Sentence, Text};
use crate::strip::clock;
use crate::wording::{Language, filtered};
use event::Severity;
use std::fmt::Write as _;

const STYLE: &str = "\
body{font:15px/1.5 system-ui,'Noto Sans','Noto Sans JP',sans-serif;color:#1a1d21;max-width:60rem;margin:2rem auto;padding:0 1rem}\
h1{font-size:1.4rem;margin-bottom:.2rem}h2{font-size:1.1rem;margin:1.6rem 0 .4rem;border-bottom:1px solid #cfd4da}\
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.25rem .6rem .25rem 0;\
border-bottom:1px solid #e6e9ec;overflow-wrap:anywhere}th{white-space:nowrap;font-weight:600;width:1%}\
code{font:13px/1.4 ui-monospace,'DejaVu Sans Mono',monospace;overflow-wrap:anywhere}.meta,.why{color:#5c636b}\
tr{break-inside:avoid}@media print{body{margin:0;max-width:none}}";

/// A whole HTML document.
pub fn page(incident: &Incident, investigation: Option<&Investigation>, language: Language) -> String {
    let page = Page { incident, investigation, language, out: String::new() };
    page.write()
}

struct Page<'a> {
    incident: &'a Incident,
    investigation: Option<&'a Investigation>,
    language: Language,
    out: String,
}

impl Page<'_> {
    fn write(mut self) -> String {
        let incident = self.incident;
        let title = format!("{} · {}", incident.id, self.said(&incident.title));
        let lang = self.word("en", "ja");
        self.put(&format!(
            "<!doctype html>\n<html lang=\"{lang}\"><head><meta charset=\"utf-8\">\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\
             <title>{title}</title><style>{STYLE}</style></head><body>\n<h1>{title}</h1>\n",
            title = escape(&title)
        ));
        self.meta();
        self.strip();
        self.root_cause();
        self.timeline();
        self.artefacts();
        self.investigation();
        self.steps();
        self.put("</body></html>\n");
        self.out
    }

    fn put(&mut self, html: &str) {
        self.out.push_str(html);
    }

    fn word(&self, en: &'static str, ja: &'static str) -> &'static str {
        match self.language {
            Language::English => en,
            Language::Japanese => ja,
        }
    }

    fn said<'s>(&self, sentence: &'s Sentence) -> &'s str {
        sentence.text.of(self.language)
    }

    fn heading(&mut self, en: &'static str, ja: &'static str) {
        let heading = self.word(en, ja);
        let _ = writeln!(self.out, "<h2>{heading}</h2>");
    }

    fn row(&mut self, head: &str, html: &str) {
        let _ = writeln!(self.out, "<tr><th>{}</th><td>{html}</td></tr>", escape(head));
    }

    fn severity(&self, severity: Severity) -> String {
        filtered(severity.name(), "severity", self.language)
    }

    fn meta(&mut self) {
        let incident = self.incident;
        let alerts = filtered(&incident.alert_count.to_string(), "alerts", self.language);
        let (first, last) = (clock(incident.first.0, true), clock(incident.last.0, true));
        let line = format!("{} · {alerts} · {first} – {last} UTC", self.severity(incident.severity));
        let _ = writeln!(self.out, "<p class=\"meta\">{}</p>", escape(&line));
        if let Some(reason) = &incident.status_reason {
            let _ = writeln!(self.out, "<p class=\"meta\">{}</p>", escape(reason));
        }
    }

    fn strip(&mut self) {
        let incident = self.incident;
        let rows = [
            (self.word("Who", "誰が"), &incident.who.sentence),
            (self.word("What", "何を"), &incident.what.sentence),
            (self.word("When", "いつ"), &incident.when.sentence),
            (self.word("Where", "どこで"), &incident.place.sentence),
            (self.word("How", "どのように"), &incident.how.sentence),
        ];
        self.put("<table>");
        for (head, sentence) in rows {
            let html = escape(self.said(sentence));
            self.row(head, &html);
        }
        let impact: Vec<String> = incident.impact.iter().map(|sentence| escape(self.said(sentence))).collect();
        let head = self.word("So what", "影響");
        self.row(head, &impact.join("<br>"));
        self.put("</table>\n");
    }

    fn root_cause(&mut self) {
        self.heading("Root cause", "根本原因");
        self.put("<ol>");
        for step in &self.incident.root_cause {
            let html = format!(
                "<li><strong>{}</strong> <code>{}</code><br><span class=\"why\">{}</span></li>\n",
                escape(&step.name),
                escape(&step.command_line),
                escape(self.said(&step.reason))
            );
            self.put(&html);
        }
        self.put("</ol>\n");
    }

    fn timeline(&mut self) {
        self.heading("Timeline", "タイムライン");
        self.put("<table>");
        for entry in &self.incident.timeline {
            let techniques = entry.techniques.join(", ");
            let html = format!(
                "<tr><th>{}</th><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                clock(entry.time.0, true),
                escape(&self.severity(entry.severity)),
                escape(self.said(&entry.sentence)),
                escape(&techniques)
            );
            self.put(&html);
        }
        self.put("</table>\n");
    }

    /// What another host can be searched for.
    fn artefacts(&mut self) {
        let incident = self.incident;
        let nodes = incident.graph.nodes.iter().filter(|node| !node.ordinary);
        let mut programs: Vec<String> = nodes
            .filter_map(|node| node.process.as_ref())
            .filter_map(|process| Some(format!("{}  {}", process.sha256.as_ref()?, process.executable)))
            .collect();
        programs.sort();
        programs.dedup();
        let lists = [
            (self.word("Programs (SHA-256)", "プログラム（SHA-256）"), &programs),
            (self.word("Files", "ファイル"), &incident.place.files),
            (self.word("Addresses", "アドレス"), &incident.place.addresses),
            (self.word("Techniques", "テクニック"), &incident.techniques),
        ];
        self.heading("Artefacts", "痕跡");
        self.put("<table>");
        for (head, values) in lists.into_iter().filter(|(_, values)| !values.is_empty()) {
            let items: Vec<String> = values.iter().map(|value| format!("<code>{}</code>", escape(value))).collect();
            self.row(head, &items.join("<br>"));
        }
        self.put("</table>\n");
    }

    fn investigation(&mut self) {
        let Some(investigation) = self.investigation else { return };
        self.heading("Investigation", "調査");
        let conclusion = escape(investigation.conclusion.of(self.language));
        let finished = clock(investigation.finished.0, true);
        let _ = writeln!(self.out, "<p>{conclusion}</p><p class=\"meta\">{finished} UTC</p><table>");
        for weighed in &investigation.hypotheses {
            let (en, ja) = ("for", "賛成");
            let sides = format!(
                "{} {} · {} {}",
                weighed.support,
                self.word(en, ja),
                weighed.against,
                self.word("against", "反対")
            );
            self.row(weighed.name.of(self.language), &escape(&sides));
        }
        self.put("</table>\n<table>");
        for answered in &investigation.answers {
            let open = answered.state == AnswerState::Unanswered;
            let class = if open { " class=\"why\"" } else { "" };
            let said = |text: &Text| escape(text.of(self.language));
            let html =
                format!("<tr><td>{}</td><td{class}>{}</td></tr>\n", said(&answered.question), said(&answered.answer));
            self.put(&html);
        }
        self.put("</table>\n");
    }

    fn steps(&mut self) {
        self.heading("Next steps", "次の手順");
        self.put("<ol>");
        for step in &self.incident.next_steps {
            let html = format!("<li>{}</li>\n", escape(self.said(&step.sentence)));
            self.put(&html);
        }
        self.put("</ol>\n");
    }
}
