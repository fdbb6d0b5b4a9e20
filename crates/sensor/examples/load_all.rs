//! Loads every BPF program and prints a line for each: `ok NAME` or `refused NAME: ERRNO WHY`; then the tier, and with
//! `--deny FILE` whether the kernel refuses to execute FILE, and to take names away for who was stopped (enforce tier). Exit 1 when one was refused that should not be.

use std::os::unix::fs::MetadataExt;
use std::process::{Command, ExitCode, Stdio};

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, flag, act, file] = &arguments[..]
        && flag == "--act"
    {
        return Ok(if acts(act, file).is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
    }
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
    if let [_, flag, file] = &arguments[..]
        && flag == "--deny"
    {
        failed |= !denies(file, probe)?;
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn denies(file: &str, probe: sensor::Probe) -> Result<bool, Box<dyn std::error::Error>> {
    // Whoever does not drain lets the kernel be at once.
    let config = sensor::Config { patience: std::time::Duration::ZERO, ..sensor::Config::default() };
    let mut sensor = sensor::Sensor::start(config, probe)?;
    let meta = std::fs::metadata(file)?;
    let identity = event::FileIdentity {
        dev: meta.dev(),
        inode: meta.ino(),
        ctime: event::Timestamp(meta.ctime() * 1_000_000_000 + meta.ctime_nsec()),
        size: meta.size(),
    };
    sensor.deny_exec(identity)?;
    let before = Command::new(file).status().err().and_then(|error| error.raw_os_error());
    println!("denied exec of {file}: {before:?}, refusals {:?}", sensor.refusals());
    std::thread::sleep(std::time::Duration::from_millis(2500));
    let silent = Command::new(file).status().is_ok();
    println!("after 2.5 s without a beat it runs: {silent}");
    sensor.drain(&mut |_| {})?;
    let again = Command::new(file).status().is_err();
    println!("after a beat it is denied again: {again}");
    sensor.allow_exec(identity)?;
    let allowed = Command::new(file).status().is_ok();
    println!("taken off the list it runs: {allowed}");
    let kept = keeps_names(&mut sensor, file)?;
    Ok(before == Some(1) && silent && again && allowed && kept)
}

/// A child that is stopped may neither delete, rename nor cut; one that is not may.
fn keeps_names(sensor: &mut sensor::Sensor, file: &str) -> Result<bool, Box<dyn std::error::Error>> {
    let Some(brake) = sensor.brake() else {
        println!("nobody can be held back");
        return Ok(false);
    };
    let target = format!("{file}.kept");
    let mut refused = Vec::new();
    for stopped in [false, true] {
        for act in ["delete", "rename", "cut"] {
            std::fs::write(&target, "x")?;
            let mut command = Command::new(std::env::current_exe()?);
            let mut child = command.args(["--act", act, &target]).stdin(Stdio::piped()).spawn()?;
            if stopped {
                brake.stop(child.id())?;
            }
            // Whoever lives is heard.
            sensor.drain(&mut |_| {})?;
            // The end of its input is the word.
            drop(child.stdin.take());
            refused.push(!child.wait()?.success());
        }
    }
    println!("delete, rename, cut are refused before and after a stop: {refused:?}");
    Ok(refused == [false, false, false, true, true, true])
}

fn acts(act: &str, file: &str) -> std::io::Result<()> {
    std::io::read_to_string(std::io::stdin())?;
    match act {
        "delete" => std::fs::remove_file(file),
        "rename" => std::fs::rename(file, format!("{file}.away")),
        _ => {
            let name = std::ffi::CString::new(file)?;
            // SAFETY: a C string that lives through the call.
            if unsafe { libc::truncate(name.as_ptr(), 0) } == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
        }
    }
}
