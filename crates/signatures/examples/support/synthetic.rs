//! Signatures of nothing, as many as one likes and always the same, in ClamAV's forms.

use std::io::{BufWriter, Write as _};
use std::path::Path;

/// Digests with sizes in `s.hdb`; in `s.ndb` bodies of 12 to 40 bytes with a wildcard in every second one.
pub fn write(folder: &Path, hashes: u64, patterns: u64) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    if hashes > 0 {
        let mut hdb = BufWriter::new(std::fs::File::create(folder.join("s.hdb"))?);
        for n in 0..hashes {
            writeln!(hdb, "{:032x}:{}:Win.Trojan.Synthetic-{n}-0", u128::from_be_bytes(md5_of(n)), n.max(1))?;
        }
        hdb.flush()?;
    }
    let mut ndb = BufWriter::new(std::fs::File::create(folder.join("s.ndb"))?);
    for n in 0..patterns {
        let bytes = (0..3).flat_map(|part| md5_of(n * 3 + part + (1 << 40)));
        let body: String = bytes.take(12 + (n % 29) as usize).map(|byte| format!("{byte:02x}")).collect();
        let (head, tail) = body.split_at(16);
        let gap = if n % 2 == 0 { "" } else { "??" };
        writeln!(ndb, "Unix.Malware.Synthetic-{n}-0:0:*:{head}{gap}{tail}")?;
    }
    ndb.flush()
}

/// The same numbers make the same digests: n is looked up by its own name.
pub fn md5_of(n: u64) -> [u8; 16] {
    let mix = |mut x: u64| {
        x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ x >> 31
    };
    let mut digest = [0; 16];
    digest[..8].copy_from_slice(&mix(n.wrapping_add(0x9e37_79b9_7f4a_7c15)).to_be_bytes());
    digest[8..].copy_from_slice(&mix(n.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 7).to_be_bytes());
    digest
}
