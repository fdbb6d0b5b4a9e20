//! Lines of `.ldb`: `Name;Description;Expression;Sub0;Sub1;…`.

use super::body::{self, Modifiers};
use super::expression::{Expression, MAX_SUBSIGNATURES};
use super::special::{self, ByteCompare, Macro, Pcre};
use super::{LineError, check_level, check_name, malformed, offset, range, unsupported};
use crate::pattern::{Offset, Pattern};
use crate::target::{FileType, Target};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logical {
    pub name: String,
    pub target: Target,
    pub conditions: Conditions,
    pub expression: Expression,
    pub subsignatures: Vec<Subsignature>,
}

/// What the description block asks besides the target. Ranges are inclusive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conditions {
    pub file_size: Option<(u64, u64)>,
    pub entry_point: Option<(u64, u64)>,
    pub sections: Option<(u64, u64)>,
    pub container: Option<FileType>,
    /// From the outermost that is named to the immediate container; `Any` stands for any.
    pub intermediates: Vec<FileType>,
    /// Not an alert: the file is to be looked at again as this type.
    pub handler: Option<FileType>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subsignature {
    /// Any of these; two when it is to be found wide and as it stands.
    Body(Vec<Pattern>),
    Macro(Macro),
    ByteCompare(ByteCompare),
    Pcre(Pcre),
}

pub fn parse(line: &str) -> Result<Logical, LineError> {
    let mut fields = line.split(';');
    let (Some(name), Some(block), Some(expression)) = (fields.next(), fields.next(), fields.next()) else {
        return Err(malformed("fewer than three fields"));
    };
    let name = check_name(name)?.to_owned();
    let (target, conditions) = description(block)?;
    let expression = Expression::parse(expression)?;
    let mut subsignatures = Vec::new();
    for (at, text) in fields.enumerate() {
        if at >= MAX_SUBSIGNATURES {
            return Err(malformed("more than 64 sub-signatures"));
        }
        subsignatures.push(subsignature(text, target, at).map_err(|error| at_sub(error, at))?);
    }
    if usize::from(expression.highest()) >= subsignatures.len() {
        return Err(malformed("the expression speaks of a sub-signature that is not there"));
    }
    for at in 0..subsignatures.len() {
        refers(&subsignatures, at).map_err(|error| at_sub(error, at))?;
    }
    Ok(Logical { name, target, conditions, expression, subsignatures })
}

/// What a sub-signature says of others must be there.
fn refers(all: &[Subsignature], at: usize) -> Result<(), LineError> {
    let is_body = |at: usize| matches!(all.get(at), Some(Subsignature::Body(_)));
    match &all[at] {
        Subsignature::Body(_) => Ok(()),
        Subsignature::Macro(_) if is_body(at - 1) => Ok(()),
        Subsignature::Macro(_) => Err(unsupported("a macro behind something that is no body")),
        Subsignature::ByteCompare(compare) if is_body(usize::from(compare.from)) => Ok(()),
        Subsignature::ByteCompare(_) => {
            Err(unsupported("a byte comparison that counts from something that is no body"))
        }
        Subsignature::Pcre(pcre) if usize::from(pcre.trigger.highest()) < at => Ok(()),
        Subsignature::Pcre(_) => Err(malformed("a regular expression that waits for itself or a later sub-signature")),
    }
}

fn at_sub(error: LineError, at: usize) -> LineError {
    match error {
        LineError::Malformed(why) => LineError::Malformed(format!("sub-signature {at}: {why}")),
        LineError::Unsupported(why) => LineError::Unsupported(format!("sub-signature {at}: {why}")),
        other => other,
    }
}

fn description(block: &str) -> Result<(Target, Conditions), LineError> {
    let mut target = None;
    let mut conditions = Conditions::default();
    for pair in block.split(',').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once(':').ok_or_else(|| malformed(format!("{pair:?} has no value")))?;
        match key {
            "Engine" => {
                let (min, max) = value.split_once('-').unwrap_or((value, value));
                check_level(Some(min), Some(max))?;
            }
            "Target" => target = Some(Target::parse(value)?),
            "FileSize" => conditions.file_size = range(value)?,
            "EntryPoint" => conditions.entry_point = range(value)?,
            "NumberOfSections" => conditions.sections = range(value)?,
            "Container" => conditions.container = Some(FileType::parse(value)?),
            "Intermediates" => {
                conditions.intermediates = value.split('>').map(FileType::parse).collect::<Result<_, _>>()?;
                if conditions.intermediates.len() > 16 {
                    return Err(malformed("more than 16 intermediates"));
                }
            }
            "HandlerType" => conditions.handler = Some(FileType::parse(value)?),
            "IconGroup1" | "IconGroup2" => return Err(unsupported("icons are not matched")),
            other => return Err(unsupported(format!("{other:?} of the description is not known"))),
        }
    }
    Ok((target.ok_or_else(|| malformed("no Target"))?, conditions))
}

fn subsignature(text: &str, target: Target, at: usize) -> Result<Subsignature, LineError> {
    if text.starts_with("fuzzy_img#") {
        return Err(unsupported("image digests are not matched"));
    }
    if text.starts_with("${") {
        if at == 0 {
            return Err(malformed("a macro cannot stand first"));
        }
        return special::parse_macro(text).map(Subsignature::Macro);
    }
    if text.contains('/') {
        return special::parse_pcre(text, target).map(Subsignature::Pcre);
    }
    if text.contains('#') && text.contains('(') {
        return special::parse_byte_compare(text).map(Subsignature::ByteCompare);
    }
    let (text, modifiers) = match text.split_once("::") {
        Some((text, letters)) => (text, Modifiers::parse(letters)?),
        None => (text, Modifiers::default()),
    };
    let (place, text) = match text.split_once(':') {
        Some((place, text)) => (offset::parse(place, target)?, text),
        None => (Offset::ANY, text),
    };
    body::patterns(text, place, modifiers).map(Subsignature::Body)
}
