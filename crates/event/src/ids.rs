//! Identities. Each is a newtype, so that one kind never stands where another is meant.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use std::str::FromStr;

macro_rules! string_id {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);
        impl $name {
            pub fn new(id: impl Into<String>) -> Self { $name(id.into()) }
            pub fn as_str(&self) -> &str { &self.0 }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
    )*};
}

string_id! {
    /// One enrolled agent; 32 hex digits drawn at enrolment, also the common name of its certificate.
    AgentId,
    /// One host as the fleet knows it: /etc/machine-id hashed, 32 hex digits; outlives re-enrolment.
    HostId,
    /// One alert, unique in the fleet: 32 hex digits.
    AlertId,
    /// One incident: `INC-` and a number that the node counts.
    IncidentId,
    /// One customer of a node; `default` where there is one.
    TenantId,
    /// A rule of any engine: a Sigma UUID, a YARA namespace:name, a behaviour's dotted name.
    RuleId,
    /// One command from the node to an agent: 32 hex digits.
    CommandId,
}

impl Default for TenantId {
    fn default() -> Self {
        TenantId("default".into())
    }
}

/// The kernel's boot id (/proc/sys/kernel/random/boot_id) as a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BootId(pub u128);

impl fmt::Display for BootId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let h = format!("{:032x}", self.0);
        write!(f, "{}-{}-{}-{}-{}", &h[..8], &h[8..12], &h[12..16], &h[16..20], &h[20..])
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a {expected}: {text:?}")]
pub struct ParseIdError {
    pub expected: &'static str,
    pub text: String,
}

impl FromStr for BootId {
    type Err = ParseIdError;
    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let hex: String = text.trim().chars().filter(|c| *c != '-').collect();
        match (hex.len(), u128::from_str_radix(&hex, 16)) {
            (32, Ok(n)) => Ok(BootId(n)),
            _ => Err(ParseIdError { expected: "boot id", text: text.into() }),
        }
    }
}

/// A process, for good: never a bare pid. `start_ticks` is the group leader's start since boot in 1/100 s, the precision
/// that /proc and the kernel's events share; a pid cannot come round within one tick, since pid_max is at least 32,768.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProcessKey {
    pub boot: BootId,
    pub tgid: u32,
    pub start_ticks: u64,
}

/// Nanoseconds in a tick of [`ProcessKey::start_ticks`] (USER_HZ is 100 on every architecture we support).
pub const NANOS_PER_TICK: u64 = 10_000_000;

impl ProcessKey {
    /// `start_boottime_ns` as the kernel keeps it in `task_struct`.
    pub const fn from_boottime(boot: BootId, tgid: u32, start_boottime_ns: u64) -> Self {
        ProcessKey { boot, tgid, start_ticks: start_boottime_ns / NANOS_PER_TICK }
    }

    /// ECS `process.entity_id`: 16 hex digits of the boot id folded, the tgid and the start, all in hex with `-`.
    pub fn entity_id(&self) -> String {
        let boot = (self.boot.0 >> 64) as u64 ^ self.boot.0 as u64;
        format!("{boot:016x}-{:x}-{:x}", self.tgid, self.start_ticks)
    }
}

impl fmt::Display for ProcessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.entity_id())
    }
}

/// A SHA-256 digest; lower-case hex in text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha256(pub [u8; 32]);

impl Sha256 {
    pub fn to_hex(&self) -> String {
        self.0.iter().map(|b| format!("{b:02x}")).collect()
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Sha256 {
    type Err = ParseIdError;
    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let fail = || ParseIdError { expected: "SHA-256 in hex", text: text.chars().take(80).collect() };
        if text.len() != 64 || !text.is_ascii() {
            return Err(fail());
        }
        let mut out = [0u8; 32];
        for (byte, pair) in out.iter_mut().zip(text.as_bytes().chunks(2)) {
            let digit = |c: u8| (c as char).to_digit(16).ok_or_else(fail);
            *byte = (digit(pair[0])? * 16 + digit(pair[1])?) as u8;
        }
        Ok(Sha256(out))
    }
}

impl Serialize for Sha256 {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&self.to_hex())
    }
}

impl<'de> Deserialize<'de> for Sha256 {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boot_id_round_trips() {
        let text = "6f1ad5d2-8f0e-4d52-9f6c-000000000001";
        assert_eq!(text.parse::<BootId>().unwrap().to_string(), text);
        assert!("6f1a".parse::<BootId>().is_err());
    }

    #[test]
    fn one_process_has_one_key_from_proc_and_from_the_kernel() {
        let boot = BootId(7);
        let from_kernel = ProcessKey::from_boottime(boot, 42, 123_456_789_012);
        let from_proc = ProcessKey { boot, tgid: 42, start_ticks: 12_345 };
        assert_eq!(from_kernel, from_proc);
        assert_eq!(from_proc.entity_id(), "0000000000000007-2a-3039");
    }

    #[test]
    fn sha256_parses_only_whole_hex() {
        let hex = "00".repeat(31) + "fF";
        assert_eq!(hex.parse::<Sha256>().unwrap().0[31], 255);
        for bad in ["", "zz", &"g0".repeat(32), &"é".repeat(32)] {
            assert!(bad.parse::<Sha256>().is_err(), "{bad}");
        }
    }
}
