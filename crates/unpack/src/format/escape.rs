//! Bytes written as a mark and two hexadecimal digits: `%2f` in addresses, `#2f` in names of PDF. What is no escape stays.

pub(super) fn undone(text: &[u8], mark: u8) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        let hex = (text[at] == mark).then(|| text.get(at + 1..at + 3)).flatten();
        match hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(text[at]);
                at += 1;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_become_bytes_and_the_rest_stays() {
        let check = |text: &str, expected: &[u8]| assert_eq!(undone(text.as_bytes(), b'%'), expected, "{text}");
        check("a%2Fb", b"a/b");
        check("%00%ff", &[0, 0xff]);
        check("100% of %zz and %2", b"100% of %zz and %2");
    }
}
