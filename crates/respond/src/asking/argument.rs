//! What an argument names, found as the process itself would: from its working folder, below its root, and for its own
//! descriptors (`/dev/stdin`, `/dev/fd/3`, `/proc/self/exe`) by its number, since those names mean another file to everybody.

use super::Asking;
use rustix::fs::{Mode, OFlags, ResolveFlags, openat2};
use rustix::io::Errno;
use std::fs::{self, File};
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};

/// What an interpreter would read from.
#[derive(Debug)]
pub enum Input {
    /// A terminal, a device, or nothing at all.
    Person,
    Pipe,
    /// A folder too.
    File(File),
    /// It is there, and nobody can look at it.
    Unseen,
}

impl Asking {
    /// Whether the name that the caller gave is this very file. Not so for a script's interpreter and a program's loader. A
    /// name that cannot be followed, or leads nowhere any more, counts as the file's.
    pub fn names(&self, file: &File) -> bool {
        match self.resolve(self.folder, &self.requested) {
            Ok(found) => identity(&File::from(found)).is_none_or(|here| Some(here) == identity(file)),
            Err(_) => true,
        }
    }

    /// None where there is no such file.
    pub fn argument(&self, name: &str) -> Option<Input> {
        match self.resolve(None, name) {
            Ok(found) => Some(look(File::from(found))),
            Err(error) if is_missing(error) => None,
            Err(_) => Some(Input::Unseen),
        }
    }

    pub fn input(&self) -> Input {
        match rustix::fs::open(format!("/proc/{}/fd/0", self.pid), PATH, Mode::empty()) {
            Ok(found) => look(File::from(found)),
            // It is closed.
            Err(error) if is_missing(error) => Input::Person,
            Err(_) => Input::Unseen,
        }
    }

    /// Without opening it: a name alone waits for nobody and wakes nobody.
    fn resolve(&self, folder: Option<i32>, name: &str) -> Result<OwnedFd, Errno> {
        let own = format!("/proc/{}", self.pid);
        if name.is_empty() {
            let number = folder.filter(|number| *number >= 0).ok_or(Errno::NOENT)?;
            return rustix::fs::open(format!("{own}/fd/{number}"), PATH, Mode::empty());
        }
        if let Some(link) = own_link(name) {
            return rustix::fs::open(format!("{own}/{link}"), PATH, Mode::empty());
        }
        let root = rustix::fs::open(format!("{own}/root"), PATH, Mode::empty())?;
        let start = match folder {
            Some(number) if number >= 0 => format!("{own}/fd/{number}"),
            _ => format!("{own}/cwd"),
        };
        // Links are followed below the root that the process has, never into ours.
        let inside = if name.starts_with('/') {
            name.to_owned()
        } else {
            let link = |path: String| fs::read_link(path).map_err(|_| Errno::ACCESS);
            let (here, top) = (link(start)?, link(format!("{own}/root"))?);
            let below = here.strip_prefix(&top).ok().and_then(|below| below.to_str()).ok_or(Errno::ACCESS)?;
            format!("/{below}/{name}")
        };
        openat2(&root, inside.as_str(), PATH, Mode::empty(), ResolveFlags::IN_ROOT)
    }
}

const PATH: OFlags = OFlags::PATH.union(OFlags::CLOEXEC);

fn is_missing(error: Errno) -> bool {
    matches!(error, Errno::NOENT | Errno::NOTDIR | Errno::SRCH)
}

/// Below /proc/PID, of a name that means something else to each process.
fn own_link(name: &str) -> Option<String> {
    let number = |digits: &str| !digits.is_empty() && digits.len() < 10 && digits.bytes().all(|b| b.is_ascii_digit());
    if let Some(n) = ["/dev/stdin", "/dev/stdout", "/dev/stderr"].iter().position(|one| *one == name) {
        return Some(format!("fd/{n}"));
    }
    if let Some(digits) = name.strip_prefix("/dev/fd/").filter(|digits| number(digits)) {
        return Some(format!("fd/{digits}"));
    }
    let rest = name.strip_prefix("/proc/self/").or_else(|| name.strip_prefix("/proc/thread-self/"))?;
    let own = rest == "exe" || rest.strip_prefix("fd/").is_some_and(number);
    own.then(|| rest.to_owned())
}

/// `found` is a name only; what is a file is opened by it.
fn look(found: File) -> Input {
    let Ok(kind) = found.metadata().map(|meta| meta.file_type()) else { return Input::Unseen };
    if kind.is_fifo() || kind.is_socket() {
        return Input::Pipe;
    }
    if !kind.is_file() && !kind.is_dir() {
        return Input::Person;
    }
    File::open(format!("/proc/self/fd/{}", found.as_raw_fd())).map_or(Input::Unseen, Input::File)
}

fn identity(file: &File) -> Option<(u64, u64)> {
    file.metadata().ok().map(|meta| (meta.dev(), meta.ino()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn me(requested: &str) -> Asking {
        Asking { pid: std::process::id(), requested: requested.into(), arguments: Vec::new(), folder: None }
    }

    #[test]
    fn names_are_found_as_the_process_would() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("x"), "1").unwrap();
        std::os::unix::fs::symlink(folder.path().join("x"), folder.path().join("link")).unwrap();
        let link = folder.path().join("link");
        let asking = me(link.to_str().unwrap());
        assert!(asking.names(&File::open(folder.path().join("x")).unwrap()));
        assert!(!asking.names(&File::open("/proc/self/exe").unwrap()));
        assert!(me("/proc/self/exe").names(&File::open("/proc/self/exe").unwrap()), "its own name for itself");
        assert!(matches!(asking.argument(link.to_str().unwrap()), Some(Input::File(_))));
        assert!(matches!(asking.argument("/dev/null"), Some(Input::Person)));
        assert!(asking.argument("not-here").is_none());
        assert!(asking.argument("").is_none());
    }

    #[test]
    fn what_nobody_can_look_at_is_no_missing_file() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        rustix::fs::mknodat(rustix::fs::CWD, at("pipe"), rustix::fs::FileType::Fifo, Mode::RUSR, 0).unwrap();
        assert!(matches!(me("").argument(&at("pipe")), Some(Input::Pipe)), "and it does not wait for a writer");
        std::os::unix::fs::symlink("/proc/self/exe", at("own")).unwrap();
        assert!(matches!(me("").argument(&at("own")), Some(Input::Unseen)), "a link to what differs by process");
        assert!(me(&at("own")).names(&File::open("/proc/self/exe").unwrap()));
        let (read, _write) = rustix::pipe::pipe().unwrap();
        for name in [format!("/dev/fd/{}", read.as_raw_fd()), format!("/proc/self/fd/{}", read.as_raw_fd())] {
            assert!(matches!(me("").argument(&name), Some(Input::Pipe)), "{name}");
        }
    }

    #[test]
    fn names_that_differ_by_process() {
        let check = |name: &str, expected: Option<&str>| assert_eq!(own_link(name).as_deref(), expected, "{name}");
        check("/dev/stdin", Some("fd/0"));
        check("/dev/fd/63", Some("fd/63"));
        check("/proc/self/fd/3", Some("fd/3"));
        check("/proc/thread-self/exe", Some("exe"));
        check("/proc/self/fd/../exe", None);
        check("/proc/self/root/etc/passwd", None);
        check("/dev/fd/", None);
        check("/dev/null", None);
    }
}
