//! Names asked for, to entries: many below one name are all below it.

use std::collections::{BTreeMap, BTreeSet};

const MANY: usize = 4;

pub(super) fn entries(seen: &BTreeMap<String, u64>) -> Vec<String> {
    let mut below: BTreeMap<&str, usize> = BTreeMap::new();
    for name in seen.keys() {
        if let Some((_, above)) = name.split_once('.').filter(|(_, above)| above.contains('.')) {
            *below.entry(above).or_default() += 1;
        }
    }
    let wide: BTreeSet<&str> = below.into_iter().filter(|(_, count)| *count >= MANY).map(|(name, _)| name).collect();
    let covers = |name: &str| name.split_once('.').is_some_and(|(_, above)| wide.contains(above));
    let single = seen.keys().filter(|name| !covers(name)).cloned();
    wide.iter().map(|name| format!("*.{name}")).chain(single).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_names_below_one() {
        let seen = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), 1)).collect();
        let out =
            entries(&seen(&["a.x.example.com", "b.x.example.com", "c.x.example.com", "d.x.example.com", "localhost"]));
        assert_eq!(out, ["*.x.example.com", "localhost"]);
        assert_eq!(entries(&seen(&["a.com", "b.com", "c.com", "d.com"])).len(), 4);
    }
}
