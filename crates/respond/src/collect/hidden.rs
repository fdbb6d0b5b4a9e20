//! Processes that one way of counting shows and another does not: the listing of /proc, /proc asked by number, the kernel asked
//! through system calls that never read /proc, and what the agent's own sensor believes alive.

use super::sockets::pids;
use super::{CollectError, Table};
use crate::proc::tgid_of;
use rustix::process::{Pid, getpgid, getpriority_process, test_kill_process};
use serde_json::json;
use std::collections::BTreeSet;
use std::fs;

/// Numbers asked between two looks at the clock.
const STRIDE: u32 = 4_096;

pub fn look(living: &[u32], out: &mut Table) -> Result<(), CollectError> {
    out.columns(&["pid", "verdict", "detail"]);
    let most = fs::read_to_string("/proc/sys/kernel/pid_max").ok().and_then(|text| text.trim().parse().ok());
    let most: u32 = most.unwrap_or(32_768);
    let listed: BTreeSet<u32> = pids()?.into_iter().collect();
    let mut asked = 0;
    let mut odd: Vec<u32> = living.iter().copied().filter(|pid| !listed.contains(pid)).collect();
    for pid in 1..=most {
        if pid % STRIDE == 0 && out.late(&format!("numbers from {pid} on were not asked")) {
            break;
        }
        asked = pid;
        if exists(pid) && !listed.contains(&pid) {
            odd.push(pid);
        }
    }
    odd.sort_unstable();
    odd.dedup();
    let mut hidden = 0;
    for pid in odd {
        if let Some(detail) = hides(pid) {
            hidden += 1;
            if !out.row(vec![json!(pid), json!("hidden"), json!(detail)]) {
                break;
            }
        }
    }
    out.note(format!(
        "compared: {} processes listed in /proc, numbers 1 to {asked} asked by kill, getpgid and getpriority, {} that the \
         sensor believes alive; {hidden} hide",
        listed.len(),
        living.len()
    ));
    out.note("a rootkit that answers all of these alike is not found from inside this host");
    Ok(())
}

/// By any of three calls: a rootkit that filters one is shown by the next.
fn exists(number: u32) -> bool {
    let Some(pid) = i32::try_from(number).ok().and_then(Pid::from_raw) else { return false };
    let there = |error: rustix::io::Errno| error != rustix::io::Errno::SRCH;
    test_kill_process(pid).map_or_else(there, |()| true)
        || getpgid(Some(pid)).is_ok()
        || getpriority_process(Some(pid)).is_ok()
}

/// What contradicts what, asked again so that one that just began or ended is not called hidden. None when all agree.
fn hides(pid: u32) -> Option<String> {
    for _ in 0..3 {
        if !exists(pid) {
            return None;
        }
        let by_number = fs::metadata(format!("/proc/{pid}")).is_ok();
        match (by_number, tgid_of(pid)) {
            // A thread: never listed, and belongs to a process that must be.
            (true, Some(process)) if process != pid => return None,
            _ if pids().map(|all| all.contains(&pid)).unwrap_or(true) => return None,
            _ => {}
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let by_number = fs::metadata(format!("/proc/{pid}")).is_ok();
    let name = fs::read(format!("/proc/{pid}/comm")).map(|name| event::text::from_bytes(&name).trim().to_owned());
    Some(match (by_number, name) {
        (true, Ok(name)) => format!("pid {pid} ({name}) answers by its number and is not listed in /proc"),
        (true, Err(_)) => format!("pid {pid} answers by its number and is not listed in /proc"),
        (false, _) => format!("pid {pid} answers to system calls and is not in /proc at all"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_plain_to_see_does_not_hide() {
        let own = std::process::id();
        assert!(exists(own) && exists(1) && !exists(0));
        assert_eq!(hides(own), None);
        // A thread exists by its number, is not listed, and hides nothing.
        let (tell, told) = std::sync::mpsc::channel();
        let (done, wait) = std::sync::mpsc::channel::<()>();
        let thread = std::thread::spawn(move || {
            tell.send(rustix::thread::gettid().as_raw_nonzero().get() as u32).unwrap();
            let _ = wait.recv();
        });
        let thread_id = told.recv().unwrap();
        assert!(exists(thread_id));
        assert_eq!(hides(thread_id), None);
        drop(done);
        thread.join().unwrap();
    }
}
