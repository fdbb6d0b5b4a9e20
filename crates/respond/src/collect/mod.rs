//! Looking at this host on request: one process's memory, files and sockets, what starts by itself, kernel modules, whether
//! processes hide or the kernel is hooked, who is logged in, one file. Reads only; each look ends within its [`Limits`] and says
//! what it could not see.
//!
//! What answers is the very kernel that may be lying. A rootkit that changes every view alike is not found from inside; the
//! notes say which views were compared.

mod file;
mod hidden;
mod hooks;
mod logins;
mod memory;
mod modules;
mod open_files;
mod persistence;
mod places;
mod sockets;

use event::ProcessKey;
use serde::Serialize;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Look {
    Memory(ProcessKey),
    OpenFiles(ProcessKey),
    /// Of one process; of the host's listeners without one.
    Sockets(Option<ProcessKey>),
    Persistence,
    Modules,
    HiddenProcesses,
    KernelHooks,
    Logins,
    /// Metadata and digest, and the beginning of its content where `bytes` of the limits allow.
    File(PathBuf),
}

/// How much one look may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub items: usize,
    /// Of file content sent; nothing is sent at 0.
    pub bytes: u64,
    pub time: Duration,
}

impl Limits {
    /// No order may ask for more.
    pub const MOST: Limits = Limits { items: 2_000, bytes: 1 << 20, time: Duration::from_secs(20) };

    #[must_use]
    pub fn at_most(self, other: Limits) -> Limits {
        Limits {
            items: self.items.min(other.items),
            bytes: self.bytes.min(other.bytes),
            time: self.time.min(other.time),
        }
    }
}

/// For the fuzz targets: bytes as whatever a look takes apart.
#[doc(hidden)]
pub fn parse_anything(bytes: &[u8]) {
    memory::parse_all(bytes);
    logins::parse_all(bytes);
    let text = String::from_utf8_lossy(bytes);
    modules::parse(&text);
    sockets::parse_all(&text);
}

/// A table, as hunts give one.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Collected {
    pub columns: Vec<&'static str>,
    pub rows: Vec<Vec<Value>>,
    pub truncated: bool,
    /// What could not be looked at, and with what was compared.
    pub notes: Vec<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    #[error("cannot read {what}: {source}")]
    Read { what: String, source: std::io::Error },
    #[error("{0} is no absolute path")]
    NotAbsolute(PathBuf),
}

/// What only the caller can say.
pub struct Known<'a> {
    /// Pids that the caller believes alive by other means than /proc; none when it does not know.
    pub living: &'a [u32],
    /// The package that a file belongs to.
    pub package: &'a mut dyn FnMut(&Path) -> Option<Owner>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    pub package: String,
    /// The content is not the one that the package brought.
    pub changed: bool,
}

/// # Errors
/// When nothing at all could be seen; parts that could not be are notes.
pub fn collect(look: &Look, limits: Limits, known: &mut Known<'_>) -> Result<Collected, CollectError> {
    let mut out = Table::new(limits.at_most(Limits::MOST));
    match look {
        Look::Memory(key) => memory::look(*key, &mut out)?,
        Look::OpenFiles(key) => open_files::look(*key, &mut out)?,
        Look::Sockets(Some(key)) => sockets::of_process(*key, &mut out)?,
        Look::Sockets(None) => sockets::listeners(&mut out)?,
        Look::Persistence => persistence::look(Path::new("/"), known, &mut out),
        Look::Modules => modules::look(&mut out)?,
        Look::HiddenProcesses => hidden::look(known.living, &mut out)?,
        Look::KernelHooks => hooks::look(&mut out),
        Look::Logins => logins::look(&mut out),
        Look::File(path) => file::look(path, known, &mut out)?,
    }
    Ok(out.done)
}

/// Rows within limits.
struct Table {
    done: Collected,
    limits: Limits,
    until: Instant,
}

impl Table {
    fn new(limits: Limits) -> Table {
        Table { done: Collected::default(), limits, until: Instant::now() + limits.time }
    }

    fn columns(&mut self, columns: &[&'static str]) {
        self.done.columns = columns.to_vec();
    }

    /// False when there is no room for more.
    fn row(&mut self, row: Vec<Value>) -> bool {
        debug_assert_eq!(row.len(), self.done.columns.len());
        if self.done.rows.len() >= self.limits.items {
            self.done.truncated = true;
            return false;
        }
        self.done.rows.push(row);
        true
    }

    fn note(&mut self, note: impl Into<String>) {
        if self.done.notes.len() < 50 {
            self.done.notes.push(note.into());
        }
    }

    /// The time is up: what follows was not looked at, and a note says so.
    fn late(&mut self, doing: &str) -> bool {
        if Instant::now() < self.until {
            return false;
        }
        if !self.done.truncated {
            self.note(format!("the time was up: {doing}"));
        }
        self.done.truncated = true;
        true
    }
}

fn path_text(path: &Path) -> String {
    use std::os::unix::ffi::OsStrExt as _;
    event::text::from_bytes(path.as_os_str().as_bytes()).into_owned()
}

/// The process has the key's pid and start still.
fn is_here(key: ProcessKey) -> bool {
    crate::proc::key_of(key.tgid).is_some_and(|now| now == key)
}

fn read_error(what: impl Into<String>) -> impl FnOnce(std::io::Error) -> CollectError {
    let what = what.into();
    move |source| CollectError::Read { what, source }
}

/// No package puts programs there.
fn is_odd_place(path: &str) -> bool {
    const PLACES: [&str; 5] = ["/tmp/", "/var/tmp/", "/dev/shm/", "/run/user/", "/run/shm/"];
    PLACES.iter().any(|place| path.starts_with(place))
        || path.split('/').any(|part| part.len() > 2 && part.starts_with('.') && !is_usual_hidden(part))
}

/// Folders of people's programs, which begin with a dot everywhere.
fn is_usual_hidden(part: &str) -> bool {
    const USUAL: [&str; 12] = [
        ".cargo",
        ".rustup",
        ".local",
        ".config",
        ".cache",
        ".nvm",
        ".npm",
        ".pyenv",
        ".vscode-server",
        ".dotnet",
        ".sdkman",
        ".rbenv",
    ];
    USUAL.contains(&part)
}
