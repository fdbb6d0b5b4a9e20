//! From numbers a feature to a few reasons: features that mean one thing together are added up, and the one among them that
//! weighs most lends its words and its value.

use crate::Layout;
use serde::{Deserialize, Serialize};

/// One thing that speaks for or against, in words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// Stable key of the group, `"section.entropy"`.
    pub key: String,
    /// The feature of the group that weighed most.
    pub feature: String,
    pub en: String,
    pub ja: String,
    /// That feature's value.
    pub value: f32,
    /// Of the whole group, in the model's raw score (log-odds): above zero speaks for malicious.
    pub contribution: f64,
}

/// The `most` groups that weigh most, heaviest first. `contributions` has the layout's width, and may have the expected value
/// behind it. Groups that weigh nothing are left out.
pub fn reasons(layout: &dyn Layout, row: &[f32], contributions: &[f64], most: usize) -> Vec<Reason> {
    struct Group {
        sum: f64,
        up: (usize, f64),
        down: (usize, f64),
    }
    let mut groups: Vec<(&'static str, Group)> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for (index, (&value, &contribution)) in row.iter().zip(contributions).take(layout.width()).enumerate() {
        if contribution == 0.0 || !contribution.is_finite() {
            continue;
        }
        let key = layout.words(index, value).key;
        let place = *places.entry(key).or_insert_with(|| {
            groups.push((key, Group { sum: 0.0, up: (index, 0.0), down: (index, 0.0) }));
            groups.len() - 1
        });
        let group = &mut groups[place].1;
        group.sum += contribution;
        if contribution > group.up.1 {
            group.up = (index, contribution);
        }
        if contribution < group.down.1 {
            group.down = (index, contribution);
        }
    }
    groups.retain(|(_, group)| group.sum != 0.0);
    groups.sort_by(|(_, a), (_, b)| b.sum.abs().total_cmp(&a.sum.abs()));
    groups.truncate(most);
    groups
        .into_iter()
        .map(|(key, group)| {
            let index = if group.sum > 0.0 { group.up.0 } else { group.down.0 };
            let words = layout.words(index, row[index]);
            Reason {
                key: key.to_owned(),
                feature: layout.name(index).into_owned(),
                en: words.en.to_owned(),
                ja: words.ja.to_owned(),
                value: row[index],
                contribution: group.sum,
            }
        })
        .collect()
}
