//! Rule files → a set that can be matched, and the report of what could not be used.

mod intake;

use crate::correlate::{Correlator, Plan};
use crate::document::{Detection, Rule};
use crate::group::{Group, GroupBuilder, NeverTrue};
use crate::logsource::{Fed, Feed, LogSource, feed};
use crate::matcher::{ForeignMatcher, Matcher};
use crate::pipeline::{self, Pipeline};
use crate::report::Report;
use crate::taxonomy::{self, Origin};
use crate::tell::Meta;
use intake::Intake;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a compilation may be told.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Values for `%name%` under the `expand` modifier.
    pub placeholders: BTreeMap<String, Vec<String>>,
    /// Applied to every rule before anything else, by priority.
    pub pipelines: Vec<Pipeline>,
    /// Kinds of logs that foreign records may come from. Without any, rules are taken as they are written.
    pub views: Vec<View>,
}

/// One kind of log: how rules are changed to fit it. A rule runs in every view that knows its log source.
#[derive(Clone, Debug)]
pub struct View {
    pub name: String,
    pub pipelines: Vec<Pipeline>,
}

/// Rules for this agent's own events.
#[derive(Debug)]
pub struct RuleSet {
    /// By [`Feed`].
    pub(crate) groups: Vec<Option<Group>>,
    pub(crate) rules: Vec<Meta>,
    pub(crate) plan: Arc<Plan>,
    usable: usize,
}

/// Rules for records of other origin, by their log source.
#[derive(Debug)]
pub struct ForeignRules {
    /// Asked first of each record: which groups may have something to say.
    pub(crate) router: Group,
    pub(crate) groups: Vec<(LogSource, Group)>,
    pub(crate) rules: Vec<Meta>,
    pub(crate) plan: Arc<Plan>,
}

impl RuleSet {
    /// `files` are (name, text); names stand in the report.
    pub fn compile(files: impl IntoIterator<Item = (String, String)>) -> (RuleSet, Report) {
        Self::compile_with(files, &Options::default())
    }

    pub fn compile_with(files: impl IntoIterator<Item = (String, String)>, options: &Options) -> (RuleSet, Report) {
        let mut builders: BTreeMap<Feed, GroupBuilder> = BTreeMap::new();
        let mut intake = Intake::default();
        let pipelines = sorted(&options.pipelines);
        intake.read(files, &options.placeholders, &mut |index, rule| {
            pipeline::apply(&pipelines, rule).map_err(|error| error.to_string())?;
            taxonomy_is_known(rule)?;
            let Fed { feed, lines } = feed(&rule.log_source)?;
            rule.gate.extend(lines);
            let rule = &*rule;
            add(builders.entry(feed).or_default(), index, rule, &rule.gate, &|field| taxonomy::origin(field, feed))
        });
        let mut groups: Vec<Option<Group>> = (0..Feed::COUNT).map(|_| None).collect();
        for (feed, builder) in builders {
            groups[feed as usize] = intake.finish(builder);
        }
        let usable = intake.report.usable;
        (RuleSet { groups, rules: intake.rules, plan: Arc::new(intake.plan), usable }, intake.report)
    }

    /// For logs of any origin: every log source is taken, fields are matched by the names that the rules and their
    /// pipelines use.
    pub fn compile_foreign(
        files: impl IntoIterator<Item = (String, String)>,
        options: &Options,
    ) -> (ForeignRules, Report) {
        let mut intake = Intake::default();
        let mut routes = Routes::default();
        let (own, views) = (sorted(&options.pipelines), options.sorted_views());
        let mut taken = |seen: &Rule, index: u32, _: &str| routes.add(index, seen);
        intake.read(files, &options.placeholders, &mut |index, rule| each_view(index, rule, &own, &views, &mut taken));
        let (router, groups) = routes.finish(&mut intake);
        (ForeignRules { router, groups, rules: intake.rules, plan: Arc::new(intake.plan) }, intake.report)
    }

    pub fn matcher(self: &Arc<Self>) -> Matcher {
        Matcher::new(self.clone())
    }

    /// Usable rules, correlations and filters.
    pub fn len(&self) -> usize {
        self.usable
    }

    pub fn is_empty(&self) -> bool {
        self.usable == 0
    }
}

/// Our events bear the names of Sigma's own taxonomy and of ECS; a rule in other words needs a pipeline that says them in ours.
fn taxonomy_is_known(rule: &Rule) -> Result<(), String> {
    match rule.attributes.get("taxonomy").map(|name| name.trim().to_lowercase()) {
        Some(name) if !rule.handled && !matches!(name.as_str(), "" | "sigma" | "ecs") => {
            Err(format!("its taxonomy {name:.40?} is not known here, and no pipeline says it in Sigma's"))
        }
        _ => Ok(()),
    }
}

impl ForeignRules {
    pub fn matcher(self: &Arc<Self>) -> ForeignMatcher {
        ForeignMatcher::new(self.clone())
    }

    /// The state of the set's correlations: one, whatever the number of matchers.
    pub fn correlator(&self) -> Correlator {
        Correlator::new(self.plan.clone())
    }
}

impl Options {
    fn sorted_views(&self) -> Vec<View> {
        let view = |view: &View| View { name: view.name.clone(), pipelines: sorted(&view.pipelines) };
        self.views.iter().map(view).collect()
    }
}

/// A rule as one view leaves it.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Converted {
    pub rule_id: Option<String>,
    pub title: String,
    pub view: String,
    pub logsource: String,
    /// The pipelines' conditions and the rule's own, as one expression.
    pub detection: String,
}

/// What the pipelines make of each rule, for people who write either.
pub fn converted(files: impl IntoIterator<Item = (String, String)>, options: &Options) -> (Vec<Converted>, Report) {
    let mut intake = Intake::default();
    let (own, views) = (sorted(&options.pipelines), options.sorted_views());
    let mut out = Vec::new();
    intake.read(files, &options.placeholders, &mut |index, rule| {
        each_view(index, rule, &own, &views, &mut |seen, _, view| {
            seen.settled().map_err(|error| error.to_string())?;
            let parts = seen.gate.iter().chain([&seen.detection]).map(ToString::to_string).collect::<Vec<_>>();
            out.push(Converted {
                rule_id: seen.header.id.clone(),
                title: seen.header.title.clone(),
                view: view.to_owned(),
                logsource: seen.log_source.to_string(),
                detection: parts.join(" and "),
            });
            Ok(())
        })
    });
    (out, intake.report)
}

/// Hands the rule to `take` as each view that knows its log source leaves it.
fn each_view(
    index: u32,
    rule: &mut Rule,
    own: &[Pipeline],
    views: &[View],
    take: &mut dyn FnMut(&Rule, u32, &str) -> Result<(), String>,
) -> Result<(), String> {
    pipeline::apply(own, rule).map_err(|error| error.to_string())?;
    // Where the user's own pipeline says how the rule meets the log, no view of ours says otherwise.
    if rule.handled || views.is_empty() {
        return take(rule, index, "as written");
    }
    let mut refused = None;
    let mut taken = false;
    for view in views {
        let mut seen = rule.clone();
        let outcome = pipeline::apply(&view.pipelines, &mut seen).map_err(|error| error.to_string());
        match outcome
            .and_then(|()| if seen.handled { take(&seen, index, &view.name).map(|()| true) } else { Ok(false) })
        {
            Ok(handled) => taken |= handled,
            Err(reason) => refused = refused.or(Some(reason)),
        }
    }
    match (taken, refused) {
        (true, _) => Ok(()),
        (false, Some(reason)) => Err(reason),
        // No view knows its log source: it waits for a log that is said to be of it.
        (false, None) => take(rule, index, "as written"),
    }
}

fn sorted(pipelines: &[Pipeline]) -> Vec<Pipeline> {
    let mut out = pipelines.to_vec();
    Pipeline::sort(&mut out);
    out
}

fn add(
    builder: &mut GroupBuilder,
    index: u32,
    rule: &Rule,
    gate: &[Detection],
    origin: &dyn Fn(&str) -> Option<Origin>,
) -> Result<(), String> {
    if builder.is_full() {
        return Err("the rules name too many different fields".to_owned());
    }
    rule.settled().map_err(|error| error.to_string())?;
    let mut tree = rule.detection.tree();
    if !gate.is_empty() {
        let parts = gate.iter().map(Detection::tree).chain([tree]);
        tree = crate::document::Tree::And(parts.collect());
    }
    builder.add(index, &tree, &rule.wanted, origin).map_err(|NeverTrue(fields)| {
        format!("it can never be true: {} is no field of {}", fields.join(", "), rule.log_source)
    })
}

/// Rules of one log source and the same added conditions make one group, which is asked only where those hold.
#[derive(Default)]
struct Routes {
    numbers: std::collections::HashMap<(LogSource, Vec<Detection>), usize>,
    list: Vec<(LogSource, Vec<Detection>, GroupBuilder)>,
}

impl Routes {
    fn add(&mut self, index: u32, rule: &Rule) -> Result<(), String> {
        let key = (rule.log_source.clone(), rule.gate.clone());
        let at = match self.numbers.get(&key) {
            Some(at) => *at,
            None => {
                self.list.push((key.0.clone(), key.1.clone(), GroupBuilder::default()));
                self.numbers.insert(key, self.list.len() - 1);
                self.list.len() - 1
            }
        };
        add(&mut self.list[at].2, index, rule, &[], &foreign)
    }

    fn finish(self, intake: &mut Intake) -> (Group, Vec<(LogSource, Group)>) {
        let mut router = GroupBuilder::default();
        let mut groups = Vec::new();
        for (source, gate, builder) in self.list {
            let Some(group) = intake.finish(builder) else { continue };
            let tree = crate::document::Tree::And(gate.iter().map(Detection::tree).collect());
            // Foreign fields are all possible, so this always goes in.
            if router.add(groups.len() as u32, &tree, &[], &foreign).is_ok() {
                groups.push((source, group));
            }
        }
        // A router that cannot be built would mean that nothing runs; gates are few and short, so it always can.
        let router = router.finish().unwrap_or_else(|_| Group::all(groups.len()));
        (router, groups)
    }
}

fn foreign(field: &str) -> Option<Origin> {
    Some(if field.is_empty() { Origin::Every } else { Origin::Foreign(field.to_owned()) })
}
