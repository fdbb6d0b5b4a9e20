//! DOS, COFF and optional header.

use super::names::{CHARACTERISTICS, DLL_CHARACTERISTICS, DOS, MACHINES, SUBSYSTEMS};
use crate::ember::pe::Header;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub(super) struct Headers {
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

impl Headers {
    pub(super) fn of(header: &Header) -> Self {
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

    pub(super) fn write(&self, row: &mut Vec<f32>) {
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
