//! A list of pipelines over one rule.

use super::Pipeline;
use super::transform::Refusal;
use crate::document::{Rule, RuleError};
use std::collections::{BTreeMap, BTreeSet};

/// What the items before left behind for the conditions of those that follow.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub values: BTreeMap<String, String>,
    /// Ids of the items applied to the rule.
    pub applied: Vec<String>,
    /// Names that a mapping made, or that it mapped.
    pub mapped: BTreeSet<String>,
    /// Values for placeholders.
    pub vars: BTreeMap<String, Vec<String>>,
}

/// Changes `rule` as the pipelines say, in their order.
pub(crate) fn apply(pipelines: &[Pipeline], rule: &mut Rule) -> Result<(), RuleError> {
    let mut state = State::default();
    for pipeline in pipelines {
        for (name, values) in &pipeline.vars {
            state.vars.insert(name.clone(), values.clone());
        }
        super::transform::run(&pipeline.items, rule, &mut state).map_err(|refusal| match refusal {
            Refusal::Rule(reason) => RuleError::Pipeline { pipeline: pipeline.name.clone(), reason },
            Refusal::TooMany => {
                RuleError::Invalid { field: "detection", reason: "the pipeline made too many values of it".into() }
            }
        })?;
    }
    Ok(())
}
