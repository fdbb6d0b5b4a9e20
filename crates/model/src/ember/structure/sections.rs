//! Sections and what is behind them: sizes, entropies, rights, names.

use crate::ember::bytes::Counts;
use crate::ember::hashing::Hashed;
use crate::ember::pe::{Pe, Section};
use serde::Deserialize;

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

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub(super) struct Sections {
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

impl Sections {
    pub(super) fn of(pe: &Pe<'_>) -> Self {
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

    pub(super) fn write(&self, row: &mut Vec<f32>) {
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
