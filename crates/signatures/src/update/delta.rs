//! A new file as what changed of an old one, in bounded memory: the new file in blocks, each compressed with zstd against the stretch of
//! the old file around the same place. Sorted tables and texts that grow shift slowly, so the same bytes stand in that stretch.
//! Old and new are mapped or streamed, never held.

use std::io::{self, Read, Write};

const MAGIC: &[u8; 8] = b"TAMONDL1";
/// Bytes of a block of the new file.
const BLOCK: usize = 4 << 20;
/// Bytes of the old file on either side.
const AROUND: usize = 6 << 20;
/// Both fit into this window.
const WINDOW_LOG: u32 = 25;
const LEVEL: i32 = 6;

#[derive(Debug, thiserror::Error)]
pub enum DeltaError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("the delta is damaged: {0}")]
    Damaged(&'static str),
    #[error("the delta makes more than the {0} bytes that were announced")]
    TooLong(u64),
}

pub fn make(old: &[u8], new: &[u8], out: &mut impl Write) -> Result<(), DeltaError> {
    out.write_all(MAGIC)?;
    out.write_all(&(new.len() as u64).to_le_bytes())?;
    for (at, block) in new.chunks(BLOCK).enumerate() {
        let (from, length) = stretch(old.len(), new.len(), at * BLOCK, block.len());
        let mut packed = Vec::new();
        let mut encoder = zstd::stream::write::Encoder::with_ref_prefix(&mut packed, LEVEL, &old[from..from + length])?;
        encoder.window_log(WINDOW_LOG)?;
        encoder.long_distance_matching(true)?;
        encoder.write_all(block)?;
        encoder.finish()?;
        for number in [from as u64, length as u64, block.len() as u64, packed.len() as u64] {
            out.write_all(&number.to_le_bytes())?;
        }
        out.write_all(&packed)?;
    }
    Ok(())
}

fn stretch(old: usize, new: usize, at: usize, length: usize) -> (usize, usize) {
    let place = (at as u128 * old as u128 / new.max(1) as u128) as usize;
    let from = place.saturating_sub(AROUND).min(old);
    let to = place.saturating_add(length).saturating_add(AROUND).min(old);
    (from, to - from)
}

/// `most`: bytes that the new file is said to have; more is refused before it is written.
pub fn apply(old: &[u8], mut delta: impl Read, most: u64, out: &mut impl Write) -> Result<(), DeltaError> {
    let mut magic = [0; 8];
    delta.read_exact(&mut magic)?;
    if &magic != MAGIC {
        return Err(DeltaError::Damaged("it is no delta"));
    }
    let total = number(&mut delta)?;
    if total > most {
        return Err(DeltaError::TooLong(most));
    }
    let mut written = 0u64;
    while written < total {
        let (from, length, block, packed) =
            (number(&mut delta)?, number(&mut delta)?, number(&mut delta)?, number(&mut delta)?);
        let fits = block > 0 && block <= BLOCK as u64 && packed <= 2 * BLOCK as u64 && block <= total - written;
        if !fits {
            return Err(DeltaError::Damaged("a block of an impossible length"));
        }
        let end = from.checked_add(length).and_then(|end| usize::try_from(end).ok());
        let end = end.ok_or(DeltaError::Damaged("a stretch outside of the old file"))?;
        let old = old.get(from as usize..end).ok_or(DeltaError::Damaged("a stretch outside of the old file"))?;
        let mut bytes = Vec::new();
        (&mut delta).take(packed).read_to_end(&mut bytes)?;
        let mut decoder = zstd::stream::read::Decoder::with_ref_prefix(&*bytes, old)?;
        decoder.window_log_max(WINDOW_LOG)?;
        let mut plain = Vec::with_capacity(block as usize);
        decoder.take(block + 1).read_to_end(&mut plain)?;
        if plain.len() as u64 != block {
            return Err(DeltaError::Damaged("a block shorter than it says"));
        }
        out.write_all(&plain)?;
        written += block;
    }
    Ok(())
}

fn number(from: &mut impl Read) -> io::Result<u64> {
    let mut bytes = [0; 8];
    from.read_exact(&mut bytes)?;
    Ok(u64::from_le_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn noise(length: usize, mut seed: u64) -> Vec<u8> {
        (0..length)
            .map(|_| {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (seed >> 56) as u8
            })
            .collect()
    }

    #[test]
    fn a_little_that_changed_takes_little() {
        let old = noise(5 << 20, 1);
        let mut new = old.clone();
        for at in (0..new.len()).step_by(1 << 20).rev() {
            new.splice(at..at, *b"a new record");
        }
        let mut delta = Vec::new();
        make(&old, &new, &mut delta).unwrap();
        assert!(delta.len() < new.len() / 100, "{} bytes", delta.len());
        let mut made = Vec::new();
        apply(&old, &*delta, new.len() as u64, &mut made).unwrap();
        assert!(made == new);
        assert!(matches!(apply(&old, &*delta, 10, &mut Vec::new()), Err(DeltaError::TooLong(10))));
    }

    proptest! {
        #[test]
        fn damage_is_an_error_or_other_bytes(at in 0usize..4000, value: u8, cut in 0usize..4000) {
            let (old, new) = (noise(1000, 2), noise(3000, 3));
            let mut delta = Vec::new();
            make(&old, &new, &mut delta).unwrap();
            let at = at % delta.len();
            delta[at] = value;
            let _ = apply(&old, &*delta, 3000, &mut Vec::new());
            let _ = apply(&old, &delta[..cut % delta.len()], 3000, &mut Vec::new());
        }
    }
}
