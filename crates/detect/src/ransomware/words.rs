//! Which letters stand beside which in a text, as a sketch of fixed size. Whatever is done to a text by its owner, most of
//! its words stay words of the same language; a cipher that keeps letters letters leaves none.

/// Smallest hashes that are kept.
const KEPT: usize = 96;
/// Groups of letters that a text must have before it is compared; fewer do where it kept its length to the byte.
const ENOUGH: usize = 40;
const FEW: usize = 6;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Words {
    /// In order, each once.
    smallest: Vec<u32>,
}

impl Words {
    pub fn take(&mut self, text: &[u8]) {
        let mut group = 0u32;
        let mut letters = 0;
        for byte in text {
            if !byte.is_ascii_alphabetic() && *byte < 128 {
                letters = 0;
                continue;
            }
            group = group << 8 | u32::from(byte.to_ascii_lowercase());
            letters += 1;
            if letters >= 4 {
                self.put(mixed(group));
            }
        }
    }

    fn put(&mut self, hash: u32) {
        if self.smallest.len() == KEPT && self.smallest.last().is_some_and(|largest| hash >= *largest) {
            return;
        }
        if let Err(at) = self.smallest.binary_search(&hash) {
            self.smallest.insert(at, hash);
            self.smallest.truncate(KEPT);
        }
    }

    /// Nothing of these words is in the other text, though both have many.
    pub fn are_gone_from(&self, other: &Words, same_length: bool) -> bool {
        let common = self.smallest.iter().filter(|hash| other.smallest.binary_search(hash).is_ok()).count();
        match self.smallest.len().min(other.smallest.len()) {
            ENOUGH.. => common <= 1,
            FEW.. => common == 0 && same_length,
            _ => false,
        }
    }
}

/// Spreads four letters over all numbers (the finalizer of MurmurHash3, public domain).
fn mixed(group: u32) -> u32 {
    let mut hash = group;
    hash = (hash ^ hash >> 16).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ hash >> 13).wrapping_mul(0xc2b2_ae35);
    hash ^ hash >> 16
}

#[cfg(test)]
mod tests {
    use super::*;

    const LETTER: &str = "Dear Anna, thank you for the parcel that came on Tuesday. The children have eaten all of the \
        chocolate already, and the book about mountain railways is being read aloud every evening after supper.";
    const OTHER: &str = "The committee thanks every member who came to the annual meeting; the minutes have been sent to \
        all of them, and comments that arrive before the end of the month will be read at the next evening session.";

    #[test]
    fn a_cipher_of_letters_leaves_no_words() {
        let words = |text: &str| {
            let mut words = Words::default();
            words.take(text.as_bytes());
            words
        };
        let check =
            |text: &str, expected| assert_eq!(words(LETTER).are_gone_from(&words(text), false), expected, "{text}");
        let rotated: String = LETTER
            .chars()
            .map(|c| match c {
                'a'..='z' => char::from((c as u8 - b'a' + 13) % 26 + b'a'),
                'A'..='Z' => char::from((c as u8 - b'A' + 13) % 26 + b'A'),
                other => other,
            })
            .collect();
        check(&rotated, true);
        check(&LETTER.to_uppercase(), false);
        check(&LETTER.replace("Tuesday", "Wednesday"), false);
        check(OTHER, false);
        check("nothing much", false);
        check("1;2;3;4;5", false);
        assert!(words("Invoice for rice, paid").are_gone_from(&words("Vaibvpr sbe evpr, cnvq"), true));
        assert!(!words("Invoice for rice, paid").are_gone_from(&words("Vaibvpr sbe evpr, cnvq"), false));
    }
}
