//! All profiles of a policy: who falls under which, and what of them types alone cannot check.

use super::path_list::MOST_PATTERNS;
use super::{Confined, PreventionProfile, Profile};
use crate::{Glob, Policy};
use std::collections::HashMap;

/// Of one policy.
pub(super) const MOST_PROFILES: usize = 1_000;

/// A profile's place in its policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProfileIndex(pub usize);

/// All profiles of a policy.
#[derive(Clone, Debug, Default)]
pub struct Profiles {
    list: Vec<Profile>,
    by_executable: HashMap<String, Vec<usize>>,
    by_unit: HashMap<String, Vec<usize>>,
    others: Vec<usize>,
}

impl Profiles {
    /// `real` gives another name of the same folder, where a link leads there; None elsewhere.
    pub fn of(policy: &Policy, real: &dyn Fn(&str) -> Option<String>) -> Profiles {
        let mut profiles = Profiles::default();
        for (number, written) in policy.prevention.iter().enumerate() {
            let profile = Profile::new(&written.whole(), real);
            let literals = |globs: &[Glob]| -> Option<Vec<String>> {
                let texts: Vec<String> = globs.iter().map(ToString::to_string).collect();
                (!texts.is_empty() && texts.iter().all(|text| !text.contains(['*', '?']) && !text.ends_with('/')))
                    .then_some(texts)
            };
            let selector = profile.selector();
            match (literals(&selector.executable), literals(&selector.unit)) {
                (Some(paths), _) => {
                    paths.into_iter().for_each(|path| profiles.by_executable.entry(path).or_default().push(number))
                }
                (None, Some(units)) => {
                    units.into_iter().for_each(|unit| profiles.by_unit.entry(unit).or_default().push(number))
                }
                (None, None) => profiles.others.push(number),
            }
            profiles.list.push(profile);
        }
        profiles
    }

    /// The first profile, in the order of the policy, that this process falls under by itself.
    pub fn find(&self, who: &Confined<'_>) -> Option<ProfileIndex> {
        let by_executable = self.by_executable.get(who.executable).into_iter().flatten();
        let by_unit = who.unit.and_then(|unit| self.by_unit.get(unit)).into_iter().flatten();
        let fits = |number: &&usize| self.list[**number].selector().fits(who);
        by_executable.chain(by_unit).chain(&self.others).filter(fits).min().copied().map(ProfileIndex)
    }

    pub fn get(&self, index: ProfileIndex) -> &Profile {
        &self.list[index.0]
    }
    pub fn iter(&self) -> impl Iterator<Item = (ProfileIndex, &Profile)> {
        self.list.iter().enumerate().map(|(number, profile)| (ProfileIndex(number), profile))
    }
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
    pub fn len(&self) -> usize {
        self.list.len()
    }
    /// Whether anybody is matched by something that only a look-up tells.
    pub fn asks_cgroups(&self) -> bool {
        self.list.iter().any(|profile| !profile.selector().cgroup.is_empty())
    }
}

/// What types alone cannot say: field and fault.
pub(crate) fn check(profiles: &[PreventionProfile]) -> Result<(), (String, String)> {
    let at = |number: usize, key: &str| format!("prevention[{number}].{key}");
    if profiles.len() > MOST_PROFILES {
        return Err(("prevention".into(), format!("{} profiles; at most {MOST_PROFILES} are read", profiles.len())));
    }
    let mut names = std::collections::HashSet::new();
    for (number, one) in profiles.iter().enumerate() {
        one.check().map_err(|(key, fault)| (at(number, key), fault))?;
        if !names.insert(one.name()) {
            return Err((at(number, "id"), format!("{:?} is taken: give each profile an id of its own", one.name())));
        }
        let profile = Profile::new(&one.whole(), &|_| None);
        let lists =
            [("read", &profile.read), ("write", &profile.write), ("run", &profile.run), ("sockets", &profile.sockets)];
        for (key, list) in lists {
            if list.as_ref().is_some_and(|list| list.most_patterns() > MOST_PATTERNS) {
                let fault = format!("more than {MOST_PATTERNS} patterns in one folder: name a folder instead");
                return Err((at(number, key), fault));
            }
        }
        for (key, list) in [("connect", &profile.connect), ("bind", &profile.bind)] {
            if list.as_ref().is_some_and(|list| list.most_of_one() > super::address_list::MOST_OF_ONE) {
                let most = super::address_list::MOST_OF_ONE;
                return Err((
                    at(number, key),
                    format!("more than {most} entries fit the same address: join their ports"),
                ));
            }
        }
    }
    Ok(())
}
