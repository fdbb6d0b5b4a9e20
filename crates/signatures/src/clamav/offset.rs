//! Where a body may stand: `*`, `n`, `EOF-n`, `EP+n`, `EP-n`, `Sx+n`, `SL+n`, `SEx`, `VI`, each with `,MaxShift`. Only for the targets
//! that have an entry point are those allowed that need one.

use super::{LineError, malformed, unsupported};
use crate::pattern::{Base, Offset};
use crate::target::Target;

pub fn parse(text: &str, target: Target) -> Result<Offset, LineError> {
    let (base, shift) = match text.split_once(',') {
        Some((base, shift)) => (base, number(shift)?),
        None => (text, 0),
    };
    let base = base.trim();
    let executable = || {
        let fits = matches!(target, Target::Pe | Target::Elf | Target::MachO);
        if fits { Ok(()) } else { Err(malformed(format!("offset {base:?} needs target 1, 6 or 9"))) }
    };
    let base = if base == "*" {
        if shift > 0 {
            return Err(malformed("* has no shift"));
        }
        Base::Any
    } else if base == "VI" {
        if target != Target::Pe {
            return Err(malformed("VI needs target 1"));
        }
        Base::VersionInfo
    } else if let Some(rest) = base.strip_prefix("EOF-") {
        Base::FromEnd(number(rest)?)
    } else if let Some(rest) = base.strip_prefix("EP") {
        executable()?;
        let sign = if rest.starts_with('-') { -1 } else { 1 };
        let distance = number(rest.strip_prefix(['+', '-']).ok_or_else(|| malformed("EP without + or -"))?)?;
        Base::EntryPoint(sign * i32::try_from(distance).map_err(|_| malformed("an offset past 2 GiB"))?)
    } else if let Some(rest) = base.strip_prefix("SL") {
        executable()?;
        Base::LastSection(number(rest.strip_prefix('+').ok_or_else(|| malformed("SL without +"))?)?)
    } else if let Some(rest) = base.strip_prefix("SE") {
        executable()?;
        Base::WholeSection(section(rest)?)
    } else if let Some(rest) = base.strip_prefix('S') {
        executable()?;
        let (index, distance) = rest.split_once('+').ok_or_else(|| malformed("a section without +"))?;
        Base::Section(section(index)?, number(distance)?)
    } else if base.starts_with('$') {
        return Err(unsupported("a macro group where none can stand"));
    } else {
        Base::Absolute(number(base)?)
    };
    Ok(Offset { base, shift })
}

fn section(text: &str) -> Result<u16, LineError> {
    text.parse().map_err(|_| malformed(format!("{text:?} is not a section's number")))
}

fn number(text: &str) -> Result<u32, LineError> {
    text.trim().parse().map_err(|_| malformed(format!("{text:?} is not an offset")))
}
