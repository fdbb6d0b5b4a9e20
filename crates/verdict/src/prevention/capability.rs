//! The kernel's capabilities by name, as a policy writes them: `net_bind_service`, with or without `cap_`.

use serde::{Deserialize, Serialize};
use std::fmt;

/// By number, as `capabilities(7)` counts them.
const NAMES: [&str; 41] = [
    "chown",
    "dac_override",
    "dac_read_search",
    "fowner",
    "fsetid",
    "kill",
    "setgid",
    "setuid",
    "setpcap",
    "linux_immutable",
    "net_bind_service",
    "net_broadcast",
    "net_admin",
    "net_raw",
    "ipc_lock",
    "ipc_owner",
    "sys_module",
    "sys_rawio",
    "sys_chroot",
    "sys_ptrace",
    "sys_pacct",
    "sys_admin",
    "sys_boot",
    "sys_nice",
    "sys_resource",
    "sys_time",
    "sys_tty_config",
    "mknod",
    "lease",
    "audit_write",
    "audit_control",
    "setfcap",
    "mac_override",
    "mac_admin",
    "syslog",
    "wake_alarm",
    "block_suspend",
    "audit_read",
    "perfmon",
    "bpf",
    "checkpoint_restore",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Capability(u8);

impl Capability {
    pub const SYS_CHROOT: Capability = Capability(18);
    pub const SYSLOG: Capability = Capability(34);
    pub const BPF: Capability = Capability(39);

    /// None for a number that this Tamon has no name for.
    pub fn from_number(number: u32) -> Option<Capability> {
        u8::try_from(number).ok().filter(|number| usize::from(*number) < NAMES.len()).map(Capability)
    }
    pub const fn number(self) -> u32 {
        self.0 as u32
    }
    pub fn name(self) -> &'static str {
        NAMES[usize::from(self.0)]
    }
    /// Those in the kernel's bit set, as far as they have names.
    pub fn of_set(set: u64) -> impl Iterator<Item = Capability> {
        (0..NAMES.len() as u32).filter(move |number| set >> number & 1 == 1).filter_map(Capability::from_number)
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl TryFrom<String> for Capability {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let lower = text.to_ascii_lowercase();
        let name = lower.strip_prefix("cap_").unwrap_or(&lower);
        let number = NAMES.iter().position(|known| *known == name);
        number
            .and_then(|number| Capability::from_number(number as u32))
            .ok_or_else(|| format!("not a capability: {text:?}"))
    }
}

impl From<Capability> for String {
    fn from(capability: Capability) -> String {
        capability.name().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers() {
        let parse = |text: &str| Capability::try_from(text.to_owned()).ok().map(Capability::number);
        assert_eq!(parse("net_bind_service"), Some(10));
        assert_eq!(parse("CAP_CHECKPOINT_RESTORE"), Some(40));
        assert_eq!((parse("cap_everything"), Capability::from_number(41)), (None, None));
        assert_eq!(Capability::of_set(0b1001).map(Capability::name).collect::<Vec<_>>(), ["chown", "fowner"]);
        assert_eq!(
            (Capability::SYS_CHROOT.name(), Capability::SYSLOG.name(), Capability::BPF.name()),
            ("sys_chroot", "syslog", "bpf")
        );
    }
}
