//! Profiles that ship, in `content/policies/prevention`: each a policy of its own that observes, and to be named by `use`.

use super::PreventionProfile;
use crate::Policy;

const READY: [(&str, &str); 11] = [
    ("apache", include_str!("../../../../content/policies/prevention/apache.toml")),
    ("container", include_str!("../../../../content/policies/prevention/container.toml")),
    ("cron", include_str!("../../../../content/policies/prevention/cron.toml")),
    ("docker", include_str!("../../../../content/policies/prevention/docker.toml")),
    ("exposed", include_str!("../../../../content/policies/prevention/exposed.toml")),
    ("mariadb", include_str!("../../../../content/policies/prevention/mariadb.toml")),
    ("nginx", include_str!("../../../../content/policies/prevention/nginx.toml")),
    ("php-fpm", include_str!("../../../../content/policies/prevention/php-fpm.toml")),
    ("postgresql", include_str!("../../../../content/policies/prevention/postgresql.toml")),
    ("redis", include_str!("../../../../content/policies/prevention/redis.toml")),
    ("sshd", include_str!("../../../../content/policies/prevention/sshd.toml")),
];

pub const READY_NAMES: [&str; 11] = {
    let mut names = [""; 11];
    let mut i = 0;
    while i < names.len() {
        names[i] = READY[i].0;
        i += 1;
    }
    names
};

/// None when no such profile ships. A test reads each of them.
pub fn ready(name: &str) -> Option<PreventionProfile> {
    let (_, text) = READY.iter().find(|(known, _)| *known == name)?;
    Policy::parse(name, text).ok()?.prevention.into_iter().next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use event::Mode;

    #[test]
    fn each_profile_that_ships_is_read_observes_and_bears_its_name() {
        for (name, text) in READY {
            let policy = Policy::parse(name, text).unwrap_or_else(|error| panic!("{error}"));
            let [profile] = &policy.prevention[..] else { panic!("{name} holds another number of profiles") };
            assert_eq!(profile.name(), name);
            assert_eq!((policy.mode, profile.mode.unwrap_or_default()), (Mode::Observe, Mode::Observe), "{name}");
            assert!(profile.run.is_some(), "{name} does not restrict what is run");
            assert!(profile.write.is_some() || name == "docker", "{name} does not restrict what is written");
        }
    }
}
