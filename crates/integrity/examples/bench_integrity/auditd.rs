//! auditd with a watch rule over the tree (`auditctl -w`): what people use where there is nothing else. A daemon of our own, since
//! without one the kernel's records wait for nobody; none where one runs already, which is left as it is.

use crate::package::WATCHED;
use anyhow::Result;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const RULE: [&str; 5] = [WATCHED, "-p", "wa", "-k", "tamon-bench"];

pub struct Auditd {
    child: Child,
}

impl Auditd {
    /// None where auditing cannot be had, or is somebody else's.
    pub fn start(folder: &Path) -> Result<Option<Auditd>> {
        if daemon() != Some(0) {
            return Ok(None);
        }
        let (config, log) = (folder.join("auditd"), folder.join("auditd/audit.log"));
        fs::create_dir_all(config.join("plugins.d"))?;
        let text = format!(
            "local_events = yes\nwrite_logs = yes\nlog_file = {}\nlog_format = ENRICHED\nflush = INCREMENTAL_ASYNC\nfreq = 50\n\
             plugin_dir = {}\nspace_left = 75\nspace_left_action = IGNORE\nadmin_space_left = 50\n\
             admin_space_left_action = IGNORE\ndisk_full_action = IGNORE\ndisk_error_action = IGNORE\n",
            log.display(),
            config.join("plugins.d").display()
        );
        fs::write(config.join("auditd.conf"), text)?;
        let mut command = Command::new("auditd");
        command.args(["-n", "-s", "enable", "-c"]).arg(&config).stdout(Stdio::null()).stderr(Stdio::null());
        let Ok(child) = command.spawn() else { return Ok(None) };
        let auditd = Auditd { child };
        let start = Instant::now();
        while daemon() == Some(0) && start.elapsed() < Duration::from_secs(5) {
            std::thread::sleep(Duration::from_millis(50));
        }
        // What a distribution's auditd sets, so that a burst does not stop everybody.
        let set =
            |arguments: &[&str]| Command::new("auditctl").args(arguments).output().is_ok_and(|o| o.status.success());
        let ready =
            daemon().is_some_and(|pid| pid != 0) && set(&["-b", "8192"]) && set(&[&["-w"][..], &RULE[..]].concat());
        Ok(ready.then_some(auditd))
    }
}

impl Drop for Auditd {
    fn drop(&mut self) {
        // The rule first: without its daemon the kernel would hold up whoever breaks it.
        let _ = Command::new("auditctl").arg("-W").args(RULE).output();
        let _ = Command::new("auditctl").args(["-e", "0"]).output();
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

/// The process that takes the kernel's records; 0 when nobody does, None where there is no auditing.
fn daemon() -> Option<u32> {
    let out = Command::new("auditctl").arg("-s").output().ok().filter(|out| out.status.success())?;
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    text.lines().find_map(|line| line.strip_prefix("pid "))?.trim().parse().ok()
}
