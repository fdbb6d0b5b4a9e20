//! Our own features of ELF files: what a program is built like, what it can ask for, what it talks about.
//!
//! In: the file's bytes, hostile. Out: [`LAYOUT`]'s row of numbers, each with a name and an analyst's words; and
//! [`evidence`], which shows the bytes behind a capability. One pass a question, all bounded: strings, windows and patterns look at
//! the first [`LOOKED_AT`] bytes and the last megabyte, and a feature says so where a file is longer.
//!
//! [`miner`] is a second layout: the features of the public ELF-Miner tables, so that a model of those can judge a file.

mod entropy;
mod evidence;
mod imports;
pub mod miner;
mod parse;
mod patterns;
mod phrases;
mod runtime;
mod strings;
mod structure;
mod talk;

pub use evidence::{Evidence, evidence};
pub use imports::rarity;

use crate::recorder::{Recorded, Recorder};

/// Bytes from the front of a file that strings and patterns are looked for in.
pub const LOOKED_AT: usize = 24 << 20;

/// The layout `elf-1`.
pub static LAYOUT: Recorded = Recorded::new("elf-1", write, phrases::FILE);

/// Every feature, always in this order; bytes that are no ELF file give a row of zeros but for the file's own bytes.
fn write(bytes: &[u8], row: &mut Recorder) {
    let elf = parse::parse(bytes).unwrap_or_else(|| parse::Elf { bytes, ..parse::Elf::default() });
    let looked_at = &bytes[..bytes.len().min(LOOKED_AT)];
    structure::write(&elf, &entropy::Measured::of(bytes, LOOKED_AT), row);
    talk::write(&elf, looked_at, row);
    row.put(phrases::FILE, "file.longer_than_looked_at", bytes.len() > LOOKED_AT);
    row.put(phrases::FILE, "file.lists_cut", elf.cut);
}

/// Names that a program imports: its undefined dynamic symbols without their versions.
pub fn imported_names(bytes: &[u8]) -> Vec<String> {
    let Some(elf) = parse::parse(bytes) else { return Vec::new() };
    let imported = elf.dynamic_symbols.iter().filter(|symbol| symbol.imported && symbol.function);
    imported.map(|symbol| String::from_utf8_lossy(symbol.name).into_owned()).collect()
}

/// Machine (`"i386"`, `"amd64"`, ...) and language (`"go"`, `"rust"`, `"c++"`, `"c-static"`, `"c"`) of an ELF file, for tables by kind.
pub fn describe(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    use object::elf;
    let parsed = parse::parse(bytes)?;
    let runtime = runtime::read(&parsed);
    let machine = match parsed.machine {
        elf::EM_386 => "i386",
        elf::EM_X86_64 => "amd64",
        elf::EM_ARM => "armhf",
        elf::EM_AARCH64 => "arm64",
        _ => "other",
    };
    let language = match runtime {
        _ if parsed.kind == elf::ET_REL => "object",
        runtime::Runtime { go: true, .. } => "go",
        runtime::Runtime { rust: true, .. } => "rust",
        runtime::Runtime { cpp: true, .. } => "c++",
        runtime::Runtime { is_static: true, .. } if parsed.kind == elf::ET_EXEC => "c-static",
        _ => "c",
    };
    Some((machine, language))
}

#[cfg(test)]
mod tests;
