//! What an exploit of the kernel is prepared with: a service's account makes a user namespace, in which it is root.

use super::steps::{Step, is};
use anyhow::{Result, bail};
use event::{Column, Technique};

pub const STEP: Step = Step {
    name: "service-namespace",
    technique: Technique::new(1611),
    what: "the account nobody makes a user namespace of its own",
    seen: |row| is(row, Column::Action, "namespace-unshare"),
};

/// Of this process, which ends with it.
pub fn play() -> Result<()> {
    const NOBODY: libc::uid_t = 65_534;
    // SAFETY: setuid takes no memory.
    if unsafe { libc::setuid(NOBODY) } != 0 {
        bail!("cannot become nobody: {}", std::io::Error::last_os_error());
    }
    // SAFETY: unshare takes no memory.
    if unsafe { libc::unshare(libc::CLONE_NEWUSER) } != 0 {
        bail!("no user namespace here: {}", std::io::Error::last_os_error());
    }
    Ok(())
}
