//! Imported libraries and functions, and those imported late. Names for ordinals of three libraries of Windows stand in `ordinals.txt`.

use super::{Header, Image, Read, Stop, Warning, u32_at, u64_at};
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

const MOST_ENTRIES: u64 = 0x2000;
const LONGEST_NAME: i64 = 0x200;
/// Addresses further apart than this cannot be of one module.
const WIDEST: i64 = 128 << 20;
const MOST_REPEATED: u32 = 15;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::ember) struct Library {
    pub name: String,
    pub symbols: Vec<Symbol>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::ember) enum Symbol {
    Name(String),
    Ordinal(u16),
}

pub(super) fn read(image: &Image<'_>, rva: i64) -> Read<Vec<Library>> {
    let mut rva = rva;
    let mut libraries = Vec::new();
    let mut errors = 0;
    loop {
        let Ok(bytes) = image.bytes(rva, 20) else {
            image.warn(Warning::ImportDirectoryRva);
            break;
        };
        let at = image.offset(rva)?;
        let Some(entry) = image.complete(bytes, 20).filter(|entry| entry.iter().any(|byte| *byte != 0)) else { break };
        rva += 20;
        let (names, addresses) = (i64::from(u32_at(entry, 0)), i64::from(u32_at(entry, 16)));
        let length = table_length(image, at, rva, names, addresses);
        let symbols = match symbols(image, names, addresses, length, false) {
            Ok(symbols) => symbols,
            Err(Stop::NotPe) => return Err(Stop::NotPe),
            Err(Stop::Unreadable) => {
                image.warn(Warning::ImportDirectoryData);
                Vec::new()
            }
        };
        if errors > 5 {
            image.warn(Warning::ImportErrors);
            break;
        }
        if symbols.is_empty() {
            errors += 1;
            continue;
        }
        libraries.extend(library(image, i64::from(u32_at(entry, 12)), symbols));
    }
    warn_of_packer(image, &libraries);
    Ok(libraries)
}

/// The directory of imports that are loaded when they are first called: only its complaints count.
pub(super) fn read_delayed(image: &Image<'_>, rva: i64) -> Read<()> {
    let mut rva = rva;
    let mut errors = 0;
    loop {
        let Ok(bytes) = image.bytes(rva, 32) else {
            image.warn(Warning::DelayImportDirectoryRva);
            break;
        };
        let at = image.offset(rva)?;
        let Some(entry) = image.complete(bytes, 32).filter(|entry| entry.iter().any(|byte| *byte != 0)) else { break };
        // Very old linkers wrote addresses in memory instead of in the image.
        let old = u32_at(entry, 0) == 0 && image.header.machine == 0x14c;
        let field = |at: usize| {
            let value = u64::from(u32_at(entry, at));
            if old { into_image(&image.header, value) } else { value as i64 }
        };
        let (addresses, names) = (field(12), field(16));
        rva += 32;
        let length = table_length(image, at, rva, names, addresses);
        let symbols = match symbols(image, names, addresses, length, old) {
            Ok(symbols) => symbols,
            Err(Stop::NotPe) => return Err(Stop::NotPe),
            Err(Stop::Unreadable) => {
                image.warn(Warning::DelayImportDirectory);
                Vec::new()
            }
        };
        if errors > 5 {
            image.warn(Warning::DelayImportErrors);
            break;
        }
        if symbols.is_empty() {
            errors += 1;
            continue;
        }
        if image.import_entries.get() > MOST_ENTRIES {
            image.warn(Warning::ImportsTooMany);
            break;
        }
    }
    Ok(())
}

/// How far a table of entries may go: to the directory if it stands before it, else to the end of the file.
fn table_length(image: &Image<'_>, at: i64, rva: i64, names: i64, addresses: i64) -> i64 {
    if rva > names || rva > addresses { (rva - names).max(rva - addresses) } else { image.data.len() as i64 - at }
}

fn into_image(header: &Header, address: u64) -> i64 {
    let start = header.image_base;
    let inside = start <= address && address < start.saturating_add(u64::from(header.image_size));
    if inside { (address - start) as i64 } else { address.min(i64::MAX as u64) as i64 }
}

fn library(image: &Image<'_>, name: i64, mut symbols: Vec<Symbol>) -> Option<Library> {
    let text = image.text(name, LONGEST_NAME);
    let allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'()-@^_`{}~+,.;=[]:\\/".contains(byte);
    let name =
        if text.iter().all(allowed) { String::from_utf8_lossy(text).into_owned() } else { "*invalid*".to_owned() };
    if name.is_empty() {
        return None;
    }
    if let Some(known) = ORDINALS.get(name.to_ascii_lowercase().as_str()) {
        for symbol in &mut symbols {
            if let Symbol::Ordinal(ordinal) = *symbol {
                let known = known.get(&ordinal).map(|name| (*name).to_owned());
                *symbol = Symbol::Name(known.unwrap_or_else(|| format!("ord{ordinal}")));
            }
        }
    }
    Some(Library { name, symbols })
}

static ORDINALS: LazyLock<HashMap<&str, HashMap<u16, &str>>> = LazyLock::new(|| {
    let mut libraries = HashMap::new();
    let mut current = "";
    for line in include_str!("../ordinals.txt").lines() {
        if let Some(name) = line.strip_prefix('[') {
            current = name.trim_end_matches(']');
        } else if let Some((ordinal, name)) = line.split_once(' ')
            && let Ok(ordinal) = ordinal.parse()
        {
            libraries.entry(current).or_insert_with(HashMap::new).insert(ordinal, name);
        }
    }
    libraries
});

/// Packed programs look up everything at run time, so these two are nearly all they import.
fn warn_of_packer(image: &Image<'_>, libraries: &[Library]) {
    let symbols = libraries.iter().flat_map(|library| &library.symbols);
    let suspicious = symbols
        .clone()
        .filter(|symbol| matches!(symbol, Symbol::Name(n) if n.starts_with("LoadLibrary") || n.starts_with("GetProcAddress")))
        .count();
    if suspicious == 2 && symbols.count() < 20 {
        image.warn(Warning::ImportsOfPacker);
    }
}

/// The symbols of one library, from its table of names or, without one, of addresses.
fn symbols(image: &Image<'_>, names: i64, addresses: i64, length: i64, old: bool) -> Read<Vec<Symbol>> {
    let by_name = table(image, names, length, old)?;
    let by_address = table(image, addresses, length, old)?;
    let entries = if by_name.is_empty() { by_address } else { by_name };
    if entries.is_empty() {
        image.warn(Warning::ImportTableDamaged);
        return Ok(Vec::new());
    }
    let flag = ordinal_flag(image);
    let mut symbols = Vec::new();
    let mut invalid = 0;
    for (index, &entry) in entries.iter().enumerate() {
        if entry & flag != 0 {
            let ordinal = entry as u16;
            if ordinal != 0 {
                symbols.push(Symbol::Ordinal(ordinal));
            }
            continue;
        }
        let rva = (entry & (flag - 1)) as i64;
        if entry == 0 {
            return Err(Stop::Unreadable);
        }
        image.bytes(rva, 2)?;
        let name = image.text(rva.saturating_add(2), LONGEST_NAME);
        let valid = |byte: &u8| byte.is_ascii_alphanumeric() || b"._?@$()<>".contains(byte);
        if !name.iter().all(valid) {
            if invalid > 1000 && invalid == index {
                return Err(Stop::Unreadable);
            }
            invalid += 1;
        } else if !name.is_empty() {
            symbols.push(Symbol::Name(String::from_utf8_lossy(name).into_owned()));
        }
    }
    Ok(symbols)
}

fn ordinal_flag(image: &Image<'_>) -> u64 {
    if image.header.is_64() { 1 << 63 } else { 1 << 31 }
}

/// The entries of one table; empty when it cannot be or is not believed.
fn table(image: &Image<'_>, start: i64, length: i64, old: bool) -> Read<Vec<u64>> {
    let flag = ordinal_flag(image);
    let size = if image.header.is_64() { 8 } else { 4 };
    let mut entries = Vec::new();
    let mut seen = HashSet::new();
    // Lowest and highest address below and above 4 GB.
    let mut spread: [Option<(i64, i64)>; 2] = [None, None];
    let mut repeated = 0;
    let mut rva = start;
    while rva != 0 {
        if rva >= start + length {
            image.warn(Warning::ImportTableBounds);
            break;
        }
        let count = image.import_entries.get();
        if count > MOST_ENTRIES {
            image.warn(Warning::ImportsExcessive);
            break;
        }
        image.import_entries.set(count + 1);
        if repeated >= MOST_REPEATED || spread.iter().flatten().any(|(low, high)| high - low > WIDEST) {
            return Ok(Vec::new());
        }
        let Some(bytes) = image.bytes(rva, size).ok().filter(|bytes| bytes.len() == size as usize) else {
            image.warn(Warning::ImportTableRva);
            return Ok(Vec::new());
        };
        image.offset(rva)?;
        let entry = if size == 8 { u64_at(bytes, 0) } else { u64::from(u32_at(bytes, 0)) };
        let value = if old { into_image(&image.header, entry) as u64 } else { entry };
        if i64::try_from(value).is_ok_and(|value| value >= start && value <= rva) {
            image.warn(Warning::ImportTableOverlap);
            break;
        }
        if value & flag != 0 {
            if value & 0x7fff_ffff > 0xffff {
                return Ok(Vec::new());
            }
        } else if value != 0 {
            let address = value as i64;
            let range = &mut spread[usize::from(value >= 1 << 32)];
            *range = Some(range.map_or((address, address), |(low, high)| (low.min(address), high.max(address))));
            repeated += u32::from(!seen.insert(value));
        }
        if entry == 0 {
            break;
        }
        rva += size;
        entries.push(value);
    }
    Ok(entries)
}
