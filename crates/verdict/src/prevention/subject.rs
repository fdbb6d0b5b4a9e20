//! Who may be confined: the facts of a process by which profiles are matched.

use event::Process;

/// An absent fact meets no condition on it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Confined<'a> {
    pub executable: &'a str,
    pub unit: Option<&'a str>,
    /// Path below the root of the control groups, where somebody looked it up.
    pub cgroup: Option<&'a str>,
    pub user: Option<&'a str>,
    pub uid: Option<u32>,
    pub image: Option<&'a str>,
    pub container: Option<&'a str>,
    /// `name=value`, each.
    pub labels: &'a [String],
}

impl<'a> Confined<'a> {
    /// Labels and control group are looked up by whoever needs them.
    pub fn of(process: &'a Process) -> Confined<'a> {
        let container = process.container.as_deref();
        Confined {
            executable: &process.executable,
            unit: process.unit.as_deref(),
            user: process.user.name.as_deref(),
            uid: Some(process.user.credentials.uid),
            image: container.and_then(|container| container.image.as_deref()),
            container: container.and_then(|container| container.name.as_deref()),
            labels: container.map_or(&[], |container| &container.labels),
            cgroup: None,
        }
    }
}
