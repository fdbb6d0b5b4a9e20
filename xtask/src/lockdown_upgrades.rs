//! Many package transactions by apt on a locked host, what is installed in use all the while: the test of `tamon` that CI runs
//! six of. A thousand take about twenty minutes; it says how many uses were refused (none may be), and no transaction may hang.

use crate::run;
use anyhow::Result;

pub fn lockdown_upgrades(transactions: u32) -> Result<()> {
    let arguments = ["test", "--workspace", "--test", "it", "lockdown::upgrades", "--", "--nocapture"];
    let mut test = run::cargo(&arguments);
    run::run("upgrades on a locked host", test.env("TAMON_TRANSACTIONS", transactions.to_string()))
}
