//! Which kind of log a file is, by its first bytes.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::str::FromStr;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A Windows event log.
    Evtx,
    /// A document a line, documents one after the other, or a list of them.
    Json,
    /// `/var/log/audit/audit.log`.
    Auditd,
    /// `journalctl -o export`.
    Journal,
    /// Lines as syslog daemons write them.
    Syslog,
}

impl Format {
    pub(crate) fn detect(file: &mut File) -> std::io::Result<Option<Format>> {
        let mut head = [0; 4096];
        let mut length = 0;
        while length < head.len() {
            match file.read(&mut head[length..])? {
                0 => break,
                n => length += n,
            }
        }
        file.seek(SeekFrom::Start(0))?;
        Ok(Format::of(&head[..length]))
    }

    /// None: no kind that is known here.
    pub fn of(head: &[u8]) -> Option<Format> {
        if head.starts_with(b"ElfFile\0") || head.get(..8).is_some_and(|magic| magic == b"ElfChnk\0") {
            return Some(Format::Evtx);
        }
        let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
        let start = text.iter().position(|byte| !byte.is_ascii_whitespace())?;
        let text = &text[start..];
        let line = text.split(|byte| *byte == b'\n').next().unwrap_or(text);
        let has = |needle: &[u8]| memchr::memmem::find(line, needle).is_some();
        if matches!(text[0], b'{' | b'[') {
            return Some(Format::Json);
        }
        if has(b"msg=audit(") && has(b"type=") {
            return Some(Format::Auditd);
        }
        if text.starts_with(b"__") && has(b"=") || memchr::memmem::find(text, b"\n__REALTIME_TIMESTAMP=").is_some() {
            return Some(Format::Journal);
        }
        let binary = text.contains(&0);
        (!binary).then_some(Format::Syslog)
    }
}

impl FromStr for Format {
    type Err = String;
    fn from_str(text: &str) -> Result<Format, String> {
        Ok(match text {
            "evtx" => Format::Evtx,
            "json" => Format::Json,
            "auditd" => Format::Auditd,
            "journal" => Format::Journal,
            "syslog" => Format::Syslog,
            other => return Err(format!("no format: {other:?}; evtx, json, auditd, journal, syslog are")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes() {
        let check = |head: &[u8], expected| assert_eq!(Format::of(head), expected, "{}", head.escape_ascii());
        check(b"ElfFile\0\0\0", Some(Format::Evtx));
        check(b"\xef\xbb\xbf {\"a\": 1}", Some(Format::Json));
        check(b"\n[\n {}", Some(Format::Json));
        check(b"type=SYSCALL msg=audit(1.0:1): a", Some(Format::Auditd));
        check(b"node=web type=EXECVE msg=audit(1.0:1): a", Some(Format::Auditd));
        check(b"__CURSOR=s=1\n__REALTIME_TIMESTAMP=1", Some(Format::Journal));
        check(b"Mar  3 10:00:00 web sshd[1]: hello", Some(Format::Syslog));
        check(b"MZ\0\0", None);
        check(b"", None);
    }
}
