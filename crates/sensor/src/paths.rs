//! Puts a path together from what the kernel half sent: the caller's text, and components from the leaf to the root.

use kernel_abi::{Bytes, Path, path_flag};

/// Bytes of one path in a record, in order.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Parts<'a> {
    pub text: &'a [u8],
    pub walk: &'a [u8],
    pub flags: u32,
}

impl<'a> Parts<'a> {
    pub fn take(path: &Path, bytes: &mut Bytes<'a>) -> Option<Parts<'a>> {
        let text = bytes.take(path.text.into())?;
        let walk = bytes.take(path.walk.into())?;
        Some(Parts { text, walk, flags: path.flags })
    }

    pub fn cut(&self) -> bool {
        self.flags & path_flag::CUT != 0 || self.flags & path_flag::UNKNOWN != 0
    }

    /// Absolute where the kernel reached the root, without `.`, `..` and doubled slashes in the caller's part.
    pub fn join(&self, out: &mut Vec<u8>) {
        out.clear();
        if !self.text.starts_with(b"/")
            && (self.text.is_empty() || !self.walk.is_empty() || self.flags & path_flag::WHOLE != 0)
        {
            self.join_walk(out);
        }
        let mut relative = self.text;
        if let Some(absolute) = relative.strip_prefix(b"/") {
            relative = absolute;
        } else if out.is_empty() && !relative.is_empty() && self.flags & path_flag::WHOLE == 0 {
            // Where it hangs is not known: the text alone.
            out.extend_from_slice(relative);
            return;
        }
        for component in relative.split(|b| *b == b'/') {
            append(out, component);
        }
        if out.is_empty() && (self.flags & path_flag::WHOLE != 0) {
            out.push(b'/');
        }
    }

    /// Text that is no path.
    pub fn plain(&self) -> &'a [u8] {
        self.text
    }

    fn join_walk(&self, out: &mut Vec<u8>) {
        let walk = self.walk.strip_suffix(b"\0").unwrap_or(self.walk);
        if walk.is_empty() {
            return;
        }
        for component in walk.rsplit(|b| *b == 0) {
            // A detached tree's root calls itself "/".
            if component != b"/" {
                out.push(b'/');
                out.extend_from_slice(component);
            }
        }
    }
}

fn append(out: &mut Vec<u8>, component: &[u8]) {
    match component {
        b"" | b"." => {}
        b".." => {
            let parent = out.iter().rposition(|b| *b == b'/').unwrap_or(0);
            out.truncate(parent);
        }
        name => {
            out.push(b'/');
            out.extend_from_slice(name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins() {
        let check = |text: &str, walk: &str, flags: u32, expected: &str| {
            let mut out = Vec::new();
            Parts { text: text.as_bytes(), walk: walk.as_bytes(), flags }.join(&mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expected, "{text:?} {walk:?}");
        };
        let whole = path_flag::WHOLE;
        check("", "passwd\0etc\0", whole, "/etc/passwd");
        check("", "", whole, "/");
        check("", "memfd:x\0", path_flag::DETACHED, "/memfd:x");
        check("a/../b", "tmp\0", whole, "/tmp/b");
        check("../../../x", "tmp\0", whole, "/x");
        check("x", "", whole, "/x");
        check("/a//./b/", "", whole, "/a/b");
        check("/", "", whole, "/");
        check("x", "", path_flag::CUT, "x");
        check("", "", path_flag::UNKNOWN, "");
        check("", "c\0b\0", path_flag::CUT, "/b/c");
    }
}
