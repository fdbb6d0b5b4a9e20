//! Compiles foreign databases of signatures, in a process of its own that ends with it: nothing is left to it but what it
//! was handed open, before the first of their bytes is parsed.

use super::nursery::NurseryError;
use super::{confine, syscalls};
use crate::channel::{Channel, ChannelError};
use crate::content;
use crate::protocol::{Compiled, Load};
use rustix::fd::OwnedFd;
use signatures::{BuildOptions, Report, Scratch, build_open};
use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;

pub fn run(scanner: &mut Channel, builtin: bool, options: BuildOptions, memory_bytes: u64) -> Result<(), NurseryError> {
    confine::limit_memory(memory_bytes, 0)?;
    let (mut scratch, mut output, mut inputs) = (Vec::new(), None, Vec::new());
    loop {
        let (load, descriptor): (Load, Option<OwnedFd>) = scanner.receive(None)?;
        match (load, descriptor.map(File::from)) {
            (Load::Scratch, Some(file)) => scratch.push(file),
            (Load::Output, Some(file)) => output = Some(file),
            (Load::File(named), Some(file)) => inputs.push((named.path, file)),
            (Load::End, _) => break,
            (other, _) => return Err(ChannelError::Malformed(format!("{other:?} to what compiles")).into()),
        }
    }
    let output = output.ok_or_else(|| ChannelError::Malformed("no file for what is compiled".into()))?;
    confine::allow_only(syscalls::COMPILER, false)?;
    let answer = match compile(scratch, output, inputs, builtin, options) {
        Ok(report) => Compiled { report: Some(report), error: None },
        Err(error) => Compiled { report: None, error: Some(error) },
    };
    scanner.send(&answer, None, None)?;
    Ok(())
}

fn compile(
    mut scratch: Vec<File>,
    mut output: File,
    mut inputs: Vec<(PathBuf, File)>,
    builtin: bool,
    options: BuildOptions,
) -> Result<Report, String> {
    for (name, text) in if builtin { content::hashes() } else { Vec::new() } {
        let mut file = scratch.pop().ok_or("no scratch file is left for what ships")?;
        file.write_all(text.as_bytes()).map_err(|error| format!("what ships: {error}"))?;
        inputs.push((name, file));
    }
    let options = BuildOptions { scratch: Scratch::of(scratch), ..options };
    build_open(inputs, &options, &mut output).map_err(|error| error.to_string())
}
