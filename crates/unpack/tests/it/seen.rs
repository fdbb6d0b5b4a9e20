//! A walk's members, kept whole.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use unpack::{Flow, Kind, Limits, Outcome, Piece, Reason};

#[derive(Debug, Default, Clone)]
pub struct One {
    pub path: String,
    pub kind: Option<Kind>,
    pub bytes: Vec<u8>,
    pub complete: bool,
    pub encrypted: bool,
}

#[derive(Debug)]
pub struct Seen {
    pub members: Vec<One>,
    pub outcome: Outcome,
}

pub fn limits() -> Limits {
    // A bound against hanging only: nothing is expected to come near it.
    Limits { deadline: Some(Instant::now() + Duration::from_secs(300)), ..Limits::default() }
}

pub fn see(bytes: &[u8]) -> Seen {
    see_within(bytes, &limits())
}

pub fn see_within(bytes: &[u8], limits: &Limits) -> Seen {
    see_source(&bytes, limits)
}

pub fn see_source(source: &dyn unpack::Source, limits: &Limits) -> Seen {
    let mut members: BTreeMap<u64, One> = BTreeMap::new();
    let outcome = unpack::walk(source, Some("f"), limits, &mut |member| {
        let one = members.entry(member.id).or_default();
        assert_eq!(one.bytes.len() as u64, member.offset, "pieces follow each other: {}", member.path);
        if matches!(member.piece, Piece::Only | Piece::First) {
            one.path = member.path.to_owned();
            one.kind = Some(member.kind);
            one.encrypted = member.encrypted;
        }
        one.complete = member.complete;
        one.bytes.extend_from_slice(member.bytes);
        Flow::Open
    });
    Seen { members: members.into_values().collect(), outcome }
}

impl Seen {
    pub fn paths(&self) -> Vec<&str> {
        self.members.iter().map(|one| one.path.as_str()).collect()
    }

    pub fn bytes(&self, path: &str) -> &[u8] {
        match self.members.iter().find(|one| one.path == path) {
            Some(one) => &one.bytes,
            None => panic!("no {path} in {:?}; {:?}", self.paths(), self.outcome),
        }
    }

    pub fn holds(&self, needle: &[u8]) -> bool {
        self.members.iter().any(|one| one.bytes.windows(needle.len()).any(|window| window == needle))
    }

    pub fn reasons(&self) -> Vec<Reason> {
        let mut reasons: Vec<Reason> = self.outcome.unread.iter().map(|unread| unread.reason).collect();
        reasons.sort();
        reasons.dedup();
        reasons
    }

    /// Complete, and these members.
    pub fn whole(&self, expected: &[(&str, &[u8])]) {
        assert!(self.outcome.complete(), "{:?}", self.outcome);
        assert!(self.members.iter().all(|one| one.complete), "{:?}", self.paths());
        let expected_paths: Vec<&str> = expected.iter().map(|(path, _)| *path).collect();
        assert_eq!(self.paths(), expected_paths);
        for (path, bytes) in expected {
            assert_eq!(self.bytes(path), *bytes, "{path}");
        }
    }
}
