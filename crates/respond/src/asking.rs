//! What a process that waits in execve asked for: the name it gave, the arguments, and what its standard input is. The
//! kernel's question holds only the file; the rest is read from the waiting thread's registers (/proc/TID/syscall) and
//! memory. Another thread of that process could change the arguments after they were read: what an interpreter then opens
//! is looked at when it opens it, where the gate of opening stands.

use rustix::fs::{Mode, OFlags, ResolveFlags, openat2};
use std::fs::{self, File};
use std::os::fd::OwnedFd;
use std::os::unix::fs::{FileExt as _, FileTypeExt as _, MetadataExt as _};
use std::path::Path;
use std::time::Duration;

/// Arguments read at most, and bytes of one and of all.
const MOST_ARGUMENTS: usize = 512;
const MOST_BYTES: usize = 64 << 10;
const MOST_OF_ONE: usize = 16 << 10;
const MOST_THREADS: usize = 4_096;
/// How often, and how long each time, a thread is given the time to come to rest.
const TURNS: u32 = 200;
const TURN: Duration = Duration::from_millis(1);

#[cfg(target_arch = "x86_64")]
mod calls {
    pub const EXECVE: i64 = 59;
    pub const EXECVEAT: i64 = 322;
}
#[cfg(not(target_arch = "x86_64"))]
mod calls {
    pub const EXECVE: i64 = 221;
    pub const EXECVEAT: i64 = 281;
}

/// Of an execve that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asking {
    pub pid: u32,
    /// As the caller gave it; empty where it gave a descriptor alone.
    pub requested: String,
    /// `argv`, the name first. They may have been cut at a limit.
    pub arguments: Vec<String>,
    /// Of execveat: what a relative name starts from.
    folder: Option<i32>,
}

/// What an interpreter would read from.
#[derive(Debug)]
pub enum Input {
    /// A terminal, or nothing at all.
    Person,
    Pipe,
    File(File),
}

/// None when no thread of the process waits in execve, or its memory cannot be read.
pub fn asking(pid: u32) -> Option<Asking> {
    at_rest(pid, |task| of_thread(pid, task))
}

/// The question may be here before its thread has come to rest: until then /proc shows nothing of it.
fn at_rest<T>(pid: u32, look: impl Fn(&Path) -> Option<T>) -> Option<T> {
    for _ in 0..TURNS {
        let mut running = false;
        for task in fs::read_dir(format!("/proc/{pid}/task")).ok()?.flatten().take(MOST_THREADS) {
            if let Some(found) = look(&task.path()) {
                return Some(found);
            }
            running |= fs::read_to_string(task.path().join("syscall")).is_ok_and(|line| line.starts_with("running"));
        }
        if !running {
            return None;
        }
        std::thread::sleep(TURN);
    }
    None
}

fn of_thread(pid: u32, task: &Path) -> Option<Asking> {
    let call = Call::parse(&fs::read_to_string(task.join("syscall")).ok()?)?;
    let memory = Memory(File::open(task.join("mem")).ok()?);
    Some(Asking {
        pid,
        requested: memory.text(call.name, MOST_OF_ONE)?,
        arguments: memory.texts(call.arguments)?,
        folder: call.folder,
    })
}

/// The registers that count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Call {
    folder: Option<i32>,
    name: u64,
    arguments: u64,
}

impl Call {
    /// `59 0x… 0x… …`: call, then its arguments.
    fn parse(line: &str) -> Option<Call> {
        let mut words = line.split_ascii_whitespace();
        let call: i64 = words.next()?.parse().ok()?;
        let mut next = || u64::from_str_radix(words.next()?.strip_prefix("0x")?, 16).ok();
        match call {
            calls::EXECVE => Some(Call { folder: None, name: next()?, arguments: next()? }),
            calls::EXECVEAT => Some(Call { folder: Some(next()? as i32), name: next()?, arguments: next()? }),
            _ => None,
        }
    }
}

/// Whether a thread of the process that waits in a system call made that call from within a mapped file that `is` tells
/// by its path: the loader opens libraries with code of its own.
pub fn opened_by(pid: u32, is: fn(&str) -> bool) -> bool {
    let Ok(maps) = fs::read_to_string(format!("/proc/{pid}/maps")) else { return false };
    let ranges: Vec<(u64, u64)> = maps.lines().filter_map(|line| range(line, is)).collect();
    if ranges.is_empty() {
        return false;
    }
    let counter = |task: &Path| {
        let line = fs::read_to_string(task.join("syscall")).ok()?;
        let at = u64::from_str_radix(line.trim_end().rsplit(' ').next()?.strip_prefix("0x")?, 16).ok()?;
        ranges.iter().any(|(from, to)| (*from..=*to).contains(&at)).then_some(())
    };
    at_rest(pid, counter).is_some()
}

/// `55… - 56… r-xp 0000 08:01 42   /path`.
fn range(line: &str, is: fn(&str) -> bool) -> Option<(u64, u64)> {
    let (from, to) = line.split(' ').next()?.split_once('-')?;
    let path = line.find('/').map(|at| &line[at..])?;
    let number = |text| u64::from_str_radix(text, 16).ok();
    is(path).then_some((number(from)?, number(to)?))
}

struct Memory(File);

impl Memory {
    /// Up to the first NUL, page by page: what lies behind it may not be mapped.
    fn text(&self, at: u64, most: usize) -> Option<String> {
        const PAGE: u64 = 4_096;
        let mut bytes = Vec::new();
        let mut page = [0; PAGE as usize];
        while bytes.len() < most {
            let from = at.checked_add(bytes.len() as u64)?;
            let size = (PAGE - from % PAGE) as usize;
            self.0.read_exact_at(&mut page[..size], from).ok()?;
            match page[..size].iter().position(|byte| *byte == 0) {
                Some(end) => {
                    bytes.extend_from_slice(&page[..end]);
                    break;
                }
                None => bytes.extend_from_slice(&page[..size]),
            }
        }
        bytes.truncate(most);
        Some(event::text::from_bytes(&bytes).into_owned())
    }

    fn texts(&self, list: u64) -> Option<Vec<String>> {
        let mut texts = Vec::new();
        let mut left = MOST_BYTES;
        for n in 0..MOST_ARGUMENTS as u64 {
            let mut pointer = [0; 8];
            self.0.read_exact_at(&mut pointer, list.checked_add(8 * n)?).ok()?;
            let pointer = u64::from_ne_bytes(pointer);
            if pointer == 0 || left == 0 {
                break;
            }
            let text = self.text(pointer, left.min(MOST_OF_ONE))?;
            left = left.saturating_sub(text.len().max(1));
            texts.push(text);
        }
        Some(texts)
    }
}

impl Asking {
    /// Whether the name that the caller gave is this very file. Not so for a script's interpreter and a program's loader.
    pub fn names(&self, file: &File) -> bool {
        let here = self.open(&self.requested, OFlags::PATH).and_then(|found| identity(&File::from(found)));
        here.is_some() && here == identity(file)
    }

    /// Opens what an argument names, as the process would: from its working folder, below its root. Never waits on a pipe
    /// or a device.
    pub fn open_argument(&self, name: &str) -> Option<File> {
        let file = File::from(self.resolve(None, name, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY)?);
        file.metadata().ok().filter(|meta| meta.is_file() || meta.is_dir()).map(|_| file)
    }

    fn open(&self, name: &str, flags: OFlags) -> Option<OwnedFd> {
        self.resolve(self.folder, name, flags)
    }

    fn resolve(&self, folder: Option<i32>, name: &str, flags: OFlags) -> Option<OwnedFd> {
        let flags = flags | OFlags::CLOEXEC;
        let own = format!("/proc/{}", self.pid);
        if name.is_empty() {
            let number = folder.filter(|number| *number >= 0)?;
            return rustix::fs::open(format!("{own}/fd/{number}"), flags, Mode::empty()).ok();
        }
        let root = File::open(format!("{own}/root")).ok()?;
        let start = match folder {
            Some(number) if number >= 0 => format!("{own}/fd/{number}"),
            _ => format!("{own}/cwd"),
        };
        // Links are followed below the root that the process has, never into ours.
        let inside = if name.starts_with('/') {
            name.to_owned()
        } else {
            let (here, top) = (fs::read_link(start).ok()?, fs::read_link(format!("{own}/root")).ok()?);
            format!("/{}/{name}", here.strip_prefix(&top).ok()?.to_str()?)
        };
        openat2(&root, inside.as_str(), flags, Mode::empty(), ResolveFlags::IN_ROOT).ok()
    }

    pub fn input(&self) -> Input {
        let path = format!("/proc/{}/fd/0", self.pid);
        let Ok(meta) = fs::metadata(&path) else { return Input::Person };
        let kind = meta.file_type();
        if kind.is_fifo() || kind.is_socket() {
            return Input::Pipe;
        }
        if !kind.is_file() {
            return Input::Person;
        }
        // A file that cannot be opened again is as good as a pipe: nobody can look at it.
        rustix::fs::open(path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())
            .map_or(Input::Pipe, |file| Input::File(File::from(file)))
    }
}

fn identity(file: &File) -> Option<(u64, u64)> {
    file.metadata().ok().map(|meta| (meta.dev(), meta.ino()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn registers_of_an_execve() {
        let check = |line: &str, expected| assert_eq!(Call::parse(line), expected, "{line}");
        check("59 0x10 0x20 0x30 0x0 0x0 0x0 0x7f 0x7f", Some(Call { folder: None, name: 16, arguments: 32 }));
        let at = Call { folder: Some(-100), name: 16, arguments: 32 };
        check("322 0xffffff9c 0x10 0x20 0x30 0x0 0x0 0x7f 0x7f", Some(at));
        check("257 0xffffff9c 0x10 0x0 0x0 0x0 0x0 0x7f 0x7f", None);
        check("running", None);
        check("59 0x10", None);
        check("", None);
    }

    #[test]
    fn ranges_of_a_mapped_file() {
        let is = |path: &str| path.ends_with("/ld.so");
        assert_eq!(range("10-20 r-xp 00001000 08:01 42       /lib/ld.so", is), Some((16, 32)));
        assert_eq!(range("10-20 r-xp 00001000 08:01 42       /lib/libc.so", is), None);
        assert_eq!(range("10-20 rw-p 00000000 00:00 0", is), None);
        assert!(!opened_by(std::process::id(), |path| path.ends_with("/not-mapped")));
    }

    #[test]
    fn nobody_here_waits_in_execve() {
        assert_eq!(asking(std::process::id()), None);
        assert_eq!(asking(u32::MAX / 2), None);
    }

    #[test]
    fn names_are_found_as_the_process_would() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("x"), "1").unwrap();
        std::os::unix::fs::symlink(folder.path().join("x"), folder.path().join("link")).unwrap();
        let me = |requested: &str| Asking {
            pid: std::process::id(),
            requested: requested.into(),
            arguments: Vec::new(),
            folder: None,
        };
        let link = folder.path().join("link");
        let asking = me(link.to_str().unwrap());
        assert!(asking.names(&File::open(folder.path().join("x")).unwrap()));
        assert!(!asking.names(&File::open("/proc/self/exe").unwrap()));
        assert!(asking.open_argument(link.to_str().unwrap()).is_some());
        assert!(asking.open_argument("/dev/null").is_none());
        assert!(asking.open_argument("not-here").is_none());
        assert!(me("").open("", OFlags::PATH).is_none());
    }
}
