//! The journal of this host as it grows: `system.journal` of the machine, through its rotations. What the journal took from
//! the kernel (`_PID`, `_EXE`, `_UID`) vouches for who wrote; what a program said of itself does not.

use super::journal_file::{Entry, JournalFile};
use super::{Counts, Heard, Vouched, heard, says};
use event::{LogFacility, LogSays, LogSource, Timestamp, text};
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

const WANTED: &[&str] = &[
    "MESSAGE",
    "SYSLOG_IDENTIFIER",
    "SYSLOG_FACILITY",
    "SYSLOG_PID",
    "_PID",
    "_UID",
    "_EXE",
    "_COMM",
    "_SOURCE_REALTIME_TIMESTAMP",
    "_TRANSPORT",
];
/// Entries of one call.
const MOST: u64 = 2_000;

pub struct Journal {
    folders: Vec<PathBuf>,
    open: Option<(PathBuf, u64, JournalFile)>,
    /// Entries after this, in microseconds, are new to us.
    after: Option<u64>,
    started: bool,
    pub counts: Counts,
}

impl Journal {
    /// `folders`: where journals lie, the first that holds one is taken. `after`: when the last entry was taken that was read
    /// before a restart.
    pub fn new(folders: Vec<PathBuf>, after: Option<u64>) -> Journal {
        Journal { folders, open: None, after, started: false, counts: Counts::default() }
    }

    pub fn path(&self) -> Option<&Path> {
        self.open.as_ref().map(|(path, ..)| path.as_path())
    }

    /// To be given to [`Journal::new`] after a restart.
    pub fn after(&self) -> Option<u64> {
        self.after
    }

    /// What came since. False when there is no journal here.
    pub fn poll(&mut self, take: &mut dyn FnMut(Heard)) -> io::Result<bool> {
        if self.open.is_none() && !self.find()? {
            self.started = true;
            return Ok(false);
        }
        let Some((path, inode, file)) = &mut self.open else { return Ok(false) };
        let mut taken = 0;
        let (after, counts) = (&mut self.after, &mut self.counts);
        let before = file.damaged;
        let read = file.read(MOST, WANTED, &mut |entry| {
            taken += 1;
            if after.is_some_and(|after| entry.realtime <= after) {
                return;
            }
            *after = Some(entry.realtime);
            if let Some(heard) = meaning(entry) {
                counts.lines += 1;
                take(heard);
            }
        });
        self.counts.damaged += file.damaged - before;
        let ended = match read {
            Ok(archived) => archived || taken == 0 && is_another(path, *inode),
            Err(error) => {
                self.counts.damaged += 1;
                self.open = None;
                return Err(error);
            }
        };
        if ended {
            self.counts.rotations += 1;
            self.open = None;
        }
        Ok(true)
    }

    fn find(&mut self) -> io::Result<bool> {
        for folder in &self.folders {
            let Ok(machines) = std::fs::read_dir(folder) else { continue };
            for machine in machines.flatten().take(64) {
                let path = machine.path().join("system.journal");
                let Ok(file) = File::open(&path) else { continue };
                let meta = file.metadata()?;
                if !meta.is_file() {
                    continue;
                }
                let mut journal = JournalFile::open(file)?;
                // At the very first only what comes from now on; after a rotation all that stands in the new one.
                if !std::mem::replace(&mut self.started, true) && self.after.is_none() {
                    journal.skip()?;
                }
                self.open = Some((path, meta.ino(), journal));
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Another file has taken the name.
fn is_another(path: &Path, inode: u64) -> bool {
    std::fs::metadata(path).map_or(true, |meta| meta.ino() != inode)
}

/// What concerns log-ins and jobs is told for itself, what others say only passes ([`event::LogEvent::is_passing`]).
fn meaning(entry: Entry) -> Option<Heard> {
    let get = |name: &str| entry.fields.iter().find(|(own, _)| own == name).map(|(_, value)| text::from_bytes(value));
    let number = |name: &str| get(name).and_then(|value| value.parse::<u32>().ok());
    let program = get("SYSLOG_IDENTIFIER").or_else(|| get("_COMM"))?;
    let program = program.rsplit('/').next().unwrap_or_default().to_owned();
    let message = get("MESSAGE")?;
    let facility = match (get("_TRANSPORT").as_deref(), number("SYSLOG_FACILITY")) {
        (Some("kernel"), _) => LogFacility::Kernel,
        (_, Some(4 | 10)) => LogFacility::Auth,
        (_, Some(9)) => LogFacility::Cron,
        _ => LogFacility::Other,
    };
    // The kernel's lines hold what programs put there: they say nothing of log-ins.
    let says = if facility == LogFacility::Kernel { LogSays::Text } else { says(&program, &message) };
    let claimed = get("_SOURCE_REALTIME_TIMESTAMP").and_then(|micros| micros.parse::<i64>().ok());
    let claimed = claimed.unwrap_or(i64::try_from(entry.realtime).unwrap_or(i64::MAX));
    let pid = number("SYSLOG_PID").or_else(|| number("_PID"));
    let mut heard =
        heard(LogSource::Journal, says, Some(Timestamp(claimed.saturating_mul(1_000))), &program, pid, &message);
    heard.event.facility = facility;
    heard.vouched = number("_PID").map(|pid| Vouched {
        pid,
        uid: number("_UID"),
        executable: get("_EXE").map(|path| text::clip(&path, 512).to_owned()),
    });
    Some(heard)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A journal of one entry, laid out by hand: header, its data, the entry.
    fn journal(fields: &[&str], realtime: u64) -> Vec<u8> {
        let mut bytes = vec![0u8; 256];
        bytes[..8].copy_from_slice(b"LPKSHHRH");
        bytes[88..96].copy_from_slice(&256u64.to_le_bytes());
        let mut items = Vec::new();
        for field in fields {
            let at = bytes.len() as u64;
            items.push(at);
            let size = 64 + field.len() as u64;
            let mut object = vec![0u8; 64];
            object[0] = 1;
            object[8..16].copy_from_slice(&size.to_le_bytes());
            object.extend_from_slice(field.as_bytes());
            object.resize(object.len().next_multiple_of(8), 0);
            bytes.extend(object);
        }
        let at = bytes.len() as u64;
        let mut object = vec![0u8; 64];
        object[0] = 3;
        object[8..16].copy_from_slice(&(64 + 16 * items.len() as u64).to_le_bytes());
        object[24..32].copy_from_slice(&realtime.to_le_bytes());
        for item in items {
            object.extend(item.to_le_bytes());
            object.extend([0; 8]);
        }
        bytes.extend(object);
        bytes[136..144].copy_from_slice(&at.to_le_bytes());
        bytes[152..160].copy_from_slice(&1u64.to_le_bytes());
        bytes
    }

    #[test]
    fn an_entry_with_who_wrote_it_and_damage_that_never_panics() {
        let folder = tempfile::tempdir().unwrap();
        let machine = folder.path().join("0123");
        std::fs::create_dir(&machine).unwrap();
        let mut first = Journal::new(vec![folder.path().to_owned()], None);
        let mut heard = Vec::new();
        assert!(!first.poll(&mut |one| heard.push(one)).unwrap());
        let bytes = journal(
            &[
                "SYSLOG_IDENTIFIER=sshd",
                "MESSAGE=Accepted password for root from 6.6.6.6 port 1 ssh2",
                "_PID=4242",
                "_UID=1000",
                "_EXE=/usr/bin/logger",
                "PRIORITY=6",
            ],
            1_772_532_000_000_000,
        );
        let path = machine.join("system.journal");
        std::fs::write(&path, &bytes).unwrap();
        assert!(first.poll(&mut |one| heard.push(one)).unwrap());
        assert_eq!(heard.len(), 1, "{heard:#?}");
        let vouched = heard[0].vouched.as_ref().unwrap();
        assert_eq!(
            (vouched.pid, vouched.uid, vouched.executable.as_deref()),
            (4242, Some(1000), Some("/usr/bin/logger"))
        );
        assert_eq!(heard[0].event.claimed, Some(Timestamp(1_772_532_000_000_000_000)));
        assert!(matches!(&heard[0].event.says, event::LogSays::Login { ok: true, .. }));
        // Read before: it is not told again after a restart.
        let mut again = Journal::new(vec![folder.path().to_owned()], first.after());
        again.poll(&mut |one| panic!("{one:?}")).unwrap();
        for at in 0..bytes.len() {
            for bad in [0, 0xff] {
                let mut damaged = bytes.clone();
                damaged[at] = bad;
                std::fs::write(&path, &damaged).unwrap();
                let _ = Journal::new(vec![folder.path().to_owned()], Some(0)).poll(&mut |_| ());
            }
            std::fs::write(&path, &bytes[..at]).unwrap();
            let _ = Journal::new(vec![folder.path().to_owned()], Some(0)).poll(&mut |_| ());
        }
    }
}
