//! Inodes: of folders and files, each in a short and a long form.

use super::blocks::Cursor;
use crate::meter::Cut;
use std::io;

pub(super) enum Inode<'r> {
    Folder { block: u32, offset: u16, size: u32 },
    File(File<'r>),
    Other,
}

pub(super) struct File<'r> {
    pub size: u64,
    /// Where its first block lies.
    pub start: u64,
    /// `u32::MAX` is: none.
    pub fragment: u32,
    pub fragment_offset: u32,
    /// Stands at the sizes of its blocks.
    pub sizes: Cursor<'r>,
}

pub(super) fn inode(mut cursor: Cursor<'_>) -> io::Result<Inode<'_>> {
    let head: [u8; 16] = cursor.array()?;
    let word = |raw: &[u8], at: usize| u32::from_le_bytes(raw[at..at + 4].try_into().expect("four bytes"));
    let short = |raw: &[u8], at: usize| u16::from_le_bytes([raw[at], raw[at + 1]]);
    let long = |raw: &[u8], at: usize| u64::from_le_bytes(raw[at..at + 8].try_into().expect("eight bytes"));
    Ok(match u16::from_le_bytes([head[0], head[1]]) {
        1 => {
            let raw: [u8; 16] = cursor.array()?;
            Inode::Folder { block: word(&raw, 0), size: u32::from(short(&raw, 8)), offset: short(&raw, 10) }
        }
        8 => {
            let raw: [u8; 24] = cursor.array()?;
            Inode::Folder { size: word(&raw, 4), block: word(&raw, 8), offset: short(&raw, 18) }
        }
        2 => {
            let raw: [u8; 16] = cursor.array()?;
            Inode::File(File {
                start: u64::from(word(&raw, 0)),
                fragment: word(&raw, 4),
                fragment_offset: word(&raw, 8),
                size: u64::from(word(&raw, 12)),
                sizes: cursor,
            })
        }
        9 => {
            let raw: [u8; 40] = cursor.array()?;
            Inode::File(File {
                start: long(&raw, 0),
                size: long(&raw, 8),
                fragment: word(&raw, 28),
                fragment_offset: word(&raw, 32),
                sizes: cursor,
            })
        }
        3..=7 | 10..=14 => Inode::Other,
        _ => return Err(Cut::damaged("an inode of no kind").into()),
    })
}
