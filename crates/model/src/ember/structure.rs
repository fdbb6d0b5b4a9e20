//! The structure of a PE file to its 1,872 dimensions: headers, sections, imports, exports, directories, Rich header, signatures and
//! complaints. [`Structure`] has the shape of EMBER2024's feature files, so that a line of one and a file itself take the same way to the vector.

use super::authenticode::Authenticode;
use super::bytes::Counts;
use super::hashing::Hashed;
use super::pe::{Export, Header, Library, Pe, Section, Symbol, WARNINGS, warning_by_text};
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

/// Machines and subsystems: the number in a PE file, the name in a feature file. The place in the list is the category.
pub(super) const MACHINES: [(u16, &str); 36] = [
    (0, "UNKNOWN"),
    (0x14c, "I386"),
    (0x162, "R3000"),
    (0x166, "R4000"),
    (0x168, "R10000"),
    (0x169, "WCEMIPSV2"),
    (0x184, "ALPHA"),
    (0x1a2, "SH3"),
    (0x1a3, "SH3DSP"),
    (0x1a4, "SH3E"),
    (0x1a6, "SH4"),
    (0x1a8, "SH5"),
    (0x1c0, "ARM"),
    (0x1c2, "THUMB"),
    (0x1c4, "ARMNT"),
    (0x1d3, "AM33"),
    (0x1f0, "POWERPC"),
    (0x1f1, "POWERPCFP"),
    (0x200, "IA64"),
    (0x266, "MIPS16"),
    // The same number twice: the later name is the one that is given.
    (0xffff, "ALPHA64"),
    (0x284, "AXP64"),
    (0x366, "MIPSFPU"),
    (0x466, "MIPSFPU16"),
    (0x520, "TRICORE"),
    (0xcef, "CEF"),
    (0xebc, "EBC"),
    (0x5032, "RISCV32"),
    (0x5064, "RISCV64"),
    (0x5128, "RISCV128"),
    (0x6232, "LOONGARCH32"),
    (0x6264, "LOONGARCH64"),
    (0x8664, "AMD64"),
    (0x9041, "M32R"),
    (0xaa64, "ARM64"),
    (0xc0ee, "CEE"),
];
const SUBSYSTEMS: [(u16, &str); 14] = [
    (0, "UNKNOWN"),
    (1, "NATIVE"),
    (2, "WINDOWS_GUI"),
    (3, "WINDOWS_CUI"),
    (5, "OS2_CUI"),
    (7, "POSIX_CUI"),
    (8, "NATIVE_WINDOWS"),
    (9, "WINDOWS_CE_GUI"),
    (10, "EFI_APPLICATION"),
    (11, "EFI_BOOT_SERVICE_DRIVER"),
    (12, "EFI_RUNTIME_DRIVER"),
    (13, "EFI_ROM"),
    (14, "XBOX"),
    (16, "WINDOWS_BOOT_APPLICATION"),
];
/// Bit by bit from the lowest.
pub(super) const CHARACTERISTICS: [&str; 16] = [
    "RELOCS_STRIPPED",
    "EXECUTABLE_IMAGE",
    "LINE_NUMS_STRIPPED",
    "LOCAL_SYMS_STRIPPED",
    "AGGRESIVE_WS_TRIM",
    "LARGE_ADDRESS_AWARE",
    "16BIT_MACHINE",
    "BYTES_REVERSED_LO",
    "32BIT_MACHINE",
    "DEBUG_STRIPPED",
    "REMOVABLE_RUN_FROM_SWAP",
    "NET_RUN_FROM_SWAP",
    "SYSTEM",
    "DLL",
    "UP_SYSTEM_ONLY",
    "BYTES_REVERSED_HI",
];
/// From the sixth bit on.
pub(super) const DLL_CHARACTERISTICS: [&str; 11] = [
    "HIGH_ENTROPY_VA",
    "DYNAMIC_BASE",
    "FORCE_INTEGRITY",
    "NX_COMPAT",
    "NO_ISOLATION",
    "NO_SEH",
    "NO_BIND",
    "APPCONTAINER",
    "WDM_DRIVER",
    "GUARD_CF",
    "TERMINAL_SERVER_AWARE",
];
/// Field and place in the DOS header.
pub(super) const DOS: [(&str, usize); 17] = [
    ("e_magic", 0),
    ("e_cblp", 2),
    ("e_cp", 4),
    ("e_crlc", 6),
    ("e_cparhdr", 8),
    ("e_minalloc", 10),
    ("e_maxalloc", 12),
    ("e_ss", 14),
    ("e_sp", 16),
    ("e_csum", 18),
    ("e_ip", 20),
    ("e_cs", 22),
    ("e_lfarlc", 24),
    ("e_ovno", 26),
    ("e_oemid", 36),
    ("e_oeminfo", 38),
    ("e_lfanew", 60),
];
pub(super) const DIRECTORY_NAMES: [&str; 16] = [
    "EXPORT",
    "IMPORT",
    "RESOURCE",
    "EXCEPTION",
    "SECURITY",
    "BASERELOC",
    "DEBUG",
    "COPYRIGHT",
    "GLOBALPTR",
    "TLS",
    "LOAD_CONFIG",
    "BOUND_IMPORT",
    "IAT",
    "DELAY_IMPORT",
    "COM_DESCRIPTOR",
    "RESERVED",
];
/// A section's flags; several may share bits, and any common bit counts.
const SECTION_FLAGS: [(u32, &str); 44] = [
    (0x1, "TYPE_DSECT"),
    (0x2, "TYPE_NOLOAD"),
    (0x4, "TYPE_GROUP"),
    (0x8, "TYPE_NO_PAD"),
    (0x10, "TYPE_COPY"),
    (0x20, "CNT_CODE"),
    (0x40, "CNT_INITIALIZED_DATA"),
    (0x80, "CNT_UNINITIALIZED_DATA"),
    (0x100, "LNK_OTHER"),
    (0x200, "LNK_INFO"),
    (0x400, "LNK_OVER"),
    (0x800, "LNK_REMOVE"),
    (0x1000, "LNK_COMDAT"),
    (0x4000, "MEM_PROTECTED"),
    (0x4000, "NO_DEFER_SPEC_EXC"),
    (0x8000, "GPREL"),
    (0x8000, "MEM_FARDATA"),
    (0x1_0000, "MEM_SYSHEAP"),
    (0x2_0000, "MEM_PURGEABLE"),
    (0x2_0000, "MEM_16BIT"),
    (0x4_0000, "MEM_LOCKED"),
    (0x8_0000, "MEM_PRELOAD"),
    (0x10_0000, "ALIGN_1BYTES"),
    (0x20_0000, "ALIGN_2BYTES"),
    (0x30_0000, "ALIGN_4BYTES"),
    (0x40_0000, "ALIGN_8BYTES"),
    (0x50_0000, "ALIGN_16BYTES"),
    (0x60_0000, "ALIGN_32BYTES"),
    (0x70_0000, "ALIGN_64BYTES"),
    (0x80_0000, "ALIGN_128BYTES"),
    (0x90_0000, "ALIGN_256BYTES"),
    (0xa0_0000, "ALIGN_512BYTES"),
    (0xb0_0000, "ALIGN_1024BYTES"),
    (0xc0_0000, "ALIGN_2048BYTES"),
    (0xd0_0000, "ALIGN_4096BYTES"),
    (0xe0_0000, "ALIGN_8192BYTES"),
    (0xf0_0000, "ALIGN_MASK"),
    (0x100_0000, "LNK_NRELOC_OVFL"),
    (0x200_0000, "MEM_DISCARDABLE"),
    (0x400_0000, "MEM_NOT_CACHED"),
    (0x800_0000, "MEM_NOT_PAGED"),
    (0x1000_0000, "MEM_SHARED"),
    (0x2000_0000, "MEM_EXECUTE"),
    (0x4000_0000, "MEM_READ"),
];
const WRITE: (u32, &str) = (0x8000_0000, "MEM_WRITE");

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

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
struct Headers {
    coff: Coff,
    optional: Optional,
    dos: BTreeMap<String, f64>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
struct Coff {
    timestamp: u64,
    number_of_sections: u64,
    number_of_symbols: u64,
    sizeof_optional_header: u64,
    pointer_to_symbol_table: u64,
    machine: String,
    characteristics: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
struct Optional {
    subsystem: String,
    major_image_version: u64,
    minor_image_version: u64,
    major_linker_version: u64,
    minor_linker_version: u64,
    major_operating_system_version: u64,
    minor_operating_system_version: u64,
    major_subsystem_version: u64,
    minor_subsystem_version: u64,
    sizeof_code: u64,
    sizeof_headers: u64,
    sizeof_image: u64,
    sizeof_initialized_data: u64,
    sizeof_uninitialized_data: u64,
    sizeof_stack_reserve: u64,
    sizeof_stack_commit: u64,
    sizeof_heap_reserve: u64,
    sizeof_heap_commit: u64,
    address_of_entrypoint: u64,
    base_of_code: u64,
    image_base: u64,
    section_alignment: u64,
    checksum: u64,
    number_of_rvas_and_sizes: u64,
    dll_characteristics: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
struct Sections {
    entry: String,
    sections: Vec<SectionFacts>,
    overlay: Overlay,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
struct SectionFacts {
    name: String,
    size: f64,
    entropy: f64,
    vsize: f64,
    size_ratio: f64,
    vsize_ratio: f64,
    props: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
struct Overlay {
    size: f64,
    size_ratio: f64,
    entropy: f64,
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

fn bits(value: u16, names: &[&str]) -> Vec<String> {
    names.iter().enumerate().filter(|(bit, _)| value >> bit & 1 == 1).map(|(_, name)| (*name).to_owned()).collect()
}

fn name_of(number: u16, names: &[(u16, &str)], prefix: &str) -> String {
    let name = names.iter().find(|(known, _)| *known == number && number != 0xffff).map_or("UNKNOWN", |(_, name)| name);
    format!("{prefix}{name}")
}

fn category(name: &str, names: &[(u16, &str)], prefix: &str) -> f32 {
    let name = name.strip_prefix(prefix);
    names.iter().position(|(_, known)| Some(*known) == name).unwrap_or(0) as f32
}

const MACHINE: &str = "IMAGE_FILE_MACHINE_";
const SUBSYSTEM: &str = "IMAGE_SUBSYSTEM_";

impl Headers {
    fn of(header: &Header) -> Self {
        let u = |value: u32| u64::from(value);
        let w = |value: u16| u64::from(value);
        let dos = DOS.iter().map(|&(name, at)| {
            let bytes = &header.dos[at..];
            let low = f64::from(u16::from_le_bytes([bytes[0], bytes[1]]));
            let high = if name == "e_lfanew" { f64::from(u16::from_le_bytes([bytes[2], bytes[3]])) } else { 0.0 };
            (name.to_owned(), low + high * 65_536.0)
        });
        Headers {
            coff: Coff {
                timestamp: u(header.timestamp),
                number_of_sections: w(header.section_count),
                number_of_symbols: u(header.symbol_count),
                sizeof_optional_header: w(header.optional_size),
                pointer_to_symbol_table: u(header.symbol_table),
                machine: name_of(header.machine, &MACHINES, MACHINE),
                characteristics: bits(header.characteristics, &CHARACTERISTICS),
            },
            optional: Optional {
                subsystem: name_of(header.subsystem, &SUBSYSTEMS, SUBSYSTEM),
                major_image_version: w(header.image_version.0),
                minor_image_version: w(header.image_version.1),
                major_linker_version: u64::from(header.linker.0),
                minor_linker_version: u64::from(header.linker.1),
                major_operating_system_version: w(header.system_version.0),
                minor_operating_system_version: w(header.system_version.1),
                major_subsystem_version: w(header.subsystem_version.0),
                minor_subsystem_version: w(header.subsystem_version.1),
                sizeof_code: u(header.code_size),
                sizeof_headers: u(header.headers_size),
                sizeof_image: u(header.image_size),
                sizeof_initialized_data: u(header.initialized_size),
                sizeof_uninitialized_data: u(header.uninitialized_size),
                sizeof_stack_reserve: header.stack_reserve,
                sizeof_stack_commit: header.stack_commit,
                sizeof_heap_reserve: header.heap_reserve,
                sizeof_heap_commit: header.heap_commit,
                address_of_entrypoint: u(header.entry),
                base_of_code: u(header.code_base),
                image_base: header.image_base,
                section_alignment: u(header.section_alignment),
                checksum: u(header.checksum),
                number_of_rvas_and_sizes: u(header.directory_count),
                dll_characteristics: bits(header.dll_characteristics >> 5, &DLL_CHARACTERISTICS),
            },
            dos: dos.collect(),
        }
    }

    fn write(&self, row: &mut Vec<f32>) {
        let (coff, optional) = (&self.coff, &self.optional);
        let sizes = [coff.timestamp, coff.number_of_sections, coff.number_of_symbols, coff.sizeof_optional_header];
        row.extend(sizes.map(|value| value as f32));
        row.push(coff.pointer_to_symbol_table as f32);
        row.push(category(&coff.machine, &MACHINES, MACHINE));
        row.push(category(&optional.subsystem, &SUBSYSTEMS, SUBSYSTEM));
        let numbers = [
            optional.major_image_version,
            optional.minor_image_version,
            optional.major_linker_version,
            optional.minor_linker_version,
            optional.major_operating_system_version,
            optional.minor_operating_system_version,
            optional.major_subsystem_version,
            optional.minor_subsystem_version,
            optional.sizeof_code,
            optional.sizeof_headers,
            optional.sizeof_image,
            optional.sizeof_initialized_data,
            optional.sizeof_uninitialized_data,
            optional.sizeof_stack_reserve,
            optional.sizeof_stack_commit,
            optional.sizeof_heap_reserve,
            optional.sizeof_heap_commit,
            optional.address_of_entrypoint,
            optional.base_of_code,
            optional.image_base,
            optional.section_alignment,
            optional.checksum,
            optional.number_of_rvas_and_sizes,
        ];
        row.extend(numbers.map(|value| value as f32));
        let has = |set: &[String], name: &str| f32::from(u8::from(set.iter().any(|other| other == name)));
        row.extend(CHARACTERISTICS.map(|name| has(&coff.characteristics, name)));
        row.extend(DLL_CHARACTERISTICS.map(|name| has(&optional.dll_characteristics, name)));
        row.extend(DOS.map(|(name, _)| self.dos.get(name).copied().unwrap_or(0.0) as f32));
    }
}

impl Sections {
    fn of(pe: &Pe<'_>) -> Self {
        let image = &pe.image;
        let size = image.data.len() as f64;
        let entry = i64::from(image.header.entry);
        let mut name =
            image.sections.iter().rfind(|section| section.contains(entry)).map(Section::name).unwrap_or_default();
        if name.is_empty() {
            let mut executable = image.sections.iter().filter(|section| section.is_executable()).map(Section::name);
            name = executable.find(|name| !name.is_empty()).unwrap_or_default();
        }
        let mut entropies = Entropies::new(image.data);
        let sections = image.sections.iter().map(|section| {
            let raw = f64::from(section.raw_size);
            SectionFacts {
                name: section.name(),
                size: raw,
                entropy: entropies.of(image.section_bytes(section)),
                vsize: f64::from(section.virtual_size),
                size_ratio: raw / size,
                vsize_ratio: raw / f64::from(section.virtual_size.max(1)),
                props: SECTION_FLAGS
                    .iter()
                    .chain([&WRITE])
                    .filter(|(flag, _)| section.characteristics & flag != 0)
                    .map(|(_, name)| (*name).to_owned())
                    .collect(),
            }
        });
        let sections = sections.collect();
        let overlay = overlay(pe).map_or_else(Overlay::default, |overlay| Overlay {
            size: overlay.len() as f64,
            size_ratio: overlay.len() as f64 / size,
            entropy: entropies.of(overlay),
        });
        Sections { entry: name, sections, overlay }
    }

    fn write(&self, row: &mut Vec<f32>) {
        let sections = &self.sections;
        let count =
            |what: &dyn Fn(&SectionFacts) -> bool| sections.iter().filter(|section| what(section)).count() as f32;
        let has = |section: &SectionFacts, name: &str| section.props.iter().any(|prop| prop == name);
        row.push(sections.len() as f32);
        row.push(count(&|section| section.size == 0.0));
        row.push(count(&|section| section.name.is_empty()));
        row.push(count(&|section| has(section, "MEM_READ") && has(section, "MEM_EXECUTE")));
        row.push(count(&|section| has(section, "MEM_WRITE")));
        let mut spread = |values: &mut dyn Iterator<Item = f64>| {
            let (low, high) = values.fold((0f64, 0f64), |(low, high), value| (low.min(value), high.max(value)));
            row.extend([high as f32, low as f32]);
        };
        spread(&mut sections.iter().map(|section| section.entropy).chain([self.overlay.entropy]));
        spread(&mut sections.iter().map(|section| section.size_ratio).chain([self.overlay.size_ratio]));
        spread(&mut sections.iter().map(|section| section.vsize_ratio));
        let mut hashed = |value: &dyn Fn(&SectionFacts) -> f64| {
            let mut columns = Hashed::new(50, true);
            sections.iter().for_each(|section| columns.add(section.name.as_bytes(), value(section)));
            columns.write(row);
        };
        hashed(&|section| section.size);
        hashed(&|section| section.vsize);
        hashed(&|section| section.entropy);
        let mut flags = Hashed::new(50, true);
        for section in sections {
            section.props.iter().for_each(|prop| flags.add(format!("{}:{prop}", section.name).as_bytes(), 1.0));
        }
        flags.write(row);
        let mut entry = Hashed::new(10, true);
        entry.add(self.entry.as_bytes(), 1.0);
        entry.write(row);
        row.extend([self.overlay.size, self.overlay.size_ratio, self.overlay.entropy].map(|value| value as f32));
    }
}

/// What stands behind everything that the headers speak of.
fn overlay<'a>(pe: &Pe<'a>) -> Option<&'a [u8]> {
    let (image, header) = (&pe.image, &pe.image.header);
    let size = image.data.len() as i64;
    let mut end = 0;
    let mut reach = |start: i64, length: i64| {
        let sum = start + length;
        if end < sum && sum <= size {
            end = sum;
        }
    };
    reach(header.optional_offset, i64::from(header.optional_size));
    image.sections.iter().for_each(|section| reach(i64::from(section.raw_pointer), i64::from(section.raw_size)));
    for (index, &(address, length)) in header.directories.iter().enumerate() {
        // The certificates stand behind everything by design.
        if index != 4
            && let Ok(offset) = image.offset(i64::from(address))
        {
            reach(offset, i64::from(length));
        }
    }
    (size > end).then(|| &image.data[end as usize..])
}

/// Entropies of parts of a file. Hostile sections may all cover the whole file: what was asked before is remembered, and once
/// too much was read, parts are measured by a sample of their beginning.
struct Entropies {
    known: std::collections::HashMap<(usize, usize), f64>,
    left: usize,
}

const SAMPLE: usize = 64 << 10;

impl Entropies {
    fn new(file: &[u8]) -> Self {
        Entropies { known: std::collections::HashMap::new(), left: 8 * file.len() + SAMPLE }
    }

    fn of(&mut self, bytes: &[u8]) -> f64 {
        let key = (bytes.as_ptr() as usize, bytes.len());
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let bytes = if bytes.len() > self.left { &bytes[..bytes.len().min(SAMPLE)] } else { bytes };
        self.left = self.left.saturating_sub(bytes.len());
        let entropy = Counts::entropy(bytes);
        self.known.insert(key, entropy);
        entropy
    }
}
