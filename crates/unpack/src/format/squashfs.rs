//! squashfs 4, as snaps, AppImages and images of containers have it, read in place: its tree from the root on, each file
//! block by block. Nothing is held but the block at hand and a few blocks of metadata.

mod blocks;
mod inode;

use crate::codec::Dictionary;
use crate::meter::Cut;
use crate::outcome::Reason;
use crate::source::{Source, read_array};
use crate::walk::{Body, Entry, Walk, Walked};
use blocks::{Cursor, Reader, Tables};
use inode::{Inode, inode};
use std::collections::BTreeSet;
use std::io;

/// The directory that a record leads to is never deeper; only a hostile one is.
const MAX_LEVELS: usize = 256;

pub(crate) fn read(walk: &mut Walk<'_>, source: &dyn Source) -> Walked {
    let opened = Dictionary::new(walk.meter())
        .map_err(io::Error::from)
        .and_then(|dictionary| Ok((Superblock::read(source)?, dictionary)));
    let (superblock, dictionary) = match opened {
        Ok(opened) => opened,
        Err(error) => {
            walk.unread_error(&error);
            return Ok(());
        }
    };
    if superblock.bytes_used > source.len() {
        walk.truncated("the file system is longer");
    }
    let reader = Reader::new(source, superblock.compressor, &dictionary);
    let tables = Tables::new(&reader, superblock.block_size, superblock.fragments, superblock.fragment_table);
    let mut tree =
        Tree { superblock: &superblock, reader: &reader, tables: &tables, files: BTreeSet::new(), position: 0 };
    tree.walk(walk)
}

pub(super) struct Superblock {
    block_size: u32,
    fragments: u32,
    compressor: u16,
    root: u64,
    pub bytes_used: u64,
    inode_table: u64,
    directory_table: u64,
    fragment_table: u64,
}

impl Superblock {
    pub fn read(source: &dyn Source) -> io::Result<Superblock> {
        let raw: [u8; 96] = read_array(source, 0)?;
        let short = |at: usize| u16::from_le_bytes([raw[at], raw[at + 1]]);
        let word = |at: usize| u32::from_le_bytes(raw[at..at + 4].try_into().expect("four bytes"));
        let long = |at: usize| u64::from_le_bytes(raw[at..at + 8].try_into().expect("eight bytes"));
        if &raw[..4] != b"hsqs" {
            return Err(Cut::unsupported("a squashfs of the other byte order or an old version").into());
        }
        if short(28) != 4 {
            return Err(Cut::unsupported(format!("squashfs version {}", short(28))).into());
        }
        let block_size = word(12);
        if !block_size.is_power_of_two()
            || !(4 << 10..=1 << 20).contains(&block_size)
            || 1 << short(22).min(31) != block_size
        {
            return Err(Cut::damaged("the size of blocks").into());
        }
        Ok(Superblock {
            block_size,
            fragments: word(16),
            compressor: short(20),
            root: long(32),
            bytes_used: long(40),
            inode_table: long(64),
            directory_table: long(72),
            fragment_table: long(80),
        })
    }
}

struct Tree<'t> {
    superblock: &'t Superblock,
    reader: &'t Reader<'t>,
    tables: &'t Tables<'t>,
    /// References of inodes seen: files with several names are given once.
    files: BTreeSet<u64>,
    position: u64,
}

struct Folder {
    inode: u64,
    path: Vec<u8>,
    /// Inodes of the folders around it, itself too.
    ancestors: Vec<u64>,
}

impl<'t> Tree<'t> {
    fn walk(&mut self, walk: &mut Walk<'_>) -> Walked {
        let mut open =
            vec![Folder { inode: self.superblock.root, path: Vec::new(), ancestors: vec![self.superblock.root] }];
        let mut seen = BTreeSet::new();
        while let Some(folder) = open.pop() {
            walk.step()?;
            if !seen.insert(folder.inode) {
                walk.at(&folder.path, |walk| walk.unread(Cut::new(Reason::Cyclic, "a folder with two places")));
                continue;
            }
            match self.folder(walk, &folder, &mut open) {
                Ok(walked) => walked?,
                Err(error) => walk.at(&folder.path, |walk| walk.unread_error(&error)),
            }
        }
        Ok(())
    }

    fn inode(&self, reference: u64) -> io::Result<Inode<'t>> {
        let at = self.superblock.inode_table.checked_add(reference >> 16);
        let at = at.ok_or_else(|| Cut::damaged("the place of an inode"))?;
        inode(Cursor::new(self.reader, at, (reference & 0xffff) as usize))
    }

    /// Outer error: the folder cannot be read on.
    fn folder(&mut self, walk: &mut Walk<'_>, folder: &Folder, open: &mut Vec<Folder>) -> io::Result<Walked> {
        let Inode::Folder { block, offset, size } = self.inode(folder.inode)? else {
            return Err(Cut::damaged("no folder where one must stand").into());
        };
        let at = self.superblock.directory_table.checked_add(u64::from(block));
        let at = at.ok_or_else(|| Cut::damaged("the place of a folder"))?;
        let mut cursor = Cursor::new(self.reader, at, usize::from(offset));
        // The two links that every folder has are counted but not there.
        let mut left = u64::from(size).saturating_sub(3);
        while left >= 12 {
            let head: [u8; 12] = cursor.array()?;
            left -= 12;
            let word = |at: usize| u32::from_le_bytes(head[at..at + 4].try_into().expect("four bytes"));
            let (count, start) = (u64::from(word(0)) + 1, u64::from(word(4)));
            if count > 256 {
                return Err(Cut::damaged("a run of entries that is too long").into());
            }
            for _ in 0..count {
                let raw: [u8; 8] = cursor.array()?;
                let short = |at: usize| u16::from_le_bytes([raw[at], raw[at + 1]]);
                let name = cursor.vec(usize::from(short(6)) + 1)?;
                left = left.saturating_sub(8 + name.len() as u64);
                let reference = start << 16 | u64::from(short(0));
                let mut path = folder.path.clone();
                if !path.is_empty() {
                    path.push(b'/');
                }
                path.extend(name);
                path.truncate(4_000);
                if let Err(stop) = self.entry(walk, folder, short(4), reference, path, open) {
                    return Ok(Err(stop));
                }
            }
        }
        Ok(Ok(()))
    }

    fn entry(
        &mut self,
        walk: &mut Walk<'_>,
        folder: &Folder,
        kind: u16,
        reference: u64,
        path: Vec<u8>,
        open: &mut Vec<Folder>,
    ) -> Walked {
        match kind {
            1 | 8 if folder.ancestors.contains(&reference) => {
                walk.at(&path, |walk| walk.unread(Cut::new(Reason::Cyclic, "a folder within itself")));
            }
            1 | 8 if folder.ancestors.len() > MAX_LEVELS => {
                walk.at(&path, |walk| walk.unread(Cut::new(Reason::Depth, "folders")));
            }
            1 | 8 => {
                let ancestors = [&folder.ancestors[..], &[reference]].concat();
                open.push(Folder { inode: reference, path, ancestors });
            }
            2 | 9 if self.files.insert(reference) => return self.file(walk, &path, reference),
            _ => {}
        }
        Ok(())
    }

    fn file(&mut self, walk: &mut Walk<'_>, path: &[u8], reference: u64) -> Walked {
        let file = match self.inode(reference) {
            Ok(Inode::File(file)) => file,
            Ok(_) => {
                walk.at(path, |walk| walk.damaged("no file where one must stand"));
                return Ok(());
            }
            Err(error) => {
                walk.at(path, |walk| walk.unread_error(&error));
                return Ok(());
            }
        };
        let entry = Entry { position: self.position, declared: Some(file.size), ..Entry::named(path) };
        self.position += 1;
        let taken = self.reader.taken.clone();
        let mut data = walk.expanding(self.tables.data(file), taken);
        walk.member(&entry, Body::Stream(&mut data))
    }
}
