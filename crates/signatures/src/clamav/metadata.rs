//! Lines of `.cdb`: files within containers, by name, size, place and encryption.
//! `Name:ContainerType:ContainerSize:FileNameRegex:SizeInContainer:SizeReal:IsEncrypted:FilePos:Res1:Res2[:MinLevel[:MaxLevel]]`.

use super::{LineError, check_level, check_name, malformed, range, special, unsupported};
use crate::target::FileType;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberRule {
    pub name: String,
    /// None: any.
    pub container: Option<FileType>,
    pub container_size: Option<(u64, u64)>,
    /// In the syntax of the `regex` crate; None: any name.
    pub member_name: Option<String>,
    pub size_in_container: Option<(u64, u64)>,
    pub size: Option<(u64, u64)>,
    pub encrypted: Option<bool>,
    /// From 1.
    pub position: Option<(u64, u64)>,
    /// CRC-32 of a member of a zip or rar.
    pub crc32: Option<u32>,
}

pub fn parse(line: &str) -> Result<MemberRule, LineError> {
    // The regular expression may hold colons: what stands before it is counted from the front, what follows from the back.
    let fields: Vec<&str> = line.split(':').collect();
    if fields.len() < 10 {
        return Err(malformed("fewer than ten fields"));
    }
    let (mut head, mut tail) = (3, fields.len());
    let levels = trailing_levels(&fields);
    tail -= levels.len();
    if tail < 10 {
        return Err(malformed("fewer than ten fields"));
    }
    let regex = fields[head..tail - 6].join(":");
    head = tail - 6;
    check_level(levels.first().copied(), levels.get(1).copied())?;
    let &[size_in_container, size, encrypted, position, crc, _] = &fields[head..tail] else {
        return Err(malformed("fewer than ten fields"));
    };
    let container = if fields[1] == "*" { None } else { Some(FileType::parse(fields[1])?) };
    let container = container.filter(|container| *container != FileType::Any);
    let member_name = if regex == "*" || regex.is_empty() { None } else { Some(regex) };
    if let Some(regex) = &member_name {
        special::compile(regex).map_err(|why| unsupported(format!("regular expression: {why}")))?;
    }
    let zipped = matches!(container, Some(FileType::Zip | FileType::Rar));
    let crc32 = match crc {
        "*" | "" => None,
        text if zipped => Some(u32::from_str_radix(text, 16).map_err(|_| malformed("not a CRC-32"))?),
        _ => None,
    };
    Ok(MemberRule {
        name: check_name(fields[0])?.to_owned(),
        container,
        container_size: sizes(fields[2])?,
        member_name,
        size_in_container: sizes(size_in_container)?,
        size: sizes(size)?,
        encrypted: match encrypted {
            "*" => None,
            "0" => Some(false),
            "1" => Some(true),
            _ => return Err(malformed("IsEncrypted is 0, 1 or *")),
        },
        position: sizes(position)?,
        crc32,
    })
}

/// As `range`, but of two numbers a zero is no bound.
fn sizes(text: &str) -> Result<Option<(u64, u64)>, LineError> {
    match text.split_once('-') {
        Some((low, "0")) if low.parse::<u64>().is_ok_and(|low| low > 0) => range(&format!("{low}-")),
        _ => range(text),
    }
}

/// The fields after Res2, which there are when more than ten stand there and IsEncrypted then falls into its place.
fn trailing_levels<'l>(fields: &[&'l str]) -> Vec<&'l str> {
    let encrypted = |levels: usize| fields.len().checked_sub(levels + 4).and_then(|at| fields.get(at).copied());
    let level = |field: &&str| field.bytes().all(|byte| byte.is_ascii_digit());
    let looks = |levels: usize| {
        fields.len() >= 10 + levels
            && matches!(encrypted(levels), Some("0" | "1" | "*"))
            && fields[fields.len() - levels..].iter().all(level)
    };
    let count = (0..=2).rev().find(|levels| looks(*levels)).unwrap_or(0);
    fields[fields.len() - count..].to_vec()
}
