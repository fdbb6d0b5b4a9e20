//! The digital signature in a `.cvd` header: RSA without padding over an MD5, the number written in 64 letters, the least first.
//! Modulus and exponent are ClamAV's published ones.

use num_bigint::BigUint;

const MODULUS: &str = "118640995551645342603070001658453189751527774412027743746599405743243142607464144767361060640655844749760788890022283424922762488917565551002467771109669598189410434699034532232228621591089508178591428456220796841621637175567590476666928698770143328137383952820383197532047771780196576957695822641224262693037";
const EXPONENT: u32 = 100_001_027;
const LETTERS: &[u8; 64] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/";
/// A 1024-bit number has 171 letters.
const MAX_LETTERS: usize = 256;

/// Whether `signature` is ClamAV's of this MD5.
pub fn verify(md5: &[u8; 16], signature: &str) -> bool {
    let Ok(modulus) = MODULUS.parse::<BigUint>() else { return false };
    signed_by(md5, signature, &modulus, &BigUint::from(EXPONENT))
}

fn signed_by(md5: &[u8; 16], signature: &str, modulus: &BigUint, exponent: &BigUint) -> bool {
    if signature.is_empty() || signature.len() > MAX_LETTERS {
        return false;
    }
    let digits: Option<Vec<u8>> =
        signature.bytes().map(|letter| LETTERS.iter().position(|l| *l == letter).map(|at| at as u8)).collect();
    let Some(number) = digits.and_then(|digits| BigUint::from_radix_le(&digits, 64)) else { return false };
    let plain = number.modpow(exponent, modulus);
    plain == BigUint::from_bytes_be(md5)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The header of main.cvd 45 of 2007, as ClamAV's documentation prints it.
    const MD5: &str = "b35429d8d5d60368eea9630062f7c75a";
    const SIGNATURE: &str = concat!(
        "dxsusO/HWP3/GAA7VuZpxYwVsE9b+tCk+tPN6OyjVF/U8",
        "JVh4vYmW8mZ62ZHYMlM903TMZFg5hZIxcjQB3SX0TapdF1SFNzoWjsyH53eXvMDY",
        "eaPVNe2ccXLfEegoda4xU2TezbGfbSEGoU1qolyQYLX674sNA2Ni6l6/CEKYYh"
    );

    #[test]
    fn clamavs_own_is_taken_and_no_other() {
        let mut md5 = [0; 16];
        hex::decode_to_slice(MD5, &mut md5).unwrap();
        assert!(verify(&md5, SIGNATURE));
        let mut other = md5;
        other[15] ^= 1;
        assert!(!verify(&other, SIGNATURE));
        assert!(!verify(&md5, &SIGNATURE.replace('d', "e")));
        for hostile in ["", "!", "a", &"/".repeat(10_000)] {
            assert!(!verify(&md5, hostile));
        }
    }
}
