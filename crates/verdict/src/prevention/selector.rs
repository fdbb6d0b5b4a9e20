//! Whom a profile confines.

use super::Confined;
use crate::Glob;

/// Conditions as they were written; an empty list is none.
#[derive(Clone, Debug, Default)]
pub struct Selector {
    pub executable: Vec<Glob>,
    pub unit: Vec<Glob>,
    pub cgroup: Vec<Glob>,
    pub user: Vec<String>,
    pub image: Vec<Glob>,
    pub container: Vec<Glob>,
    pub label: Vec<Glob>,
}

impl Selector {
    pub(super) fn fits(&self, who: &Confined<'_>) -> bool {
        let one = |globs: &[Glob], text: Option<&str>| {
            globs.is_empty() || text.is_some_and(|text| globs.iter().any(|glob| glob.matches(text)))
        };
        let user = |name: &String| who.user == Some(name) || who.uid.is_some_and(|uid| uid.to_string() == *name);
        one(&self.executable, Some(who.executable))
            && one(&self.unit, who.unit)
            && one(&self.cgroup, who.cgroup)
            && one(&self.image, who.image)
            && one(&self.container, who.container)
            && (self.user.is_empty() || self.user.iter().any(user))
            && (self.label.is_empty() || who.labels.iter().any(|text| self.label.iter().any(|glob| glob.matches(text))))
    }

    /// Nothing but these programs is asked for.
    pub fn only_executables(&self) -> bool {
        self.only(&[self.executable.is_empty()]) && self.unit.is_empty() && self.cgroup.is_empty()
    }
    /// Nothing but these programs, in these control groups.
    pub fn only_executables_and_cgroups(&self) -> bool {
        self.only(&[self.executable.is_empty(), self.cgroup.is_empty()]) && self.unit.is_empty()
    }
    /// Nothing but these control groups, or units, which are such.
    pub fn only_cgroups(&self) -> bool {
        self.only(&[]) && self.executable.is_empty()
    }

    fn only(&self, missing: &[bool]) -> bool {
        !missing.contains(&true)
            && self.user.is_empty()
            && self.image.is_empty()
            && self.container.is_empty()
            && self.label.is_empty()
    }
}
