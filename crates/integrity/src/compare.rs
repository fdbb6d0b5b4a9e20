//! Facts before against facts now: which attributes differ, in words. Times and inode numbers are no difference by
//! themselves: a file that was written again with the same content is the same.

use crate::acl;
use crate::{Content, Facts, Kind};
use event::{Attribute, Changed, text};

const ACLS: [&[u8]; 2] = [b"system.posix_acl_access", b"system.posix_acl_default"];
/// Extended attributes told in words; the rest is counted.
const MOST_XATTRS: usize = 8;

/// In the order of [`Attribute::ALL`]; empty when nothing is different that anyone decides upon. Of a file that came or
/// went, the other side is empty text.
pub fn compare(before: Option<&Facts>, after: Option<&Facts>) -> Vec<Changed> {
    let nothing = Facts::default();
    let differs = |attribute| {
        let (before, after) = match attribute {
            Attribute::Xattr => xattrs(before.unwrap_or(&nothing), after.unwrap_or(&nothing)),
            _ => {
                let side = |facts: Option<&Facts>| facts.map(|facts| words(attribute, facts)).unwrap_or_default();
                (side(before), side(after))
            }
        };
        (before != after).then_some(Changed { attribute, before, after })
    };
    Attribute::ALL.into_iter().filter_map(differs).collect()
}

fn words(attribute: Attribute, facts: &Facts) -> String {
    match attribute {
        Attribute::Content => match facts.content {
            Content::None => String::new(),
            Content::Sha256(digest) => hex::encode(digest),
            Content::Unread => "not read".into(),
        },
        Attribute::Type => facts.kind.name().into(),
        Attribute::Size if facts.kind == Kind::File => facts.size.to_string(),
        Attribute::Target => text::from_bytes(&facts.target).into_owned(),
        // The kernel gives every link the same mode.
        Attribute::Mode if facts.kind != Kind::Symlink => format!("{:04o}", facts.mode),
        Attribute::Owner => facts.uid.to_string(),
        Attribute::Group => facts.gid.to_string(),
        Attribute::Acl => acls(facts),
        Attribute::Links if facts.links > 0 => facts.links.to_string(),
        Attribute::Device if facts.node > 0 => {
            format!("{}:{}", rustix::fs::major(facts.node), rustix::fs::minor(facts.node))
        }
        Attribute::Size | Attribute::Mode | Attribute::Xattr | Attribute::Links | Attribute::Device => String::new(),
    }
}

fn acls(facts: &Facts) -> String {
    let list = |name: &[u8], before: &str| {
        let value = facts.xattr(name)?;
        Some(format!("{before}{}", acl::text(value).unwrap_or_else(|| hex::encode(value))))
    };
    let lists = [list(ACLS[0], ""), list(ACLS[1], "default:")];
    lists.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// Whether two states are the same but for times and inode number.
pub fn same_but_for_times(before: &Facts, after: &Facts) -> bool {
    let bare = |facts: &Facts| Facts { modified: 0, changed: 0, inode: 0, device: 0, ..facts.clone() };
    bare(before) == bare(after)
}

/// Only those that differ.
fn xattrs(before: &Facts, after: &Facts) -> (String, String) {
    let names = before.xattrs.iter().chain(&after.xattrs).map(|(name, _)| name.as_slice());
    let mut names: Vec<&[u8]> =
        names.filter(|name| !ACLS.contains(name) && before.xattr(name) != after.xattr(name)).collect();
    names.sort_unstable();
    names.dedup();
    let side = |facts: &Facts| {
        let shown = names.iter().take(MOST_XATTRS).filter_map(|name| Some((*name, facts.xattr(name)?)));
        let mut texts: Vec<String> =
            shown.map(|(name, value)| format!("{}={}", text::from_bytes(name), value_text(value))).collect();
        if names.len() > MOST_XATTRS {
            texts.push(format!("and {} more", names.len() - MOST_XATTRS));
        }
        texts.join(" ")
    };
    (side(before), side(after))
}

/// Text where it is text (a label), hex where not (a capability set).
fn value_text(value: &[u8]) -> String {
    let bare = value.strip_suffix(b"\0").unwrap_or(value);
    match std::str::from_utf8(bare) {
        Ok(text) if !text.chars().any(char::is_control) => text.to_owned(),
        _ => hex::encode(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(change: impl FnOnce(&mut Facts)) -> Facts {
        let mut facts = Facts { mode: 0o644, size: 3, links: 1, content: Content::Sha256([7; 32]), ..Facts::default() };
        change(&mut facts);
        facts
    }

    #[test]
    fn only_what_matters_differs() {
        let check = |change: fn(&mut Facts), expected: &[(&str, &str, &str)]| {
            let told = compare(Some(&file(|_| {})), Some(&file(change)));
            let told: Vec<(&str, &str, &str)> =
                told.iter().map(|c| (c.attribute.name(), &*c.before, &*c.after)).collect();
            assert_eq!(told, expected);
        };
        check(|_| {}, &[]);
        check(|f| (f.inode, f.changed, f.modified, f.device) = (9, 9, 9, 9), &[]);
        check(|f| f.mode = 0o4755, &[("mode", "0644", "4755")]);
        check(|f| (f.uid, f.gid) = (5, 6), &[("owner", "0", "5"), ("group", "0", "6")]);
        check(|f| f.links = 2, &[("links", "1", "2")]);
        check(
            |f| f.content = Content::Unread,
            &[("content", "0707070707070707070707070707070707070707070707070707070707070707", "not read")],
        );
        check(
            |f| f.xattrs = vec![(b"security.capability".to_vec(), vec![1, 2]), (b"user.note".to_vec(), b"hi".to_vec())],
            &[("xattr", "", "security.capability=0102 user.note=hi")],
        );
        check(
            |f| f.xattrs = vec![(ACLS[0].to_vec(), vec![2, 0, 0, 0, 2, 0, 7, 0, 3, 0, 0, 0])],
            &[("acl", "", "user:3:rwx")],
        );
    }

    #[test]
    fn what_came_or_went_has_one_side() {
        let told = compare(None, Some(&file(|_| {})));
        assert!(told.iter().all(|one| one.before.is_empty()), "{told:?}");
        assert_eq!(told[0].attribute, Attribute::Content);
        assert!(compare(Some(&file(|_| {})), None).iter().all(|one| one.after.is_empty()));
    }

    #[test]
    fn a_file_written_again_is_the_same() {
        assert!(same_but_for_times(&file(|f| f.inode = 1), &file(|f| (f.inode, f.modified) = (2, 3))));
        assert!(!same_but_for_times(&file(|_| {}), &file(|f| f.uid = 1)));
    }
}
