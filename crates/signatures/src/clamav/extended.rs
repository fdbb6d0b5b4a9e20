//! Lines of `.ndb`: `Name:Target:Offset:Body[:MinLevel[:MaxLevel]]`. An offset `$n` puts the body into macro group n, which logical
//! signatures refer to; alone it finds nothing.

use super::body::{self, Modifiers};
use super::{LineError, check_level, check_name, malformed, offset};
use crate::pattern::{Offset, Pattern};
use crate::target::Target;

/// Macro groups there can be.
pub const MACRO_GROUPS: u8 = 32;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extended {
    pub name: String,
    pub target: Target,
    pub macro_group: Option<u8>,
    pub patterns: Vec<Pattern>,
}

pub fn parse(line: &str) -> Result<Extended, LineError> {
    let fields: Vec<&str> = line.splitn(7, ':').collect();
    let &[name, target, place, text, ref levels @ ..] = fields.as_slice() else {
        return Err(malformed("fewer than four fields"));
    };
    let name = check_name(name)?.to_owned();
    if levels.len() > 2 {
        return Err(malformed("more than six fields"));
    }
    check_level(levels.first().copied(), levels.get(1).copied())?;
    let target = Target::parse(target)?;
    let macro_group = match place.strip_prefix('$') {
        None => None,
        Some(group) => {
            let group = group.parse().ok().filter(|group| *group < MACRO_GROUPS);
            Some(group.ok_or_else(|| malformed("not a macro group"))?)
        }
    };
    let place = if macro_group.is_some() { Offset::ANY } else { offset::parse(place, target)? };
    // A body may carry modifiers here too, as a sub-signature does.
    let (text, modifiers) = match text.split_once("::") {
        Some((text, modifiers)) => (text, Modifiers::parse(modifiers)?),
        None => (text, Modifiers::default()),
    };
    let patterns = body::patterns(text, place, modifiers)?;
    Ok(Extended { name, target, macro_group, patterns })
}
