//! Exported names and ordinals.

use super::{Export, Image, Read, Stop, Warning, u16_at, u32_at};
use std::collections::{HashMap, HashSet};

const MOST: usize = 0x2000;
const MOST_REPEATED_NAMES: u32 = 10;
const MOST_REPEATED_ADDRESSES: u32 = 120;
const LONGEST_NAME: i64 = 0x200;
/// Entries that may be unreadable before a table is given up.
const PATIENCE: i32 = 10;

pub(super) fn read(image: &Image<'_>, rva: i64, size: u32) -> Read<Vec<Export>> {
    let directory = match image.structure(rva, 40) {
        Ok(Some(directory)) => directory,
        Ok(None) => return Ok(Vec::new()),
        Err(Stop::NotPe) => return Err(Stop::NotPe),
        Err(Stop::Unreadable) => {
            image.warn(Warning::ExportDirectory);
            return Ok(Vec::new());
        }
    };
    let field = |at: usize| i64::from(u32_at(directory, at));
    let directory = Directory {
        rva,
        end: rva + i64::from(size),
        base: field(16),
        functions: field(20),
        names: field(24),
        function_table: field(28),
        name_table: field(32),
        ordinal_table: field(36),
    };
    let tables = (|| {
        let table = |rva: i64, entries: i64| {
            let left = image.data.len() as i64 - image.offset(rva)?;
            image.bytes(rva, left.min(entries * 4))
        };
        let names = table(directory.name_table, directory.names)?;
        let ordinals = table(directory.ordinal_table, directory.names)?;
        Ok::<_, Stop>((names, ordinals, table(directory.function_table, directory.functions)?))
    })();
    let Ok((names, ordinals, functions)) = tables else {
        image.warn(Warning::ExportDirectory);
        return Ok(Vec::new());
    };
    let mut exports = Vec::new();
    let mut named = HashSet::new();
    if !named_exports(image, &directory, names, ordinals, functions, &mut exports, &mut named)? {
        return Ok(Vec::new());
    }
    if !other_exports(image, &directory, functions, &named, &mut exports) {
        image.warn(Warning::ExportFunctionsRva);
        return Ok(Vec::new());
    }
    Ok(exports)
}

struct Directory {
    rva: i64,
    end: i64,
    base: i64,
    functions: i64,
    names: i64,
    function_table: i64,
    name_table: i64,
    ordinal_table: i64,
}

/// How many entries of four bytes there can be from an address on.
fn room(image: &Image<'_>, rva: i64) -> i64 {
    let bytes = match image.section_at(rva) {
        Some(section) => i64::from(section.address) + image.section_bytes(section).len() as i64 - rva,
        None => image.data.len() as i64,
    };
    bytes / 4
}

/// Exports with a name. `false` if the whole directory is to be disbelieved.
fn named_exports(
    image: &Image<'_>,
    directory: &Directory,
    names: &[u8],
    ordinals: &[u8],
    functions: &[u8],
    exports: &mut Vec<Export>,
    named: &mut HashSet<i64>,
) -> Read<bool> {
    let mut counts: HashMap<(&[u8], u32), u32> = HashMap::new();
    let mut patience = PATIENCE;
    let mut whole = true;
    for index in 0..directory.names.min(room(image, directory.name_table)).max(0) as usize {
        if ordinals.len() < index * 2 + 2 {
            return Ok(false);
        }
        let ordinal = usize::from(u16_at(ordinals, index * 2));
        if ordinal * 4 >= functions.len() {
            return Ok(false);
        }
        let address = u32_at(functions, ordinal * 4);
        if functions.len() < ordinal * 4 + 4 || address == 0 {
            continue;
        }
        // Within the directory itself stands the name of another library's function and no code.
        if (directory.rva..directory.end).contains(&i64::from(address)) && image.offset(i64::from(address)).is_err() {
            continue;
        }
        if names.len() < index * 4 + 4 {
            whole = false;
            break;
        }
        let name_rva = i64::from(u32_at(names, index * 4));
        let name = image.text(name_rva, LONGEST_NAME);
        let valid = |byte: &u8| byte.is_ascii_alphanumeric() || b"!\"#$%&'()*+,-./:<>?[\\]^_`{|}~@".contains(byte);
        if !name.iter().all(valid) {
            whole = false;
            break;
        }
        if image.offset(name_rva).is_err() {
            // The original asks twice, and loses patience twice as fast.
            patience -= 2;
            if patience <= 0 {
                whole = false;
                break;
            }
            continue;
        }
        let count = counts.entry((name, address)).or_default();
        *count += 1;
        if *count > MOST_REPEATED_NAMES {
            image.warn(Warning::ExportCorrupt);
            break;
        }
        if counts.len() > MOST {
            image.warn(Warning::ExportSymbolEntries);
            break;
        }
        image.offset(directory.ordinal_table + 2 * index as i64)?;
        image.offset(directory.function_table + 4 * ordinal as i64)?;
        let number = directory.base + ordinal as i64;
        named.insert(number);
        exports.push(export(name, number));
    }
    if !whole {
        image.warn(Warning::ExportNamesRva);
    }
    Ok(true)
}

fn export(name: &[u8], ordinal: i64) -> Export {
    if name.is_empty() {
        Export::Ordinal(ordinal as u64)
    } else {
        Export::Name(String::from_utf8_lossy(name).into_owned())
    }
}

/// Exports that have a number only. `false` if their table cannot be read.
fn other_exports(
    image: &Image<'_>,
    directory: &Directory,
    functions: &[u8],
    named: &HashSet<i64>,
    exports: &mut Vec<Export>,
) -> bool {
    let mut counts: HashMap<Option<u32>, u32> = HashMap::new();
    let mut patience = PATIENCE;
    for index in 0..directory.functions.min(room(image, directory.function_table)).max(0) {
        if named.contains(&(index + directory.base)) {
            continue;
        }
        let at = index as usize * 4;
        let address = functions.get(at..at + 4).map(|_| u32_at(functions, at));
        if address.is_none() {
            patience -= 1;
            if patience <= 0 {
                return false;
            }
        }
        if address == Some(0) {
            continue;
        }
        let count = counts.entry(address).or_default();
        *count += 1;
        if *count > MOST_REPEATED_ADDRESSES {
            image.warn(Warning::ExportCorrupt);
            break;
        }
        if counts.len() > MOST {
            image.warn(Warning::ExportOrdinalEntries);
            break;
        }
        exports.push(Export::Ordinal((directory.base + index) as u64));
    }
    true
}
