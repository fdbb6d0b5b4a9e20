//! Many package transactions on a locked host, the tool in use all the while: the test of `tamon` that CI runs four of.

use crate::run;
use anyhow::Result;

pub fn lockdown_upgrades(upgrades: u32) -> Result<()> {
    let arguments = ["test", "--workspace", "--test", "it", "lockdown::upgrades", "--", "--nocapture"];
    run::run("upgrades on a locked host", run::cargo(&arguments).env("TAMON_UPGRADES", upgrades.to_string()))
}
