//! Whether a process was started to delete files, by its command line.

use std::fs;
use std::path::Path;

/// A longer line is cut.
const MAX_LINE: usize = 64 << 10;

/// False where it has ended.
pub fn deletes(pid: u32) -> bool {
    let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let words: Vec<_> = line[..line.len().min(MAX_LINE)].split(|b| *b == 0).map(String::from_utf8_lossy).collect();
    is_deleter(&words.iter().map(AsRef::as_ref).collect::<Vec<_>>())
}

fn is_deleter(words: &[&str]) -> bool {
    let name = |word: &&str| Path::new(word).file_name().and_then(|name| name.to_str()).map(str::to_owned);
    let mut rest = words.iter().copied();
    let mut program = rest.next().as_ref().and_then(name).unwrap_or_default();
    if matches!(program.as_str(), "busybox" | "toybox") {
        program = rest.next().as_ref().and_then(name).unwrap_or_default();
    }
    match program.as_str() {
        "rm" | "shred" | "unlink" | "srm" | "wipe" => true,
        "find" => {
            words.contains(&"-delete")
                || words.iter().any(|word| matches!(*word, "rm" | "/bin/rm" | "/usr/bin/rm" | "shred" | "unlink"))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_the_command_line() {
        let check =
            |line: &str, expected| assert_eq!(is_deleter(&line.split(' ').collect::<Vec<_>>()), expected, "{line}");
        check("rm -rf d", true);
        check("/usr/bin/shred -u a", true);
        check("busybox rm a", true);
        check("find . -type f -delete", true);
        check("find . -exec rm {} +", true);
        check("find . -name rmdir", false);
        check("busybox", false);
        check("", false);
        check("tar cf - .", false);
    }
}
