//! What a file is, by its first bytes: never by its name.

mod magic;

pub use magic::other_archive;

use crate::text_kind;
use magic::MAGICS;

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal,)*) => {
        /// Type of a file by content. The list grows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum Kind { $($(#[$doc])* $kind,)* }

        impl Kind {
            pub const ALL: &[Kind] = &[$(Kind::$kind,)*];

            /// Stable, for machines; the same as serialised.
            pub fn name(self) -> &'static str {
                match self { $(Kind::$kind => $name,)* }
            }
        }
    };
}

kinds! {
    // Programs.
    Elf = "elf",
    Pe = "pe",
    MachO = "mach_o",
    JavaClass = "java_class",
    Dex = "dex",
    Wasm = "wasm",
    Swf = "swf",
    PythonBytecode = "python_bytecode",
    // Archives and file systems.
    Zip = "zip",
    Jar = "jar",
    Apk = "apk",
    Ooxml = "ooxml",
    OpenDocument = "open_document",
    Tar = "tar",
    Cpio = "cpio",
    Ar = "ar",
    Deb = "deb",
    Rpm = "rpm",
    SevenZip = "seven_zip",
    Rar = "rar",
    Cab = "cab",
    Iso = "iso",
    Squashfs = "squashfs",
    AppImage = "app_image",
    Arj = "arj",
    Szdd = "szdd",
    BinHex = "bin_hex",
    Tnef = "tnef",
    Sis = "sis",
    Chm = "chm",
    Lha = "lha",
    // Known, not opened here; each walk says so.
    /// Archives and images of other kinds: [`other_archive`] names them.
    OtherArchive = "other_archive",
    /// A cabinet of InstallShield's own, which is read where a setup program carries it with its table.
    InstallShield = "install_shield",
    // Compressed streams.
    Gzip = "gzip",
    Zlib = "zlib",
    Bzip2 = "bzip2",
    Xz = "xz",
    Lzma = "lzma",
    Lzip = "lzip",
    Zstd = "zstd",
    Lz4 = "lz4",
    Compress = "compress",
    // Documents.
    Ole = "ole",
    /// Source text of a macro module.
    Vba = "vba",
    Pdf = "pdf",
    Rtf = "rtf",
    Mail = "mail",
    Mbox = "mbox",
    Html = "html",
    Xml = "xml",
    Uuencoded = "uuencoded",
    Yencoded = "yencoded",
    // Scripts.
    Shell = "shell",
    Python = "python",
    Perl = "perl",
    Php = "php",
    JavaScript = "java_script",
    Ruby = "ruby",
    Lua = "lua",
    PowerShell = "power_shell",
    Batch = "batch",
    VbScript = "vb_script",
    OtherScript = "other_script",
    // Pictures and the like.
    Png = "png",
    Jpeg = "jpeg",
    Gif = "gif",
    Bmp = "bmp",
    Tiff = "tiff",
    WebP = "web_p",
    Ico = "ico",
    // The rest.
    Text = "text",
    /// UTF-16 with or without a mark.
    Utf16 = "utf16",
    Sqlite = "sqlite",
    Empty = "empty",
    Data = "data",
}

/// As many bytes as [`kind`] looks at, at most.
pub const KIND_BYTES: usize = 36 << 10;

impl Kind {
    /// Kinds that a walk looks into. The rest may still have something appended.
    pub fn is_container(self) -> bool {
        use Kind::*;
        self.is_stream()
            || matches!(
                self,
                Zip | Jar | Apk | Ooxml | OpenDocument | SevenZip | Rar | Cab | Iso | Squashfs | AppImage | Ole
            )
            || matches!(self, Pdf | Mail | Uuencoded | Yencoded)
            || matches!(self, OtherArchive | Arj | Lha | Chm | Szdd | BinHex | Tnef | Sis | InstallShield)
    }

    /// Containers that are read from front to back and so need not lie in memory.
    pub fn is_stream(self) -> bool {
        use Kind::*;
        matches!(
            self,
            Tar | Cpio | Ar | Deb | Rpm | Gzip | Zlib | Bzip2 | Xz | Lzma | Lzip | Zstd | Lz4 | Compress | Mbox
        )
    }

    /// One stream, compressed; its one member is not counted as such.
    pub fn is_compressed(self) -> bool {
        use Kind::*;
        matches!(self, Gzip | Zlib | Bzip2 | Xz | Lzma | Lzip | Zstd | Lz4 | Compress)
    }

    pub fn is_script(self) -> bool {
        use Kind::*;
        matches!(
            self,
            Shell | Python | Perl | Php | JavaScript | Ruby | Lua | PowerShell | Batch | VbScript | OtherScript | Vba
        )
    }

    /// Programs that a kernel or a machine runs as they are.
    pub fn is_program(self) -> bool {
        use Kind::*;
        matches!(self, Elf | Pe | MachO | JavaClass | Dex | Wasm | PythonBytecode)
    }

    pub fn is_text(self) -> bool {
        use Kind::*;
        self.is_script() || matches!(self, Text | Utf16 | Html | Xml | Mail | Mbox | Rtf | Uuencoded | Yencoded)
    }

    pub fn is_image(self) -> bool {
        use Kind::*;
        matches!(self, Png | Jpeg | Gif | Bmp | Tiff | WebP | Ico)
    }
}

/// The kind of a file, of which the first [`KIND_BYTES`] (or all, if fewer) are given. Never fails: what is unknown is
/// [`Kind::Text`] or [`Kind::Data`].
pub fn kind(bytes: &[u8]) -> Kind {
    if bytes.is_empty() {
        return Kind::Empty;
    }
    by_magic(bytes).or_else(|| by_structure(bytes)).unwrap_or_else(|| text_kind::text_kind(bytes).unwrap_or(Kind::Data))
}

fn by_magic(bytes: &[u8]) -> Option<Kind> {
    let kind = MAGICS.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, kind)| *kind);
    match kind {
        Some(Kind::Elf) if matches!(bytes.get(8..11), Some([b'A', b'I', 1 | 2])) => Some(Kind::AppImage),
        Some(Kind::Zip) => Some(zip_kind(bytes)),
        Some(Kind::Swf) if bytes.get(3).is_none_or(|version| *version > 60) => None,
        Some(Kind::Bzip2) if !matches!(bytes.get(3), Some(b'1'..=b'9')) => None,
        Some(Kind::Gzip) if bytes.get(2).is_some_and(|method| *method != 8) => None,
        // Two octal-era bytes are too few to go by.
        Some(Kind::Cpio) if bytes[0] != b'0' && !old_cpio(bytes) => None,
        // Size of the basic header, then of its fixed part.
        Some(Kind::Arj) if !matches!(bytes.get(2..5), Some([_, 0..=10, 30..=60])) => None,
        Some(Kind::Ico) if !matches!(bytes.get(4..6), Some([1..=64, 0])) => None,
        None if bytes.starts_with(b"MZ") || bytes.starts_with(b"ZM") => pe(bytes),
        None if bytes.starts_with(b"BM") && bytes.get(6..10) == Some(&[0; 4]) => Some(Kind::Bmp),
        None if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") => Some(Kind::WebP),
        None if matches!(bytes.get(2..7), Some([b'-', b'l', b'h' | b'z', _, b'-'])) => Some(Kind::Lha),
        None if bytes.get(4..8) == Some(b"\x12\x3a\0\x10") => Some(Kind::Sis),
        None if bytes.starts_with(b"\xca\xfe\xba\xbe") => fat_or_class(bytes),
        None if bytes.len() > 16 && bytes[2..4] == *b"\r\n" && bytes[1] == 0x0d => Some(Kind::PythonBytecode),
        other => other,
    }
}

fn by_structure(bytes: &[u8]) -> Option<Kind> {
    if let Some(at) = memchr::memmem::find(&bytes[..bytes.len().min(1024)], b"%PDF-")
        && (at == 0 || text_kind::text_kind(bytes).is_none_or(|kind| kind == Kind::Text))
    {
        return Some(Kind::Pdf);
    }
    if crate::format::tar::is_header(bytes) {
        return Some(Kind::Tar);
    }
    // From the ninth sector on: volume descriptors, of UDF alone where it begins so.
    if matches!(bytes.get(0x8001..0x8006), Some(b"CD001" | b"BEA01")) {
        return Some(Kind::Iso);
    }
    if other_archive(bytes).is_some() {
        return Some(Kind::OtherArchive);
    }
    // Skippable frames before the first real one.
    if bytes.len() >= 8 && bytes[1..4] == [0x2a, 0x4d, 0x18] && bytes[0] & 0xf0 == 0x50 {
        return Some(Kind::Zstd);
    }
    // The "alone" format has no magic: properties, a dictionary of a round size, a size that is sane or unknown.
    if bytes.len() >= 14 && bytes[0] < 225 && bytes[13] == 0 {
        let dictionary = u32::from_le_bytes(bytes[1..5].try_into().expect("four bytes"));
        let size = u64::from_le_bytes(bytes[5..13].try_into().expect("eight bytes"));
        let round = dictionary.is_power_of_two() || (dictionary / 3).is_power_of_two() && dictionary.is_multiple_of(3);
        if round && dictionary >= 4096 && (size == u64::MAX || (1..1 << 38).contains(&size)) {
            return Some(Kind::Lzma);
        }
    }
    None
}

fn old_cpio(bytes: &[u8]) -> bool {
    let name = bytes.get(20..22).map(|b| if bytes[0] == 0xc7 { [b[1], b[0]] } else { [b[0], b[1]] });
    let size = name.map_or(0, |b| usize::from(u16::from_be_bytes(b)));
    (2..=4096).contains(&size) && bytes.get(26 + size - 1) == Some(&0)
}

/// MZ alone is a DOS program, which is data to us unless the PE header stands where it points.
fn pe(bytes: &[u8]) -> Option<Kind> {
    let at = u32::from_le_bytes(bytes.get(60..64)?.try_into().ok()?) as usize;
    let there = bytes.get(at..at.checked_add(4)?);
    (there == Some(b"PE\0\0") || there.is_none() && (KIND_BYTES - 4..64 << 20).contains(&at)).then_some(Kind::Pe)
}

/// A Java class has its version where a fat Mach-O has a small count of architectures.
fn fat_or_class(bytes: &[u8]) -> Option<Kind> {
    let count = u32::from_be_bytes(bytes.get(4..8)?.try_into().ok()?);
    Some(if count < 40 { Kind::MachO } else { Kind::JavaClass })
}

/// By the names that stand first.
fn zip_kind(bytes: &[u8]) -> Kind {
    let mut at = 0;
    for _ in 0..8 {
        let Some(header) = bytes.get(at..at + 30).filter(|h| h.starts_with(b"PK\x03\x04")) else { break };
        let short = |at: usize| usize::from(u16::from_le_bytes([header[at], header[at + 1]]));
        let size = u32::from_le_bytes(header[18..22].try_into().expect("four bytes")) as usize;
        let (name_len, extra) = (short(26), short(28));
        let name = bytes.get(at + 30..(at + 30 + name_len).min(bytes.len())).unwrap_or_default();
        match name {
            b"[Content_Types].xml" | b"_rels/.rels" | b"docProps/app.xml" => return Kind::Ooxml,
            b"AndroidManifest.xml" | b"classes.dex" => return Kind::Apk,
            b"META-INF/" | b"META-INF/MANIFEST.MF" => return Kind::Jar,
            b"mimetype" => {
                let text = bytes.get(at + 30 + name_len + extra..).unwrap_or_default();
                if text.starts_with(b"application/vnd.oasis.opendocument") {
                    return Kind::OpenDocument;
                }
            }
            _ => {}
        }
        at = at.saturating_add(30 + name_len + extra).saturating_add(size);
        if short(6) & 8 != 0 && size == 0 {
            break;
        }
    }
    Kind::Zip
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_kinds_by_content() {
        let check = |bytes: &[u8], expected| assert_eq!(kind(bytes), expected, "{:?}", &bytes[..bytes.len().min(40)]);
        check(b"", Kind::Empty);
        check(b"\x7fELF\x02\x01\x01\0\0\0\0\0", Kind::Elf);
        check(b"\x7fELF\x02\x01\x01\0AI\x02\0", Kind::AppImage);
        check(b"\x1f\x8b\x08\0", Kind::Gzip);
        check(b"BZh9", Kind::Bzip2);
        check(b"BZhello, says the text", Kind::Text);
        check(b"PK\x03\x04", Kind::Zip);
        check(b"%PDF-1.4\n", Kind::Pdf);
        check(b"#!/bin/sh\necho\n", Kind::Shell);
        check(b"#!/usr/bin/env -S python3 -u\n", Kind::Python);
        check(b"<?php echo 1;", Kind::Php);
        check(b"<!DOCTYPE html><html>", Kind::Html);
        check(b"From: a@b\r\nSubject: x\r\nMIME-Version: 1.0\r\n\r\nhi", Kind::Mail);
        check(b"From a@b Thu Jan  1 00:00:00 1970\nFrom: a@b\n\nhi", Kind::Mbox);
        check(b"begin 644 x\n#0V%T\n`\nend\n", Kind::Uuencoded);
        check(b"just words", Kind::Text);
        check(b"\xff\xfea\0b\0c\0", Kind::Utf16);
        check(b"\x80\x81\x82\x00\x01\x02\xfe", Kind::Data);
        check(b"\xca\xfe\xba\xbe\0\0\0\x37", Kind::JavaClass);
        check(b"\xca\xfe\xba\xbe\0\0\0\x02", Kind::MachO);
        check(b"hsqs", Kind::Squashfs);
    }

    #[test]
    fn names_are_unique_and_as_serialised() {
        let mut names: Vec<_> = Kind::ALL.iter().map(|kind| kind.name()).collect();
        for kind in Kind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
        names.sort();
        names.dedup();
        assert_eq!(names.len(), Kind::ALL.len());
    }
}
