//! Of what kind bytes are, by their beginning.

/// Offset and magic, and what is to be known of the format.
struct Format {
    at: usize,
    magic: &'static [u8],
    trait_: Trait,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Trait {
    /// Written once, then read.
    Document,
    /// Programs and what compilers make: a script may take the place of one.
    Program,
    /// Changed in the middle by daily work: databases, disks of machines, volumes.
    Living,
    /// What honest tools encrypt into: it says what it is.
    Sealed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ContentKind {
    /// A known format: documents, pictures, archives, databases, programs. The number says which.
    Format(u8),
    Text,
    /// Text that is nothing but an encoding of bytes (base64, hex).
    Encoded,
    /// All bytes the same.
    Blank,
    Opaque,
}

impl ContentKind {
    fn of_format(self, trait_: Trait) -> bool {
        matches!(self, ContentKind::Format(n) if FORMATS[usize::from(n)].trait_ == trait_)
    }
    pub fn is_program(self) -> bool {
        self.of_format(Trait::Program)
    }
    pub fn is_living(self) -> bool {
        self.of_format(Trait::Living)
    }
    pub fn is_sealed(self) -> bool {
        self.of_format(Trait::Sealed)
    }
}

/// By its first bytes.
pub(super) fn kind_of(head: &[u8]) -> ContentKind {
    let starts = |format: &Format| head.get(format.at..).is_some_and(|rest| rest.starts_with(format.magic));
    if let Some(at) = FORMATS.iter().position(starts) {
        return ContentKind::Format(at as u8);
    }
    if !is_text(head) {
        ContentKind::Opaque
    } else if is_encoded(head) {
        ContentKind::Encoded
    } else {
        ContentKind::Text
    }
}

/// Something that people or their editors wrote, in whatever language. A log may begin with a hole, and text of two bytes a
/// letter has zeros between.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return bytes.iter().filter(|byte| **byte == 0).count() * 4 > bytes.len();
    }
    let hole = bytes.iter().take_while(|byte| **byte == 0).count();
    let bytes = if hole >= 64 { &bytes[hole..] } else { bytes };
    let odd = |byte: &&u8| **byte < 9 || (**byte > 13 && **byte < 32 && **byte != 27) || **byte == 127;
    if bytes.is_empty() || bytes.iter().filter(odd).count() * 50 > bytes.len() {
        return false;
    }
    let high = bytes.iter().filter(|byte| **byte >= 128).count();
    // Latin-1 and UTF-8 texts have letters between; noise without control characters does not happen.
    let is_utf8 = std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to() + 4 > bytes.len(), |_| true);
    high * 2 <= bytes.len() || is_utf8
}

/// Long runs of an alphabet without words: no spaces, and lines of one length or none.
fn is_encoded(head: &[u8]) -> bool {
    let alphabet =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'-' | b'_' | b'\n' | b'\r');
    if head.len() < 64 || !head.iter().all(alphabet) {
        return false;
    }
    let body = head.iter().filter(|byte| !matches!(byte, b'\n' | b'\r')).count();
    let lines = head.split(|byte| *byte == b'\n').collect::<Vec<_>>();
    let first = lines.first().map_or(0, |line| line.len());
    let even = lines.len() == 1 || lines[..lines.len() - 1].iter().all(|line| line.len() == first);
    let digits = head.iter().filter(|byte| byte.is_ascii_digit()).count();
    let mixed = digits * 20 > body && digits * 10 < body * 9;
    first >= 40 && even && mixed
}

const fn document(magic: &'static [u8]) -> Format {
    Format { at: 0, magic, trait_: Trait::Document }
}
const fn program(magic: &'static [u8]) -> Format {
    Format { at: 0, magic, trait_: Trait::Program }
}
const fn living(magic: &'static [u8]) -> Format {
    Format { at: 0, magic, trait_: Trait::Living }
}
const fn sealed(magic: &'static [u8]) -> Format {
    Format { at: 0, magic, trait_: Trait::Sealed }
}

const FORMATS: &[Format] = &[
    document(b"PK\x03\x04"),
    document(b"%PDF-"),
    document(b"\xff\xd8\xff"),
    document(b"\x89PNG\r\n"),
    document(b"GIF8"),
    document(b"\x1f\x8b"),
    document(b"\xfd7zXZ\0"),
    document(b"\x28\xb5\x2f\xfd"),
    document(b"BZh"),
    document(b"7z\xbc\xaf\x27\x1c"),
    document(b"Rar!\x1a\x07"),
    program(b"\x7fELF"),
    living(b"SQLite format 3\0"),
    document(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    Format { at: 4, magic: b"ftyp", trait_: Trait::Document },
    document(b"ID3"),
    document(b"OggS"),
    document(b"RIFF"),
    document(b"fLaC"),
    document(b"II*\0"),
    document(b"MM\0*"),
    document(b"BM"),
    document(b"8BPS"),
    Format { at: 257, magic: b"ustar", trait_: Trait::Document },
    living(b"QFI\xfb"),
    living(b"KDMV"),
    living(b"vhdxfile"),
    program(b"MZ"),
    document(b"\x04\x22\x4d\x18"),
    program(b"!<arch>\n"),
    document(b"PGDMP"),
    document(b"\x1a\x45\xdf\xa3"),
    program(b"\xca\xfe\xba\xbe"),
    living(b"DIRC"),
    living(b"PACK"),
    living(b"LUKS\xba\xbe"),
    sealed(b"age-encryption.org/"),
    sealed(b"-----BEGIN"),
    sealed(b"\x8c\x0d\x04"),
    sealed(b"\x85\x01"),
    sealed(b"\x85\x02"),
    document(b"{\\rtf"),
    // zlib, as git keeps its objects
    document(b"x\x01"),
    document(b"x\x9c"),
    document(b"x\xda"),
    living(b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5"),
    document(b"\0\x01\0\0\0"),
    document(b"wOF"),
    document(b"PAR1"),
    document(b"\x89HDF"),
    document(b"\x93NUMPY"),
    document(b"\x30\x26\xb2\x75"),
    document(b"FLV\x01"),
    document(b"\xff\xfb"),
    document(b"!BDN"),
    document(b"%!PS"),
    document(b"\x5d\0\0"),
    document(b"\x1f\x9d"),
    document(b"\x1f\xa0"),
    document(b"LZIP"),
    document(b"LRZI"),
    document(b"\x89LZO"),
    document(b"\xff\x06\0\0sNaPpY"),
];
