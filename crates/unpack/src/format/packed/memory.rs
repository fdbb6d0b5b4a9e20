//! The memory of a program that is run until it has unpacked itself: a few stretches of bytes in a space of 32 bits. What lies
//! outside of them is a fault, as it is for a real one. Writing to code that was decoded is noticed.

use super::machine::Fault;

pub(super) const PAGE: u32 = 4096;

pub(super) struct Stretch {
    pub at: u32,
    pub bytes: Vec<u8>,
}

#[derive(Default)]
pub(super) struct Memory {
    stretches: Vec<Stretch>,
    /// The stretch of the last access.
    last: usize,
    /// Pages of which instructions were decoded.
    decoded: std::collections::HashSet<u32>,
    /// Counts up when one of those is written to.
    pub generation: u32,
}

impl Memory {
    pub fn map(&mut self, at: u32, bytes: Vec<u8>) {
        self.stretches.push(Stretch { at, bytes });
    }

    pub fn unmap(&mut self, at: u32) {
        self.stretches.retain(|stretch| stretch.at != at);
        self.last = 0;
        self.generation += 1;
    }

    pub fn into_stretches(self) -> Vec<Stretch> {
        self.stretches
    }

    /// The byte there, where there is one.
    pub fn byte(&self, at: u32) -> Option<u8> {
        self.stretches.iter().find_map(|one| one.bytes.get(at.checked_sub(one.at)? as usize)).copied()
    }

    pub fn taken(&self) -> usize {
        self.stretches.iter().map(|stretch| stretch.bytes.len()).sum()
    }

    /// The stretch and the place in it, if all `len` bytes lie there.
    fn find(&mut self, at: u32, len: usize) -> Result<(usize, usize), Fault> {
        let within = |stretch: &Stretch| {
            let place = at.checked_sub(stretch.at)? as usize;
            (place.checked_add(len)? <= stretch.bytes.len()).then_some(place)
        };
        if let Some(place) = self.stretches.get(self.last).and_then(within) {
            return Ok((self.last, place));
        }
        let found = self.stretches.iter().enumerate().find_map(|(n, stretch)| Some((n, within(stretch)?)));
        let (n, place) = found.ok_or(Fault::Access(at))?;
        self.last = n;
        Ok((n, place))
    }

    /// Little end first; `len` is 1, 2, 4 or 8.
    pub fn read(&mut self, at: u32, len: usize) -> Result<u64, Fault> {
        let (n, place) = self.find(at, len)?;
        let bytes = &self.stretches[n].bytes[place..place + len];
        Ok(bytes.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }

    pub fn read32(&mut self, at: u32) -> Result<u32, Fault> {
        Ok(self.read(at, 4)? as u32)
    }

    pub fn write(&mut self, at: u32, len: usize, value: u64) -> Result<(), Fault> {
        let (n, place) = self.find(at, len)?;
        self.stretches[n].bytes[place..place + len].copy_from_slice(&value.to_le_bytes()[..len]);
        let (first, last) = (at / PAGE, (at + (len as u32 - 1)) / PAGE);
        if self.decoded.contains(&first) || first != last && self.decoded.contains(&last) {
            self.generation += 1;
            self.decoded.clear();
        }
        Ok(())
    }

    pub fn write32(&mut self, at: u32, value: u32) -> Result<(), Fault> {
        self.write(at, 4, value.into())
    }

    /// The bytes of an instruction: up to fifteen, fewer at the end of a stretch.
    pub fn code(&mut self, at: u32) -> Result<[u8; 15], Fault> {
        let (n, place) = self.find(at, 1)?;
        let bytes = &self.stretches[n].bytes;
        let mut out = [0; 15];
        let len = out.len().min(bytes.len() - place);
        out[..len].copy_from_slice(&bytes[place..place + len]);
        self.decoded.insert(at / PAGE);
        self.decoded.insert((at + 14) / PAGE);
        Ok(out)
    }

    /// A text up to its zero, at most 256 bytes.
    pub fn text(&mut self, at: u32) -> Result<Vec<u8>, Fault> {
        let mut out = Vec::new();
        while out.len() < 256 {
            match self.read(at.wrapping_add(out.len() as u32), 1)? as u8 {
                0 => break,
                byte => out.push(byte),
            }
        }
        Ok(out)
    }
}
