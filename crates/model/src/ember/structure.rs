//! The structure of a PE file to its 1,872 dimensions: headers, sections, imports, exports, directories, Rich header, signatures and
//! complaints. [`Structure`] has the shape of EMBER2024's feature files, so that a line of one and a file itself take the same way to the vector.

mod header;
pub(super) mod names;
mod sections;

use super::authenticode::Authenticode;
use super::hashing::Hashed;
use super::pe::{Export, Library, Pe, Symbol, WARNINGS, warning_by_text};
use header::Headers;
use names::DIRECTORY_NAMES;
use sections::Sections;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Dimensions of the groups, in order.
pub(super) const HEADER: usize = 74;
pub(super) const SECTIONS: usize = 224;
pub(super) const IMPORTS: usize = 2 + 256 + 1024;
pub(super) const EXPORTS: usize = 1 + 128;
pub(super) const DIRECTORIES: usize = 34;
pub(super) const RICH: usize = 33;
pub(super) const SIGNATURE: usize = 8;
pub(super) const COMPLAINTS: usize = WARNINGS + 1;
/// All of them.
pub(super) const WIDTH: usize = HEADER + SECTIONS + IMPORTS + EXPORTS + DIRECTORIES + RICH + SIGNATURE + COMPLAINTS;

/// A PE file's structure, as a feature file gives it; empty parts are what a file has that is no PE.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub(super) struct Structure {
    #[serde(deserialize_with = "maybe_empty")]
    header: Option<Headers>,
    #[serde(deserialize_with = "maybe_empty")]
    section: Option<Sections>,
    imports: BTreeMap<String, Vec<String>>,
    exports: Vec<String>,
    datadirectories: Vec<Directory>,
    richheader: Vec<u32>,
    #[serde(deserialize_with = "maybe_empty")]
    authenticode: Option<Authenticode>,
    pefilewarnings: Vec<String>,
    /// Complaints as bits: what a file itself gives.
    #[serde(skip)]
    complaints: u128,
}

/// `{}` is none.
fn maybe_empty<'de, D: serde::Deserializer<'de>, T: serde::de::DeserializeOwned>(
    input: D,
) -> Result<Option<T>, D::Error> {
    let value = serde_json::Value::deserialize(input)?;
    if value.is_null() || value.as_object().is_some_and(serde_json::Map::is_empty) {
        return Ok(None);
    }
    serde_json::from_value(value).map(Some).map_err(serde::de::Error::custom)
}

/// One entry; the first of the list says instead whether there are relocations.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
struct Directory {
    has_relocs: f64,
    has_dynamic_relocs: f64,
    name: String,
    size: f64,
    virtual_address: f64,
}

impl Structure {
    pub(super) fn of(pe: &Pe<'_>) -> Self {
        let (data, header) = (pe.image.data, &pe.image.header);
        let mut directories = vec![Directory {
            has_relocs: f64::from(u8::from(pe.has_relocations)),
            has_dynamic_relocs: f64::from(u8::from(pe.has_dynamic_relocations)),
            ..Directory::default()
        }];
        directories.extend(header.directories.iter().zip(DIRECTORY_NAMES).map(|(&(address, size), name)| Directory {
            name: name.to_owned(),
            size: f64::from(size),
            virtual_address: f64::from(address),
            ..Directory::default()
        }));
        Structure {
            header: Some(Headers::of(header)),
            section: Some(Sections::of(pe)),
            imports: imports(&pe.imports),
            exports: pe
                .exports
                .iter()
                .map(|export| match export {
                    Export::Name(name) => name.clone(),
                    Export::Ordinal(ordinal) => format!("ordinal{ordinal}"),
                })
                .collect(),
            datadirectories: directories,
            richheader: pe.rich.clone(),
            authenticode: Some(Authenticode::of(data, header)),
            pefilewarnings: Vec::new(),
            complaints: pe.image.warnings(),
        }
    }

    /// Appends the 1,872 dimensions.
    pub(super) fn write(&self, row: &mut Vec<f32>) {
        part(row, HEADER, self.header.as_ref().map(|header| |row: &mut Vec<f32>| header.write(row)));
        part(row, SECTIONS, self.section.as_ref().map(|section| |row: &mut Vec<f32>| section.write(row)));
        part(row, IMPORTS, (!self.imports.is_empty()).then_some(|row: &mut Vec<f32>| self.write_imports(row)));
        part(row, EXPORTS, (!self.exports.is_empty()).then_some(|row: &mut Vec<f32>| self.write_exports(row)));
        part(
            row,
            DIRECTORIES,
            (!self.datadirectories.is_empty()).then_some(|row: &mut Vec<f32>| self.write_directories(row)),
        );
        part(row, RICH, (!self.richheader.is_empty()).then_some(|row: &mut Vec<f32>| self.write_rich(row)));
        part(row, SIGNATURE, self.authenticode.as_ref().map(|signature| |row: &mut Vec<f32>| signature.write(row)));
        self.write_complaints(row);
    }

    fn write_imports(&self, row: &mut Vec<f32>) {
        let mut libraries = Hashed::new(256, false);
        let mut functions = Hashed::new(1024, false);
        let mut names: Vec<String> = self.imports.keys().map(|name| name.to_lowercase()).collect();
        names.sort_unstable();
        names.dedup();
        names.iter().for_each(|name| libraries.add(name.as_bytes(), 1.0));
        let mut count = 0;
        for (library, symbols) in &self.imports {
            let library = library.to_lowercase();
            for symbol in symbols {
                functions.add(format!("{library}:{symbol}").as_bytes(), 1.0);
                count += 1;
            }
        }
        row.extend([count as f32, names.len() as f32]);
        libraries.write(row);
        functions.write(row);
    }

    fn write_exports(&self, row: &mut Vec<f32>) {
        let mut hashed = Hashed::new(128, true);
        self.exports.iter().for_each(|name| hashed.add(name.as_bytes(), 1.0));
        // The original counts the columns here, not the exports.
        row.push(128.0);
        hashed.write(row);
    }

    fn write_directories(&self, row: &mut Vec<f32>) {
        let start = row.len();
        row.resize(start + DIRECTORIES, 0.0);
        let values = &mut row[start..];
        // The original leaves the last one out.
        let named = &self.datadirectories[1..self.datadirectories.len().saturating_sub(1).max(1)];
        for directory in named {
            if let Some(index) = DIRECTORY_NAMES.iter().position(|name| *name == directory.name) {
                values[2 * index] = directory.size as f32;
                values[2 * index + 1] = directory.virtual_address as f32;
            }
        }
        values[32] = self.datadirectories[0].has_relocs as f32;
        values[33] = self.datadirectories[0].has_dynamic_relocs as f32;
    }

    fn write_rich(&self, row: &mut Vec<f32>) {
        let mut hashed = Hashed::new(32, true);
        let pairs = self.richheader.as_chunks::<2>().0;
        pairs.iter().for_each(|[tool, count]| hashed.add(tool.to_string().as_bytes(), f64::from(*count)));
        row.push(pairs.len() as f32);
        hashed.write(row);
    }

    fn write_complaints(&self, row: &mut Vec<f32>) {
        let named =
            self.pefilewarnings.iter().filter_map(|text| warning_by_text(text)).map(|warning| 1u128 << warning as u32);
        let bits = named.fold(self.complaints, |bits, bit| bits | bit);
        row.extend((0..WARNINGS).map(|bit| f32::from((bits >> bit & 1) as u8)));
        row.push(bits.count_ones() as f32);
    }
}

/// A group, or as many zeros.
fn part(row: &mut Vec<f32>, width: usize, write: Option<impl FnOnce(&mut Vec<f32>)>) {
    let start = row.len();
    if let Some(write) = write {
        write(row);
        debug_assert_eq!(row.len(), start + width);
    }
    row.resize(start + width, 0.0);
}

fn imports(libraries: &[Library]) -> BTreeMap<String, Vec<String>> {
    let mut imports = BTreeMap::new();
    for library in libraries {
        let symbols = library.symbols.iter().map(|symbol| match symbol {
            Symbol::Name(name) => name.clone(),
            Symbol::Ordinal(ordinal) => format!("{}:ordinal{ordinal}", library.name),
        });
        // A library that comes twice counts with what stands there last.
        imports.insert(library.name.clone(), symbols.collect());
    }
    imports
}
