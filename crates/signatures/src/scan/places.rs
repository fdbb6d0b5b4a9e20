//! Where in a file a pattern may begin: offsets resolved by the file's length and layout.

use crate::layout::Layout;
use crate::pattern::{Base, Offset};

/// Inclusive ranges of places; empty: nowhere in this file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places(Vec<(u64, u64)>);

impl Places {
    /// `length`: None when the end of the file is not known.
    pub fn of(offset: Offset, length: Option<u64>, layout: Option<&Layout>) -> Places {
        let shift = u64::from(offset.shift);
        let from = |begin: u64| vec![(begin, begin.saturating_add(shift))];
        let section = |at: usize| layout.and_then(|layout| layout.sections.get(at).copied());
        Places(match offset.base {
            Base::Any => vec![(0, u64::MAX)],
            Base::Absolute(at) => from(u64::from(at)),
            Base::FromEnd(back) => length.and_then(|n| n.checked_sub(u64::from(back))).map(from).unwrap_or_default(),
            Base::EntryPoint(distance) => layout
                .and_then(|layout| layout.entry_point?.checked_add_signed(i64::from(distance)))
                .map(from)
                .unwrap_or_default(),
            Base::Section(at, distance) => {
                section(usize::from(at)).map(|(begin, _)| from(begin + u64::from(distance))).unwrap_or_default()
            }
            Base::LastSection(distance) => {
                let last = layout.and_then(|layout| layout.sections.last());
                last.map(|(begin, _)| from(begin + u64::from(distance))).unwrap_or_default()
            }
            Base::WholeSection(at) => match section(usize::from(at)) {
                // Up to the byte behind it, as clamscan has it.
                Some((begin, length)) if length > 0 => vec![(begin, (begin + length).saturating_add(shift))],
                _ => Vec::new(),
            },
            Base::VersionInfo => {
                let strings = layout.map(|layout| layout.version_strings.as_slice()).unwrap_or_default();
                strings.iter().map(|at| (*at, at + shift)).collect()
            }
        })
    }

    pub fn has(&self, place: usize) -> bool {
        self.0.iter().any(|(low, high)| (*low..=*high).contains(&(place as u64)))
    }

    pub fn is_any(&self) -> bool {
        self.0 == [(0, u64::MAX)]
    }

    pub fn ranges(&self) -> &[(u64, u64)] {
        &self.0
    }
}
