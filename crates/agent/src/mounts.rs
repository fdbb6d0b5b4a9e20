//! File systems that come while the agent runs: sticks, disks, images. /proc/self/mountinfo tells of a change by itself, so
//! nothing is polled but for the sake of an end.

use std::collections::HashSet;
use std::fs::File;
use std::os::fd::AsFd as _;
use std::path::PathBuf;
use std::time::Duration;

/// One mount of a block device.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Mount {
    pub device: String,
    pub point: PathBuf,
    /// Of file system: ext4, overlay, tmpfs.
    pub kind: String,
    pub source: String,
}

/// Everything that is mounted now, whatever it is.
pub fn all() -> std::io::Result<Vec<Mount>> {
    Ok(parse_all(&read(&File::open("/proc/self/mountinfo")?)?))
}

/// Tells at once that the table of mounts has changed.
pub struct Signal(File);

impl Signal {
    pub fn start() -> std::io::Result<Signal> {
        Ok(Signal(File::open("/proc/self/mountinfo")?))
    }

    /// Whether it has since the last call. Does not wait.
    pub fn came(&self) -> bool {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let mut fds = [PollFd::from_borrowed_fd(self.0.as_fd(), PollFlags::PRI | PollFlags::ERR)];
        matches!(poll(&mut fds, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })), Ok(n) if n > 0)
    }
}

pub struct Watch {
    file: File,
    devices: HashSet<String>,
}

impl Watch {
    /// What is mounted already is known.
    pub fn start() -> std::io::Result<Watch> {
        let file = File::open("/proc/self/mountinfo")?;
        let devices = parse(&read(&file)?).into_iter().map(|mount| mount.device).collect();
        Ok(Watch { file, devices })
    }

    /// Mounts of devices that were not mounted before; empty when none came within `most`.
    pub fn wait(&mut self, most: Duration) -> std::io::Result<Vec<Mount>> {
        use rustix::event::{PollFd, PollFlags, Timespec, poll};
        let timeout = Timespec { tv_sec: most.as_secs() as i64, tv_nsec: i64::from(most.subsec_nanos()) };
        let mut fds = [PollFd::from_borrowed_fd(self.file.as_fd(), PollFlags::PRI | PollFlags::ERR)];
        match poll(&mut fds, Some(&timeout)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => return Ok(Vec::new()),
            other => other?,
        };
        let now = parse(&read(&self.file)?);
        let here: HashSet<String> = now.iter().map(|mount| mount.device.clone()).collect();
        let known = std::mem::replace(&mut self.devices, here);
        // Each device once, at the first place where it is mounted.
        let mut told = HashSet::new();
        Ok(now.into_iter().filter(|m| !known.contains(&m.device) && told.insert(m.device.clone())).collect())
    }
}

fn read(file: &File) -> std::io::Result<String> {
    let mut bytes = vec![0; 1 << 20];
    let mut length = 0;
    while length < bytes.len() {
        match std::os::unix::fs::FileExt::read_at(file, &mut bytes[length..], length as u64)? {
            0 => break,
            n => length += n,
        }
    }
    Ok(String::from_utf8_lossy(&bytes[..length]).into_owned())
}

/// Those whose source is a device file.
fn parse(text: &str) -> Vec<Mount> {
    parse_all(text).into_iter().filter(|mount| mount.source.starts_with("/dev/")).collect()
}

/// `36 35 98:0 /root /point opts - type source super`.
fn parse_all(text: &str) -> Vec<Mount> {
    let one = |line: &str| {
        let (head, tail) = line.split_once(" - ")?;
        let mut head = head.split(' ');
        let (device, point) = (head.nth(2)?.to_owned(), head.nth(1)?);
        let mut tail = tail.split(' ');
        let (kind, source) = (tail.next()?.to_owned(), unescape(tail.next()?));
        Some(Mount { device, point: unescape(point).into(), kind, source })
    };
    text.lines().filter_map(one).collect()
}

/// Space, tab, line break and backslash stand as `\040` and so on.
fn unescape(text: &str) -> String {
    let (plain, octal) = ([" ", "\t", "\n", "\\"], ["\\040", "\\011", "\\012", "\\134"]);
    octal.iter().zip(plain).fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_devices_count_and_names_are_read_as_they_are() {
        let text = "22 1 254:0 / / rw shared:1 - ext4 /dev/vda rw\n\
            30 22 0:25 / /proc rw - proc proc rw\n\
            41 22 8:17 / /media/my\\040stick rw - vfat /dev/sdb1 rw\nnonsense\n";
        let mount = |device: &str, point: &str, kind: &str, source: &str| Mount {
            device: device.into(),
            point: point.into(),
            kind: kind.into(),
            source: source.into(),
        };
        let stick = mount("8:17", "/media/my stick", "vfat", "/dev/sdb1");
        assert_eq!(parse(text), [mount("254:0", "/", "ext4", "/dev/vda"), stick]);
        assert_eq!(parse_all(text).len(), 3);
    }

    #[test]
    fn what_is_there_already_is_no_news() {
        let mut watch = Watch::start().unwrap();
        assert_eq!(watch.wait(Duration::ZERO).unwrap(), []);
    }
}
