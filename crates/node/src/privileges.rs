//! From root to the node's own account, for good, while the process still has one thread: on Linux each thread has its own
//! credentials, so one that started before would keep root's.

use rustix::process::{Gid, Uid};
use std::path::Path;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub uid: u32,
    pub gid: u32,
}

#[derive(Debug, thiserror::Error)]
pub enum PrivilegeError {
    #[error("there is no account {0:?}")]
    NoAccount(String),
    #[error("cannot read {path}: {source}")]
    Read { path: &'static str, source: std::io::Error },
    #[error("the process has {0} threads already, and each of them would stay root")]
    Threads(usize),
    #[error("cannot become {account:?}: {source}")]
    Become { account: Account, source: std::io::Error },
    #[error("root's rights could be had back")]
    NotGone,
    #[error("cannot give {path} to the node's account: {source}")]
    Give { path: String, source: std::io::Error },
}

/// By name from /etc/passwd, or a number, which need not be there.
pub fn account(user: &str) -> Result<Account, PrivilegeError> {
    let path = "/etc/passwd";
    let text = std::fs::read_to_string(path).map_err(|source| PrivilegeError::Read { path, source })?;
    find(&text, user).ok_or_else(|| PrivilegeError::NoAccount(user.into()))
}

fn find(passwd: &str, user: &str) -> Option<Account> {
    let number = user.parse::<u32>().ok();
    let entry = passwd.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let (uid, gid) = (fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?);
        (fields[0] == user || number == Some(uid)).then_some(Account { uid, gid })
    });
    entry.or_else(|| number.map(|id| Account { uid: id, gid: id }))
}

/// Gives a folder and what is in it to the account. Links are given, never followed.
pub fn give(path: &Path, account: &Account) -> Result<(), PrivilegeError> {
    let fail = |source| PrivilegeError::Give { path: path.display().to_string(), source };
    std::os::unix::fs::lchown(path, Some(account.uid), Some(account.gid)).map_err(fail)?;
    if path.symlink_metadata().map_err(fail)?.is_dir() {
        for entry in std::fs::read_dir(path).map_err(fail)? {
            give(&entry.map_err(fail)?.path(), account)?;
        }
    }
    Ok(())
}

/// Irrevocable. Does nothing when the process is not root.
pub fn drop_to(account: &Account) -> Result<(), PrivilegeError> {
    if !rustix::process::geteuid().is_root() || account.uid == 0 {
        return Ok(());
    }
    let threads = std::fs::read_dir("/proc/self/task")
        .map_err(|source| PrivilegeError::Read { path: "/proc/self/task", source })?
        .count();
    if threads != 1 {
        return Err(PrivilegeError::Threads(threads));
    }
    let fail = |errno: rustix::io::Errno| PrivilegeError::Become { account: account.clone(), source: errno.into() };
    rustix::thread::set_thread_groups(&[]).map_err(fail)?;
    rustix::thread::set_thread_gid(Gid::from_raw(account.gid)).map_err(fail)?;
    rustix::thread::set_thread_uid(Uid::from_raw(account.uid)).map_err(fail)?;
    match rustix::thread::set_thread_uid(Uid::ROOT) {
        Ok(()) => Err(PrivilegeError::NotGone),
        Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_by_name_and_number() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\ntamon:x:990:991::/:/bin/false\nbroken\n";
        let check = |user: &str, expected: Option<(u32, u32)>| {
            assert_eq!(find(passwd, user).map(|a| (a.uid, a.gid)), expected, "{user}");
        };
        check("tamon", Some((990, 991)));
        check("990", Some((990, 991)));
        check("64738", Some((64738, 64738)));
        check("nobody-there", None);
    }
}
