//! Blocks: of metadata, which follow each other and are read through a cursor; of fragments, in which the ends of several
//! files share one; of data.

use super::inode::File;
use crate::codec::{self, Dictionary, Format, Inflate};
use crate::meter::Cut;
use crate::source::{Source, read_array, read_vec};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::rc::Rc;

const METADATA: usize = 8192;
/// Blocks of metadata that are kept.
const CACHED: usize = 64;
const UNCOMPRESSED: u32 = 1 << 24;

/// A block's bytes, and where the next one begins.
type Metadata = (Rc<Vec<u8>>, u64);

pub(super) struct Reader<'s> {
    source: &'s dyn Source,
    compressor: u16,
    dictionary: &'s Dictionary<'s>,
    cache: RefCell<BTreeMap<u64, Metadata>>,
    pub taken: Rc<Cell<u64>>,
}

impl<'s> Reader<'s> {
    pub fn new(source: &'s dyn Source, compressor: u16, dictionary: &'s Dictionary<'s>) -> Self {
        Reader { source, compressor, dictionary, cache: RefCell::default(), taken: Rc::default() }
    }

    fn metadata(&self, at: u64) -> io::Result<Metadata> {
        if let Some(block) = self.cache.borrow().get(&at) {
            return Ok(block.clone());
        }
        let header = u16::from_le_bytes(read_array(self.source, at)?);
        let size = usize::from(header & 0x7fff);
        if size == 0 || size > METADATA {
            return Err(Cut::damaged("the size of a metadata block").into());
        }
        let bytes = self.block(at + 2, size, header & 0x8000 != 0, METADATA)?;
        let block = (Rc::new(bytes), at + 2 + size as u64);
        let mut cache = self.cache.borrow_mut();
        if cache.len() >= CACHED {
            cache.pop_first();
        }
        cache.insert(at, block.clone());
        Ok(block)
    }

    fn block(&self, at: u64, size: usize, plain: bool, most: usize) -> io::Result<Vec<u8>> {
        let packed = read_vec(self.source, at, size)?;
        if packed.len() < size {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.taken.set(self.taken.get() + size as u64);
        if plain {
            return Ok(packed);
        }
        let input = &packed[..];
        let mut out = Vec::new();
        let mut take = |decoder: &mut dyn Read| decoder.take(most as u64 + 1).read_to_end(&mut out);
        match self.compressor {
            1 => take(&mut Inflate::new(input, Format::Zlib))?,
            2 => take(&mut codec::lzma_alone(input, self.dictionary)?)?,
            4 => take(&mut codec::xz(input, self.dictionary))?,
            5 => {
                out.resize(most, 0);
                let n = lz4_flex::block::decompress_into(input, &mut out);
                let n = n.map_err(|error| Cut::damaged(error.to_string()))?;
                out.truncate(n);
                n
            }
            6 => take(&mut codec::zstd(input, self.dictionary)?)?,
            3 => return Err(Cut::unsupported("squashfs with LZO").into()),
            other => return Err(Cut::unsupported(format!("squashfs compressor {other}")).into()),
        };
        if out.len() > most { Err(Cut::damaged("a block that is too long").into()) } else { Ok(out) }
    }
}

/// Reads on through blocks of metadata.
pub(super) struct Cursor<'r> {
    reader: &'r Reader<'r>,
    next: u64,
    block: Option<Rc<Vec<u8>>>,
    at: usize,
}

impl<'r> Cursor<'r> {
    pub fn new(reader: &'r Reader<'r>, block: u64, at: usize) -> Self {
        Cursor { reader, next: block, block: None, at }
    }

    pub fn array<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut out = [0; N];
        self.fill(&mut out)?;
        Ok(out)
    }

    pub fn vec(&mut self, len: usize) -> io::Result<Vec<u8>> {
        let mut out = vec![0; len];
        self.fill(&mut out)?;
        Ok(out)
    }

    fn fill(&mut self, mut out: &mut [u8]) -> io::Result<()> {
        while !out.is_empty() {
            let block = match &self.block {
                Some(block) => block.clone(),
                None => {
                    let (block, next) = self.reader.metadata(self.next)?;
                    self.next = next;
                    self.block = Some(block.clone());
                    block
                }
            };
            let rest = block.get(self.at..).ok_or_else(|| Cut::damaged("a place outside its block"))?;
            let n = rest.len().min(out.len());
            out[..n].copy_from_slice(&rest[..n]);
            out = &mut out[n..];
            self.at += n;
            if self.at == block.len() {
                (self.block, self.at) = (None, 0);
            }
        }
        Ok(())
    }
}

pub(super) struct Tables<'r> {
    reader: &'r Reader<'r>,
    block_size: u32,
    fragments: u32,
    fragment_table: u64,
    /// The last fragment used: neighbours share it.
    fragment: RefCell<Option<(u32, Rc<Vec<u8>>)>>,
}

impl<'r> Tables<'r> {
    pub fn new(reader: &'r Reader<'r>, block_size: u32, fragments: u32, fragment_table: u64) -> Self {
        Tables { reader, block_size, fragments, fragment_table, fragment: RefCell::new(None) }
    }

    fn fragment(&self, index: u32) -> io::Result<Rc<Vec<u8>>> {
        if let Some((held, block)) = self.fragment.borrow().as_ref()
            && *held == index
        {
            return Ok(block.clone());
        }
        if index >= self.fragments {
            return Err(Cut::damaged("a fragment that is not there").into());
        }
        // Blocks of 512 entries, whose places stand in a list.
        let place = self.fragment_table.checked_add(u64::from(index / 512) * 8);
        let place = place.ok_or_else(|| Cut::damaged("the place of fragments"))?;
        let block = u64::from_le_bytes(read_array(self.reader.source, place)?);
        let entry: [u8; 16] = Cursor::new(self.reader, block, (index % 512) as usize * 16).array()?;
        let start = u64::from_le_bytes(entry[..8].try_into().expect("eight bytes"));
        let size = u32::from_le_bytes(entry[8..12].try_into().expect("four bytes"));
        let block = Rc::new(self.data_block(start, size)?);
        *self.fragment.borrow_mut() = Some((index, block.clone()));
        Ok(block)
    }

    fn data_block(&self, at: u64, size: u32) -> io::Result<Vec<u8>> {
        let packed = size & (UNCOMPRESSED - 1);
        if packed > self.block_size {
            return Err(Cut::damaged("the size of a block").into());
        }
        self.reader.block(at, packed as usize, size & UNCOMPRESSED != 0, self.block_size as usize)
    }

    pub fn data<'d>(&'d self, file: File<'d>) -> Data<'d> {
        Data { tables: self, left: file.size, next: file.start, file, block: Block::Held(Vec::new()), at: 0 }
    }
}

enum Block {
    Held(Vec<u8>),
    Shared(Rc<Vec<u8>>, usize, usize),
}

impl Block {
    fn bytes(&self) -> &[u8] {
        match self {
            Block::Held(bytes) => bytes,
            Block::Shared(bytes, from, to) => &bytes[*from..*to],
        }
    }
}

/// A file's bytes.
pub(super) struct Data<'d> {
    tables: &'d Tables<'d>,
    file: File<'d>,
    left: u64,
    next: u64,
    block: Block,
    at: usize,
}

impl Data<'_> {
    fn advance(&mut self) -> io::Result<()> {
        let block_size = u64::from(self.tables.block_size);
        self.at = 0;
        if self.left < block_size && self.file.fragment != u32::MAX {
            let shared = self.tables.fragment(self.file.fragment)?;
            let from = self.file.fragment_offset as usize;
            let to = from + self.left as usize;
            if to > shared.len() {
                return Err(Cut::damaged("an end outside its fragment").into());
            }
            self.block = Block::Shared(shared, from, to);
            return Ok(());
        }
        let size = u32::from_le_bytes(self.file.sizes.array()?);
        let wanted = self.left.min(block_size) as usize;
        let bytes = if size == 0 {
            vec![0; wanted]
        } else {
            let bytes = self.tables.data_block(self.next, size)?;
            self.next = self.next.saturating_add(u64::from(size & (UNCOMPRESSED - 1)));
            bytes
        };
        if bytes.len() != wanted {
            return Err(Cut::damaged("a block of another size").into());
        }
        self.block = Block::Held(bytes);
        Ok(())
    }
}

impl Read for Data<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 || buffer.is_empty() {
            return Ok(0);
        }
        if self.at == self.block.bytes().len() {
            self.advance()?;
        }
        let rest = &self.block.bytes()[self.at..];
        let n = rest.len().min(buffer.len());
        buffer[..n].copy_from_slice(&rest[..n]);
        self.at += n;
        self.left -= n as u64;
        Ok(n)
    }
}
