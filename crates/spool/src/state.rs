//! The few numbers that must outlive everything else: epoch, reserved sequences, acknowledged sequence.
//!
//! Two slots, a page apart, in one preallocated file that is written in place: a torn write spoils one slot and the other
//! still tells, and a full disk cannot stop an acknowledgement. Sequences are reserved in blocks ahead of use, durably in both
//! slots, so that none is ever given twice.

use crate::Seq;
use crate::record::{u32_at, u64_at};
use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

const MAGIC: [u8; 8] = *b"TAMSTAT1";
const SLOT_GAP: u64 = 4096;
const SLOT: usize = 52;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Numbers {
    generation: u64,
    pub epoch: u128,
    /// No sequence at or past this has been given out.
    pub reserved: Seq,
    pub acked: Seq,
}

#[derive(Debug)]
pub(crate) struct StateFile {
    file: File,
    pub numbers: Numbers,
}

impl StateFile {
    /// The state at `path`, made anew with a random epoch when neither slot holds; then the flag is true.
    pub(crate) fn open(path: &Path) -> io::Result<(StateFile, bool)> {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
        let known = [0, SLOT_GAP].into_iter().filter_map(|at| read_slot(&file, at)).max_by_key(|n| n.generation);
        let numbers = match known {
            Some(numbers) => numbers,
            None => Numbers { generation: 0, epoch: random()?, reserved: 1, acked: 0 },
        };
        let mut state = StateFile { file, numbers };
        if known.is_none() {
            state.file.write_all_at(&[0; SLOT_GAP as usize + SLOT], 0)?;
            state.write_both()?;
        }
        Ok((state, known.is_none()))
    }

    /// Durable in both slots when it returns: the caller gives out sequences on the strength of it.
    pub(crate) fn reserve(&mut self, until: Seq) -> io::Result<()> {
        let before = self.numbers.reserved;
        self.numbers.reserved = until;
        self.write_both().inspect_err(|_| self.numbers.reserved = before)
    }

    /// Atomic, not forced to the disk: an acknowledgement that a power cut takes back costs a second delivery, no loss.
    pub(crate) fn acknowledge(&mut self, acked: Seq) -> io::Result<()> {
        self.numbers.acked = acked;
        self.write_next()
    }

    fn write_both(&mut self) -> io::Result<()> {
        self.write_next()?;
        self.file.sync_data()?;
        self.write_next()?;
        self.file.sync_data()
    }

    fn write_next(&mut self) -> io::Result<()> {
        self.numbers.generation += 1;
        let at = (self.numbers.generation % 2) * SLOT_GAP;
        self.file.write_all_at(&encode(&self.numbers), at)
    }
}

fn encode(numbers: &Numbers) -> [u8; SLOT] {
    let mut slot = [0; SLOT];
    slot[..8].copy_from_slice(&MAGIC);
    slot[8..16].copy_from_slice(&numbers.generation.to_le_bytes());
    slot[16..32].copy_from_slice(&numbers.epoch.to_le_bytes());
    slot[32..40].copy_from_slice(&numbers.reserved.to_le_bytes());
    slot[40..48].copy_from_slice(&numbers.acked.to_le_bytes());
    let sum = crc32fast::hash(&slot[..48]);
    slot[48..].copy_from_slice(&sum.to_le_bytes());
    slot
}

fn read_slot(file: &File, at: u64) -> Option<Numbers> {
    let mut slot = [0; SLOT];
    file.read_exact_at(&mut slot, at).ok()?;
    if slot[..8] != MAGIC || crc32fast::hash(&slot[..48]) != u32_at(&slot, 48) {
        return None;
    }
    let epoch = u128::from(u64_at(&slot, 16)) | u128::from(u64_at(&slot, 24)) << 64;
    Some(Numbers { generation: u64_at(&slot, 8), epoch, reserved: u64_at(&slot, 32), acked: u64_at(&slot, 40) })
}

fn random() -> io::Result<u128> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(u128::from_le_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn survives_the_loss_of_either_slot_and_tells_the_loss_of_both() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state");
        let (mut state, fresh) = StateFile::open(&path).unwrap();
        assert!(fresh);
        state.reserve(1000).unwrap();
        let epoch = state.numbers.epoch;
        for at in [0, SLOT_GAP] {
            let (state, _) = StateFile::open(&path).unwrap();
            state.file.write_all_at(b"garbage", at + 20).unwrap();
            let (mut state, fresh) = StateFile::open(&path).unwrap();
            assert_eq!((fresh, state.numbers.epoch, state.numbers.reserved), (false, epoch, 1000));
            state.write_both().unwrap();
        }
        std::fs::write(&path, [0xff; 9000]).unwrap();
        let (state, fresh) = StateFile::open(&path).unwrap();
        assert!(fresh && state.numbers.epoch != epoch);
    }

    #[test]
    fn the_newest_acknowledgement_counts() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state");
        let (mut state, _) = StateFile::open(&path).unwrap();
        for acked in 1..=5 {
            state.acknowledge(acked).unwrap();
            assert_eq!(StateFile::open(&path).unwrap().0.numbers.acked, acked);
        }
    }
}
