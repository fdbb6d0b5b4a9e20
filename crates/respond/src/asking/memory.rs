//! Texts in the memory of a thread that waits.

use super::rest::Unseen;
use std::fs::File;
use std::os::unix::fs::FileExt as _;

/// Arguments read at most, and bytes of one and of all.
const MOST_ARGUMENTS: usize = 512;
const MOST_BYTES: usize = 64 << 10;
pub const MOST_OF_ONE: usize = 16 << 10;

pub struct Memory(File);

impl Memory {
    pub fn of(tid: u32) -> Result<Memory, Unseen> {
        Ok(Memory(File::open(format!("/proc/{tid}/mem"))?))
    }

    /// Up to the first NUL, page by page: what lies behind it may not be mapped.
    pub fn text(&self, at: u64, most: usize) -> Result<String, Unseen> {
        const PAGE: u64 = 4_096;
        let mut bytes = Vec::new();
        let mut page = [0; PAGE as usize];
        while bytes.len() < most {
            let from = at.checked_add(bytes.len() as u64).ok_or(Unseen::Memory)?;
            let size = (PAGE - from % PAGE) as usize;
            self.0.read_exact_at(&mut page[..size], from).map_err(|_| Unseen::Memory)?;
            match page[..size].iter().position(|byte| *byte == 0) {
                Some(end) => {
                    bytes.extend_from_slice(&page[..end]);
                    break;
                }
                None => bytes.extend_from_slice(&page[..size]),
            }
        }
        bytes.truncate(most);
        Ok(event::text::from_bytes(&bytes).into_owned())
    }

    /// A list of pointers of `width` bytes each, ended by a null one; no list at all is an empty one.
    pub fn texts(&self, list: u64, width: usize) -> Result<Vec<String>, Unseen> {
        let mut texts = Vec::new();
        let mut left = MOST_BYTES;
        if list == 0 {
            return Ok(texts);
        }
        for n in 0..MOST_ARGUMENTS as u64 {
            let mut pointer = [0; 8];
            let at = list.checked_add(width as u64 * n).ok_or(Unseen::Memory)?;
            self.0.read_exact_at(&mut pointer[..width], at).map_err(|_| Unseen::Memory)?;
            let pointer = u64::from_le_bytes(pointer);
            if pointer == 0 || left == 0 {
                break;
            }
            let text = self.text(pointer, left.min(MOST_OF_ONE))?;
            left = left.saturating_sub(text.len().max(1));
            texts.push(text);
        }
        Ok(texts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own() -> Memory {
        Memory::of(std::process::id()).unwrap()
    }

    #[test]
    fn lists_of_both_widths_and_what_is_not_mapped() {
        let texts = [c"one", c"two"];
        let wide = [texts[0].as_ptr() as u64, texts[1].as_ptr() as u64, 0];
        assert_eq!(own().texts(wide.as_ptr() as u64, 8), Ok(vec!["one".to_owned(), "two".to_owned()]));
        assert_eq!(own().texts(0, 8), Ok(vec![]));
        assert_eq!(own().texts(16, 8), Err(Unseen::Memory));
        let narrow = [16u32, 0];
        assert_eq!(own().texts(narrow.as_ptr() as u64, 4), Err(Unseen::Memory), "a pointer of four bytes");
        let none = [0u32, 16];
        assert_eq!(own().texts(none.as_ptr() as u64, 4), Ok(vec![]));
    }
}
