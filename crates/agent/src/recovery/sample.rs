//! Reads what the detector compares files by. The bytes are counted and compared with known beginnings, nothing in them is
//! interpreted, so this may be done here and not in a worker.

use detect::{SAMPLE_BYTES, Sample, sample_offsets};
use std::fs::File;

/// What an open file holds now; None when it cannot be read.
pub fn of(file: &File) -> Option<Sample> {
    let size = file.metadata().ok()?.len();
    let mut blocks = Vec::new();
    for offset in sample_offsets(size) {
        let mut block = vec![0; SAMPLE_BYTES as usize];
        let got = rustix::io::pread(file, &mut block[..], offset).ok()?;
        block.truncate(got);
        blocks.push((offset, block));
    }
    Some(Sample::of(size, blocks.iter().map(|(offset, block)| (*offset, block.as_slice()))))
}
