//! How much a change matters: the first rule of the policy and its sets that speaks of the file, or the policy's own
//! severity. A file that takes on the rights of its owner is a matter of its own, whatever the rules say.

use crate::below::ByFolder;
use event::{Attribute, ChangeKind, Engine, FileChange, Finding, RuleId, Severity, Technique};
use std::collections::HashMap;
use verdict::{Integrity, IntegrityRule};

pub struct Judge {
    rules: Vec<IntegrityRule>,
    /// Numbers of rules by the folders that they speak of.
    places: ByFolder<usize>,
    /// By id; of two that have one the first, which is the policy's own.
    named: HashMap<String, usize>,
    severity: Severity,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Ruling {
    /// `integrity.accounts`.
    pub id: String,
    pub title: String,
    pub severity: Severity,
    pub techniques: Vec<Technique>,
}

impl Judge {
    pub fn new(policy: &Integrity) -> Judge {
        let sets = policy.chosen().into_iter().flat_map(|set| set.rules);
        Judge::of(policy.rules.iter().cloned().chain(sets).collect(), policy.severity)
    }

    /// `severity` is that of a change that no rule speaks of.
    pub fn of(rules: Vec<IntegrityRule>, severity: Severity) -> Judge {
        let (mut places, mut named) = (ByFolder::default(), HashMap::new());
        for (number, rule) in rules.iter().enumerate() {
            rule.path.iter().for_each(|glob| places.add_prefix(glob.prefix(), number));
            named.entry(rule.id.clone()).or_insert(number);
        }
        Judge { rules, places, named, severity }
    }

    /// The rule of a ruling's id, with or without `integrity.` before it.
    pub fn named(&self, id: &str) -> Option<&IntegrityRule> {
        let number = self.named.get(id.strip_prefix("integrity.").unwrap_or(id))?;
        self.rules.get(*number)
    }

    /// The rule that says which requirements a told change answers: the one that gave it its severity; of a change that was
    /// judged by none of these, the first that speaks of the file.
    pub fn answering(&self, id: &str, path: &str) -> Option<&IntegrityRule> {
        self.named(id).or_else(|| self.first(path, &[Attribute::Content]))
    }

    fn first(&self, path: &str, changed: &[Attribute]) -> Option<&IntegrityRule> {
        let mut numbers: Vec<usize> = self.places.about(path).copied().collect();
        numbers.sort_unstable();
        numbers.into_iter().map(|number| &self.rules[number]).find(|rule| rule.fits(path, changed))
    }

    pub fn rules(&self) -> &[IntegrityRule] {
        &self.rules
    }

    /// `raises` says that the file lends its owner's rights now and did not before.
    pub fn rule(&self, path: &str, what: &ChangeKind, changed: &[Attribute], raises: bool) -> Ruling {
        if raises {
            return Ruling {
                id: "integrity.set-uid".into(),
                title: "A program lends its owner's rights to whoever starts it".into(),
                severity: Severity::High,
                techniques: vec![Technique::sub(1548, 1)],
            };
        }
        let comes_or_goes = !matches!(what, ChangeKind::Modified | ChangeKind::Attributes);
        let changed = if comes_or_goes { &[Attribute::Content] } else { changed };
        match self.first(path, changed) {
            Some(rule) => Ruling {
                id: format!("integrity.{}", rule.id),
                title: rule.title.clone(),
                severity: rule.severity,
                techniques: rule.techniques.clone(),
            },
            None => Ruling {
                id: "integrity.change".into(),
                title: "A watched file changed".into(),
                severity: self.severity,
                techniques: Vec::new(),
            },
        }
    }
}

impl Ruling {
    /// The finding over one or more changes that one process tree made and that broke this one rule; `who` names it.
    pub fn finding(&self, changes: &[&FileChange], who: &str) -> Finding {
        let first = changes[0];
        let verb = match &first.what {
            ChangeKind::Created => "made",
            ChangeKind::Modified => "changed the content of",
            ChangeKind::Attributes => "changed the attributes of",
            ChangeKind::Renamed { .. } => "renamed",
            ChangeKind::Deleted => "deleted",
            ChangeKind::Expected | ChangeKind::Unverified => "installed",
            ChangeKind::Baseline => "took",
        };
        let path = event::text::printable(&first.file.path);
        let mut detail = match changes.len() {
            1 => format!("{who} {verb} {path}"),
            n => format!("{who} {verb} {path} and changed {} watched files besides", n - 1),
        };
        detail.push_str(&format!(": {}", first.why));
        let mut matched = vec![("file_path".to_owned(), first.file.path.to_string())];
        for one in first.changed.iter().filter(|one| one.attribute != Attribute::Content).take(6) {
            matched.push((format!("before_{}", one.attribute), one.before.clone()));
            matched.push((format!("after_{}", one.attribute), one.after.clone()));
        }
        if let Some(diff) = &first.diff {
            matched.push(("integrity_diff".to_owned(), event::text::clip(diff, 4_000).to_owned()));
        }
        for other in changes.iter().skip(1).take(20) {
            matched.push(("file_path".to_owned(), other.file.path.to_string()));
        }
        Finding {
            engine: Engine::Integrity,
            rule_id: RuleId::new(self.id.as_str()),
            name: self.title.clone(),
            severity: self.severity,
            techniques: self.techniques.clone(),
            tactics: Vec::new(),
            detail,
            matched,
            asks: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_that_speaks_of_it() {
        let text = "version = 1\n[integrity]\nsets = [\"pci-dss-11.5.2\", \"linux\"]\nseverity = \"info\"\n\
            [[integrity.rule]]\nid = \"own\"\ntitle = \"Ours\"\npath = [\"/etc/app/**\"]\nseverity = \"critical\"\n";
        let policy = verdict::Policy::parse("test", text).unwrap();
        let judge = Judge::new(&policy.integrity);
        let check = |path: &str, what: ChangeKind, changed: &[Attribute], raises, expected: &str, severity| {
            let ruling = judge.rule(path, &what, changed, raises);
            assert_eq!((&*ruling.id, ruling.severity), (expected, severity), "{path}");
        };
        use Severity::*;
        check("/etc/app/x", ChangeKind::Modified, &[Attribute::Content], false, "integrity.own", Critical);
        check("/usr/bin/ls", ChangeKind::Attributes, &[Attribute::Mode], false, "integrity.pci-special-rights", High);
        check("/usr/bin/ls", ChangeKind::Created, &[Attribute::Mode], false, "integrity.programs", Medium);
        check("/usr/bin/ls", ChangeKind::Attributes, &[Attribute::Mode], true, "integrity.set-uid", High);
        check("/etc/motd", ChangeKind::Modified, &[Attribute::Content], false, "integrity.change", Info);
    }

    /// The order counts, not where a rule stands; and of ten thousand only those are tried that speak of the folder.
    #[test]
    fn ten_thousand_rules() {
        let rule = |id: String, path: String| IntegrityRule {
            title: id.clone(),
            id,
            path: vec![path.into()],
            on: Vec::new(),
            severity: Severity::High,
            techniques: Vec::new(),
            pci: Vec::new(),
            cis: Vec::new(),
        };
        let mut rules: Vec<IntegrityRule> =
            (0..10_000).map(|n| rule(format!("app-{n}"), format!("/srv/app{n}/**"))).collect();
        rules.push(rule("all".into(), "**/*.conf".into()));
        rules.push(rule("late".into(), "/srv/other/**".into()));
        let judge = Judge::of(rules, Severity::Low);
        let check = |path: &str, expected: &str| {
            assert_eq!(judge.rule(path, &ChangeKind::Modified, &[Attribute::Content], false).id, expected, "{path}");
        };
        check("/srv/app9999/bin/run", "integrity.app-9999");
        check("/srv/app7/x.conf", "integrity.app-7");
        check("/srv/other/x.conf", "integrity.all");
        check("/srv/other/x", "integrity.late");
        check("/srv/x", "integrity.change");
        assert_eq!(judge.places.about("/srv/app9999/bin/run").count(), 2);
        assert_eq!(judge.named("integrity.app-3").map(|rule| &*rule.title), Some("app-3"));
    }
}
