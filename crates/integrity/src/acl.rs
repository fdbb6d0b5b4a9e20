//! A POSIX access control list from its extended attribute to the short text that `getfacl` users know.
//!
//! The form is the kernel's (`include/uapi/linux/posix_acl_xattr.h`): a little-endian version, then 8 bytes an entry.

const VERSION: u32 = 2;

/// None when the bytes are not such a list.
pub fn text(value: &[u8]) -> Option<String> {
    let (version, entries) = value.split_at_checked(4)?;
    if u32::from_le_bytes(version.try_into().ok()?) != VERSION || entries.len() % 8 != 0 {
        return None;
    }
    let texts: Option<Vec<String>> = entries.chunks_exact(8).map(entry).collect();
    Some(texts?.join(","))
}

fn entry(bytes: &[u8]) -> Option<String> {
    let tag = u16::from_le_bytes([bytes[0], bytes[1]]);
    let bits = u16::from_le_bytes([bytes[2], bytes[3]]);
    let id = u32::from_le_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]);
    let who = match tag {
        0x01 => "user::".to_owned(),
        0x02 => format!("user:{id}:"),
        0x04 => "group::".to_owned(),
        0x08 => format!("group:{id}:"),
        0x10 => "mask::".to_owned(),
        0x20 => "other::".to_owned(),
        _ => return None,
    };
    let letter = |bit: u16, letter: char| if bits & bit != 0 { letter } else { '-' };
    Some(format!("{who}{}{}{}", letter(4, 'r'), letter(2, 'w'), letter(1, 'x')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists() {
        let entry =
            |tag: u16, bits: u16, id: u32| [&tag.to_le_bytes()[..], &bits.to_le_bytes(), &id.to_le_bytes()].concat();
        let list = |entries: &[Vec<u8>]| [2u32.to_le_bytes().to_vec(), entries.concat()].concat();
        let check = |bytes: &[u8], expected: Option<&str>| assert_eq!(text(bytes).as_deref(), expected, "{bytes:?}");
        let none = u32::MAX;
        check(
            &list(&[entry(1, 6, none), entry(2, 4, 1000), entry(0x20, 0, none)]),
            Some("user::rw-,user:1000:r--,other::---"),
        );
        check(&list(&[]), Some(""));
        check(&list(&[entry(0x40, 7, 0)]), None);
        check(&[2, 0, 0, 0, 1], None);
        check(&[1, 0, 0, 0], None);
        check(b"", None);
    }
}
