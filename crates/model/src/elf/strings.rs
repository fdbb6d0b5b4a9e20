//! Printable runs of a file, in one pass: how many, how long, and those of a shape that no list of words can hold: addresses,
//! base64 and hex blobs, wallet numbers, format strings.

use crate::runs;

/// Shortest run that counts as a string.
const SHORTEST: u32 = 5;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Strings {
    pub count: u32,
    pub bytes: u64,
    pub longest: u32,
    /// Runs of 100 bytes and more.
    pub long: u32,
    pub ipv4: u32,
    /// IPv4 with a port behind it.
    pub endpoint: u32,
    pub base64: u32,
    pub hex: u32,
    pub wallet: u32,
    pub formats: u32,
    pub paths: u32,
    pub domains: u32,
    pub histogram: [[u32; 32]; 3],
}

pub fn read(bytes: &[u8]) -> Strings {
    let mut all = Strings::default();
    runs::each(bytes, SHORTEST, is_printable, |run| all.run(run), |_, _| {});
    all
}

#[inline(always)]
fn is_printable(byte: u8) -> bool {
    matches!(byte, 0x20..=0x7e | b'\t')
}

impl Strings {
    fn run(&mut self, run: &[u8]) {
        self.count += 1;
        self.bytes += run.len() as u64;
        self.longest = self.longest.max(run.len().min(u32::MAX as usize) as u32);
        self.long += u32::from(run.len() >= 100);
        for byte in run {
            let place = usize::from(byte.saturating_sub(0x20)).min(95);
            self.histogram[place / 32][place % 32] += 1;
        }
        self.paths += u32::from(run[0] == b'/' && run[1].is_ascii_alphabetic());
        if run[0].is_ascii_digit() && run.contains(&b'.') {
            match address(run) {
                Some(true) => (self.ipv4, self.endpoint) = (self.ipv4 + 1, self.endpoint + 1),
                Some(false) => self.ipv4 += 1,
                None => {}
            }
        }
        let format = |at: usize| matches!(run.get(at + 1), Some(b's' | b'd' | b'u' | b'x'));
        self.formats += u32::from(memchr::memchr_iter(b'%', run).any(format));
        self.domains += u32::from(is_domain(run));
        self.blobs(run);
    }

    /// Unbroken pieces of an alphabet.
    fn blobs(&mut self, run: &[u8]) {
        if run.len() < 40 {
            return;
        }
        for piece in run.split(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='))) {
            if piece.len() < 40 {
                continue;
            }
            let hex = piece.iter().all(|byte| byte.is_ascii_hexdigit());
            let classes = [
                piece.iter().any(u8::is_ascii_digit),
                piece.iter().any(u8::is_ascii_lowercase),
                piece.iter().any(u8::is_ascii_uppercase),
            ];
            self.hex += u32::from(hex);
            // Monero's addresses: 95 characters of base 58 that begin with 4 or 8.
            let wallet =
                piece.len() == 95 && matches!(piece[0], b'4' | b'8') && !piece.contains(&b'0') && classes == [true; 3];
            self.wallet += u32::from(wallet);
            // A digit in each 40: a long path or symbol has few, a blob has one in six.
            let digits = piece.iter().filter(|byte| byte.is_ascii_digit()).count();
            self.base64 +=
                u32::from(!hex && piece.len() >= 60 && classes == [true; 3] && digits * 40 >= piece.len() * 2);
        }
    }
}

/// Whether a run is an IPv4 address (`Some(with a port)`); versions such as 1.2.3.4 are told by what stands behind.
fn address(run: &[u8]) -> Option<bool> {
    let end = run.iter().position(|byte| !byte.is_ascii_digit() && *byte != b'.').unwrap_or(run.len());
    let text = std::str::from_utf8(&run[..end]).ok()?;
    let ip: std::net::Ipv4Addr = text.parse().ok()?;
    let octets = ip.octets();
    if octets[0] < 5 || octets == [127, 0, 0, 1] || octets == [255, 255, 255, 255] {
        return None;
    }
    match run.get(end) {
        None | Some(b' ' | b'/' | b'"' | b'\'' | b',' | b';') => Some(false),
        Some(b':') => Some(run.get(end + 1).is_some_and(u8::is_ascii_digit)),
        _ => None,
    }
}

fn is_domain(run: &[u8]) -> bool {
    const ENDS: [&[u8]; 12] =
        [b".com", b".net", b".org", b".ru", b".cn", b".xyz", b".top", b".info", b".pw", b".su", b".cc", b".io"];
    let shaped = run.len() <= 80
        && run[0].is_ascii_alphanumeric()
        && run.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    shaped && ENDS.iter().any(|end| run.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_told_apart() {
        let blob = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU2Nzg5YWJjZGVmZ2hpams9PT0x";
        let text = format!(
            "\x00\x01185.12.7.9:8080\x00192.168.1.7\x001.2.3.4\x00{blob}\x00evil-host.xyz\x00/usr/bin/env\x00n=%d\n\x00abc\x00"
        );
        let all = read(text.as_bytes());
        assert_eq!((all.ipv4, all.endpoint, all.base64, all.hex), (2, 1, 1, 0));
        assert_eq!((all.domains, all.paths, all.count), (1, 1, 6));
    }

    #[test]
    fn a_wallet_has_its_length_and_alphabet() {
        let wallet: String = std::iter::once('4').chain("Ab9".chars().cycle()).take(95).collect();
        assert_eq!(read(wallet.as_bytes()).wallet, 1);
        assert_eq!(read(&wallet.as_bytes()[..94]).wallet, 0);
    }
}
