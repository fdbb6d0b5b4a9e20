//! What a profile promises and this host cannot keep, in words: lines of `tamon policy explain`, and problems in the status.

use super::places;
use event::Tier;
use verdict::prevention::{Confined, Profile, Profiles, RULE_PREFIX, not_kept};
use verdict::{Line, Policy};

/// Of each profile; where a program is named, of the one that it falls under by itself.
pub fn lines(policy: &Policy, tier: Tier, process: Option<&str>) -> Vec<Line> {
    let profiles = Profiles::of(policy, &|_| None);
    let asked = process.map(|executable| profiles.find(&Confined { executable, ..Confined::default() }));
    let groups = places::cgroup_root().is_some();
    let of = profiles.iter().filter(|(index, _)| asked.is_none_or(|asked| asked == Some(*index)));
    of.flat_map(|(_, profile)| of_profile(profile, tier, groups)).collect()
}

/// `groups`: cgroup v2 is mounted.
fn of_profile(profile: &Profile, tier: Tier, groups: bool) -> Vec<Line> {
    let spoken = not_kept(tier).iter().filter(|limit| profile.speaks_of(limit.doing));
    let limits = spoken.map(|limit| Line {
        field: format!("{RULE_PREFIX}{}.{}", profile.id, limit.doing.key()),
        says: format!("in the {} tier: {}", tier.name(), limit.why),
    });
    let blind = without_groups(profile).filter(|_| !groups);
    let blind = blind.map(|says| Line { field: format!("{RULE_PREFIX}{}", profile.id), says: says.into() });
    limits.chain(blind).collect()
}

/// What becomes of it where no cgroup v2 is mounted.
pub fn without_groups(profile: &Profile) -> Option<&'static str> {
    let selector = profile.selector();
    if !selector.cgroup.is_empty() {
        return Some("no cgroup v2 is mounted here, by which `cgroup` finds anybody: it confines nobody");
    }
    let unit = "no cgroup v2 is mounted here, so the kernel half does not know who is of a unit: its processes are confined \
                from when their start was seen, not from their first instruction";
    (!selector.unit.is_empty()).then_some(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_promise_that_is_not_kept_has_its_line() {
        let check = |selector: &str, tier, groups, expected: &[&str]| {
            let text = format!(
                "version = 1\n[[prevention]]\nid = \"x\"\n{selector}\ncapabilities = []\nsignals = \"own\"\nconnect = []\n"
            );
            let profiles = Profiles::of(&Policy::parse("t", &text).unwrap(), &|_| None);
            let (_, profile) = profiles.iter().next().unwrap();
            let lines = of_profile(profile, tier, groups);
            let fields: Vec<&str> = lines.iter().map(|line| line.field.as_str()).collect();
            assert_eq!(fields, expected, "{selector} {tier:?}: {lines:?}");
        };
        let program = "executable = [\"/usr/bin/x\"]";
        check(program, Tier::Enforce, false, &[]);
        check(program, Tier::Gate, true, &["prevention.x.capabilities", "prevention.x.signals"]);
        let all = ["prevention.x.connect", "prevention.x.capabilities", "prevention.x.signals"];
        check(program, Tier::Observe, true, &all);
        check("unit = [\"x.service\"]", Tier::Enforce, false, &["prevention.x"]);
        check("unit = [\"x.service\"]", Tier::Enforce, true, &[]);
        check("cgroup = [\"/x\"]", Tier::Enforce, false, &["prevention.x"]);
    }
}
