//! A logical signature as it is kept: bodies by the numbers of their patterns.

use crate::clamav::expression::Expression;
use crate::clamav::logical::Conditions;
use crate::clamav::special::{ByteCompare, Pcre};
use crate::target::Target;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    pub name: u64,
    pub pua: bool,
    pub target: Target,
    pub conditions: Conditions,
    pub expression: Expression,
    pub subsignatures: Vec<Sub>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Sub {
    Body(Vec<u32>),
    /// A member of the group that begins so many bytes after the begin of the sub-signature before it.
    Macro {
        min: u32,
        max: u32,
        members: Vec<u32>,
    },
    ByteCompare(ByteCompare),
    Pcre(Pcre),
}

/// Who a pattern belongs to: a signature of its own, or a logical one that it wakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Owner {
    /// Name, potentially unwanted.
    Extended {
        name: u64,
        pua: bool,
    },
    Logical(u32),
}
