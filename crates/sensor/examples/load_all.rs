//! Loads every BPF program and prints a line for each: `ok NAME` or `refused NAME: ERRNO WHY`; then the tier, and with
//! `--deny FILE` whether the kernel refuses to execute FILE (enforce tier). Exit 1 when one was refused that should not be.

use std::os::unix::fs::MetadataExt;
use std::process::{Command, ExitCode};

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let mut failed = false;
    for (name, refusal) in sensor::try_all() {
        match refusal {
            None => println!("ok {name}"),
            Some(refusal) => {
                failed = true;
                println!("refused {name}: {} {}", refusal.errno, refusal.reason);
            }
        }
    }
    let probe = sensor::probe(None);
    println!("tier {} on {}: {}", probe.tier.name(), probe.kernel, probe.reason);
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, flag, file] = &arguments[..]
        && flag == "--deny"
    {
        failed |= !denies(file, probe)?;
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn denies(file: &str, probe: sensor::Probe) -> Result<bool, Box<dyn std::error::Error>> {
    let mut sensor = sensor::Sensor::start(sensor::Config::default(), probe)?;
    let meta = std::fs::metadata(file)?;
    let identity = event::FileIdentity {
        dev: meta.dev(),
        inode: meta.ino(),
        ctime: event::Timestamp(meta.ctime() * 1_000_000_000 + meta.ctime_nsec()),
        size: meta.size(),
    };
    sensor.deny_exec(identity)?;
    let before = Command::new(file).status().err().and_then(|error| error.raw_os_error());
    println!("denied exec of {file}: {before:?}, refusals {}", sensor.refusals());
    std::thread::sleep(std::time::Duration::from_millis(2500));
    let silent = Command::new(file).status().is_ok();
    println!("after 2.5 s without a beat it runs: {silent}");
    sensor.drain(&mut |_| {})?;
    let again = Command::new(file).status().is_err();
    println!("after a beat it is denied again: {again}");
    sensor.allow_exec(identity)?;
    let allowed = Command::new(file).status().is_ok();
    println!("taken off the list it runs: {allowed}");
    Ok(before == Some(1) && silent && again && allowed)
}
