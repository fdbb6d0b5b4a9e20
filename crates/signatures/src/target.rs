//! What kind of file a signature is for: target types by number, file types by name, and what the bytes themselves say.

use crate::clamav::LineError;
use serde::{Deserialize, Serialize};

/// ClamAV's target types, by their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum Target {
    Any = 0,
    Pe = 1,
    Ole2 = 2,
    Html = 3,
    Mail = 4,
    Graphics = 5,
    Elf = 6,
    Ascii = 7,
    Unused = 8,
    MachO = 9,
    Pdf = 10,
    Flash = 11,
    Java = 12,
    Internal = 13,
}

impl Target {
    pub const ALL: [Target; 14] = [
        Target::Any,
        Target::Pe,
        Target::Ole2,
        Target::Html,
        Target::Mail,
        Target::Graphics,
        Target::Elf,
        Target::Ascii,
        Target::Unused,
        Target::MachO,
        Target::Pdf,
        Target::Flash,
        Target::Java,
        Target::Internal,
    ];

    pub fn parse(text: &str) -> Result<Target, LineError> {
        let number = text.trim().parse::<usize>().ok();
        let target = number.and_then(|number| Target::ALL.get(number).copied());
        target.ok_or_else(|| LineError::Malformed(format!("{text:?} is not a target type (0 to 13)")))
    }

    /// By the first bytes; `Any` when nothing says more. Text is told by [`is_text`].
    pub fn of(bytes: &[u8]) -> Target {
        let starts = |magic: &[u8]| bytes.starts_with(magic);
        let at = |place: usize, magic: &[u8]| bytes.get(place..).is_some_and(|rest| rest.starts_with(magic));
        let pe = || {
            let header = bytes.get(0x3c..0x40).and_then(|at| at.first_chunk()).map(|at| u32::from_le_bytes(*at));
            header.is_some_and(|header| at(header as usize, b"PE\0\0"))
        };
        if starts(b"MZ") && pe() {
            return Target::Pe;
        }
        if starts(b"\x7fELF") {
            return Target::Elf;
        }
        if starts(&[0xca, 0xfe, 0xba, 0xbe]) {
            // A universal binary counts its architectures here, a Java class its version from 45 on.
            let count = bytes.get(4..8).and_then(|at| at.first_chunk()).map_or(0, |at| u32::from_be_bytes(*at));
            return if count < 39 { Target::MachO } else { Target::Java };
        }
        let macho: [&[u8]; 4] = [
            &[0xfe, 0xed, 0xfa, 0xce],
            &[0xce, 0xfa, 0xed, 0xfe],
            &[0xfe, 0xed, 0xfa, 0xcf],
            &[0xcf, 0xfa, 0xed, 0xfe],
        ];
        if macho.iter().any(|magic| starts(magic)) {
            return Target::MachO;
        }
        if starts(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]) {
            return Target::Ole2;
        }
        if starts(b"%PDF-") {
            return Target::Pdf;
        }
        if [b"FWS", b"CWS", b"ZWS"].iter().any(|magic| starts(*magic)) {
            return Target::Flash;
        }
        let graphics: [&[u8]; 6] = [b"GIF8", b"\x89PNG\r\n", &[0xff, 0xd8, 0xff], b"BM", b"II*\0", b"MM\0*"];
        if graphics.iter().any(|magic| starts(magic)) && !(starts(b"BM") && is_text(bytes)) {
            return Target::Graphics;
        }
        if !is_text(bytes) {
            return Target::Any;
        }
        let head = bytes[..bytes.len().min(64 << 10)].to_ascii_lowercase();
        let has = |tag: &[u8]| memchr::memmem::find(&head, tag).is_some();
        if [&b"<html"[..], b"<head", b"<body", b"<script", b"<iframe", b"<!doctype html", b"<table", b"<img "]
            .iter()
            .any(|tag| has(tag))
        {
            return Target::Html;
        }
        let mail: [&[u8]; 6] =
            [b"received: ", b"return-path: ", b"from: ", b"message-id: ", b"x-originating-ip: ", b"mime-version: "];
        if mail.iter().any(|field| head.starts_with(field)) {
            return Target::Mail;
        }
        Target::Ascii
    }
}

/// Whether the first 4 KiB are text: ASCII or one of its supersets, no control bytes but white space and escape.
pub fn is_text(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(4096)];
    !head.is_empty() && head.iter().all(|byte| matches!(byte, 0x07..=0x0d | 0x1b | 0x20..=0x7e | 0x80..=0xff))
}

macro_rules! file_types {
    ($($variant:ident = $name:literal),* $(,)?) => {
        /// ClamAV's file types, `CL_TYPE_…`; what a container is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum FileType { $($variant),* }

        impl FileType {
            pub const ALL: &[FileType] = &[$(FileType::$variant),*];
            /// Without `CL_TYPE_`.
            pub const fn name(self) -> &'static str {
                match self { $(FileType::$variant => $name),* }
            }
        }
    };
}

file_types! {
    Any = "ANY", SevenZ = "7Z", SevenZSfx = "7ZSFX", Alz = "ALZ", Apm = "APM", Arj = "ARJ", ArjSfx = "ARJSFX", Autoit = "AUTOIT",
    BinaryData = "BINARY_DATA", Binhex = "BINHEX", Bz = "BZ", CabSfx = "CABSFX", CpioCrc = "CPIO_CRC", CpioNewc = "CPIO_NEWC",
    CpioOdc = "CPIO_ODC", CpioOld = "CPIO_OLD", Cryptff = "CRYPTFF", Dmg = "DMG", Egg = "EGG", Elf = "ELF", Error = "ERROR", Gif = "GIF",
    Gpt = "GPT", Graphics = "GRAPHICS", Gz = "GZ", HtmlUtf16 = "HTML_UTF16", Html = "HTML", Hwp3 = "HWP3", HwpOle2 = "HWPOLE2", Ignored = "IGNORED",
    Internal = "INTERNAL", IshieldMsi = "ISHIELD_MSI", Iso9660 = "ISO9660", Java = "JAVA", Jpeg = "JPEG", LhaLzh = "LHA_LZH", Lnk = "LNK",
    MachoUnibin = "MACHO_UNIBIN", Macho = "MACHO", Mail = "MAIL", Mbr = "MBR", Mhtml = "MHTML", Mscab = "MSCAB", Mschm = "MSCHM",
    Msexe = "MSEXE", Msole2 = "MSOLE2", Msszdd = "MSSZDD", Nulsft = "NULSFT", OldTar = "OLD_TAR", OneNote = "ONENOTE",
    OoxmlHwp = "OOXML_HWP", OoxmlPpt = "OOXML_PPT", OoxmlWord = "OOXML_WORD", OoxmlXl = "OOXML_XL", PartAny = "PART_ANY",
    PartHfsplus = "PART_HFSPLUS", Pdf = "PDF", Png = "PNG", PosixTar = "POSIX_TAR", Ps = "PS", PythonCompiled = "PYTHON_COMPILED", Rar = "RAR",
    RarSfx = "RARSFX", Riff = "RIFF", Rtf = "RTF", Screnc = "SCRENC", Script = "SCRIPT", Sis = "SIS", Swf = "SWF", TextAscii = "TEXT_ASCII",
    TextUtf16be = "TEXT_UTF16BE", TextUtf16le = "TEXT_UTF16LE", TextUtf8 = "TEXT_UTF8", Tiff = "TIFF", Tnef = "TNEF", Udf = "UDF",
    Uuencoded = "UUENCODED", Xar = "XAR", Xdp = "XDP", XmlHwp = "XML_HWP", XmlWord = "XML_WORD", XmlXl = "XML_XL", Xz = "XZ", Zip = "ZIP",
    ZipSfx = "ZIPSFX",
    // What ClamAV has no name for and Tamon opens.
    Zstd = "ZSTD", Lz4 = "LZ4", Ar = "AR", Rpm = "RPM", Squashfs = "SQUASHFS", AppImage = "APPIMAGE", Shar = "SHAR", Base64 = "BASE64", Upx = "UPX",
}

impl FileType {
    pub fn parse(text: &str) -> Result<FileType, LineError> {
        let name = text.strip_prefix("CL_TYPE_").unwrap_or(text);
        let found = FileType::ALL.iter().find(|known| known.name() == name);
        found.copied().ok_or_else(|| LineError::Unsupported(format!("file type {text:?} is not known")))
    }

    /// The target whose signatures are for files of this type.
    pub const fn target(self) -> Target {
        match self {
            FileType::Msexe => Target::Pe,
            FileType::Elf => Target::Elf,
            FileType::Macho | FileType::MachoUnibin => Target::MachO,
            FileType::Msole2 | FileType::HwpOle2 => Target::Ole2,
            FileType::Html | FileType::HtmlUtf16 => Target::Html,
            FileType::Mail | FileType::Mhtml => Target::Mail,
            FileType::Graphics | FileType::Gif | FileType::Png | FileType::Jpeg | FileType::Tiff => Target::Graphics,
            FileType::TextAscii
            | FileType::TextUtf8
            | FileType::TextUtf16be
            | FileType::TextUtf16le
            | FileType::Script => Target::Ascii,
            FileType::Pdf => Target::Pdf,
            FileType::Swf => Target::Flash,
            FileType::Java => Target::Java,
            FileType::Internal => Target::Internal,
            _ => Target::Any,
        }
    }
}
