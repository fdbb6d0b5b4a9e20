//! What the end of a file's name tells.

/// Extension without its dot; None where the name has none, or is nothing but one (`.bashrc`).
pub(super) fn of(path: &str) -> Option<&str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let (stem, extension) = name.rsplit_once('.')?;
    (!stem.is_empty() && !extension.is_empty()).then_some(extension)
}

pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Extensions that programs in daily use give to files they make of others. An extension that is none of these, given to
/// several files at once, is out of the ordinary.
pub(super) fn is_known(extension: &str) -> bool {
    let lower = extension.to_ascii_lowercase();
    lower.bytes().all(|b| b.is_ascii_digit())
        || lower.starts_with("dpkg-")
        || lower.starts_with("rpm")
        || lower.starts_with("tmp")
        || lower.starts_with("sw")
        || lower.ends_with('~')
        || lower.len() > 24
        || KNOWN.contains(&lower.as_str())
        || is_document(&lower)
}

const KNOWN: &[&str] = &[
    // compressed and packed
    "gz",
    "xz",
    "bz2",
    "zst",
    "lz4",
    "lz",
    "lzma",
    "br",
    "z",
    "zip",
    "7z",
    "rar",
    "tar",
    "tgz",
    "txz",
    "deb",
    "rpm",
    "whl",
    "crate",
    "jar",
    "war",
    "iso",
    "img",
    "squashfs", // kept and half-done copies
    "bak",
    "orig",
    "old",
    "new",
    "save",
    "part",
    "partial",
    "crdownload",
    "download",
    "temp",
    "lock",
    "pid",
    "rej",
    "ucf-new",
    "ucf-old",
    "ucf-dist",
    "pam-new",
    "pam-old",
    "cache",
    "journal",
    "wal",
    "shm",
    "ldb",
    "log",
    "idx",
    "pack",
    "rev",
    "keep",
    // made by compilers and build tools
    "o",
    "a",
    "so",
    "d",
    "rlib",
    "rmeta",
    "rcgu",
    "ll",
    "s",
    "i",
    "ii",
    "gcno",
    "gcda",
    "obj",
    "pyc",
    "pyo",
    "class",
    "elc",
    "mo",
    "gmo",
    "map",
    "min",
    "bin",
    "elf",
    "ko",
    "mod",
    "cmd",
    "dwo",
    "wasm",
    "dep",
    "stamp",
    "timestamp",
    "tsbuildinfo",
    // sources and configuration
    "c",
    "h",
    "cc",
    "cpp",
    "hpp",
    "rs",
    "go",
    "py",
    "js",
    "ts",
    "tsx",
    "jsx",
    "mjs",
    "cjs",
    "css",
    "scss",
    "sh",
    "pl",
    "rb",
    "java",
    "kt",
    "vue",
    "toml",
    "yaml",
    "yml",
    "json",
    "ini",
    "conf",
    "cfg",
    "service",
    "timer",
    "in",
    "am",
    "ac",
    "m4",
    "mk",
    "cmake",
    "diff",
    "patch",
    "sample",
    "dist",
    "list",
    "md5sums",
    "asc",
    "sig",
    "gpg",
    "pem",
    "crt",
    "key",
    "pub",
    "disabled",
    "processed",
    "done",
    "error",
    "failed",
    "ready", // what a program that works through files calls those that it has seen
    "accepted",
    "archived",
    "backup",
    "bck",
    "bkp",
    "claimed",
    "complete",
    "completed",
    "copy",
    "deleted",
    "expired",
    "finished",
    "hold",
    "imported",
    "indexed",
    "infected",
    "ingested",
    "invalid",
    "ok",
    "original",
    "parsed",
    "pending",
    "prev",
    "previous",
    "quarantine",
    "queued",
    "read",
    "rejected",
    "removed",
    "seen",
    "sent",
    "skipped",
    "success",
    "trash",
    "uploaded",
    "working",
];

/// What people would pay for.
pub(super) fn is_document(lower: &str) -> bool {
    const DOCUMENTS: &[&str] = &[
        "txt", "md", "rtf", "pdf", "doc", "docx", "odt", "xls", "xlsx", "ods", "csv", "ppt", "pptx", "odp", "jpg",
        "jpeg", "png", "gif", "bmp", "tif", "tiff", "svg", "webp", "heic", "raw", "psd", "mp3", "wav", "flac", "ogg",
        "m4a", "mp4", "mov", "avi", "mkv", "webm", "sql", "db", "sqlite", "sqlite3", "mdb", "dbf", "dump", "bson",
        "frm", "ibd", "myd", "vmdk", "vdi", "qcow2", "vhd", "vhdx", "ova", "xml", "html", "htm", "eml", "mbox", "pst",
        "ics", "vcf", "dwg", "dxf", "blend", "kdbx", "wallet",
    ];
    DOCUMENTS.contains(&lower)
}

/// By its name a file that people would miss: a document, or of a kind that no program in daily use makes.
pub fn holds_document(path: &str) -> bool {
    let kind = of(path).unwrap_or_default().to_ascii_lowercase();
    is_document(&kind) || !is_known(&kind)
}

/// Extensions that only ransomware gives.
pub(super) fn is_ransom(extension: &str) -> bool {
    const RANSOM: &[&str] = &[
        "locked",
        "encrypted",
        "enc",
        "crypt",
        "crypted",
        "crypto",
        "lockbit",
        "akira",
        "conti",
        "babyk",
        "hive",
        "royal",
        "cl0p",
        "clop",
        "ryuk",
        "monti",
        "blackcat",
        "alphv",
        "esxiargs",
        "emario",
        "rhysida",
        "medusa",
        "qilin",
        "wncry",
        "wcry",
        "pay",
        "payme",
        "ransom",
        "locky",
        "zepto",
    ];
    RANSOM.contains(&extension.to_ascii_lowercase().as_str())
}

/// The extension that a document got with its new name, where that is none that programs in daily use give.
pub(super) fn given<'a>(from: &str, to: &'a str) -> Option<&'a str> {
    let (old, new) = (of(from)?, of(to)?);
    (is_document(&old.to_ascii_lowercase()) && !old.eq_ignore_ascii_case(new) && !is_known(new)).then_some(new)
}

/// It looks drawn by lot, or is one that only ransomware gives: no word, no abbreviation and no date that a person or a
/// program in daily use would choose.
pub(super) fn is_coined(extension: &str) -> bool {
    let letters = extension.bytes().filter(u8::is_ascii_alphabetic).count();
    let digits = extension.bytes().filter(u8::is_ascii_digit).count();
    let plain = letters + digits == extension.len() && extension.len() <= 12;
    let mixed = letters >= 2 && digits > 0 && digits <= 2 * letters;
    let no_word = letters >= 4 && digits == 0 && !extension.bytes().any(|byte| b"aeiouyAEIOUY".contains(&byte));
    is_ransom(extension) || plain && (mixed || no_word)
}

/// A file that tells how to pay.
pub(super) fn is_note(path: &str) -> bool {
    const WORDS: [&str; 12] = [
        "decrypt",
        "ransom",
        "recover_",
        "recover-",
        "restore_",
        "restore-",
        "how_to_",
        "how-to-",
        "your_files",
        "unlock_files",
        "read_me_",
        "readme_for",
    ];
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let text = matches!(of(&name), None | Some("txt" | "html" | "htm" | "hta" | "md" | "rtf"));
    text && WORDS.iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(of("/a/b.tar.gz"), Some("gz"));
        assert_eq!(of("/a/.bashrc"), None);
        assert_eq!(of("/a.d/b"), None);
        assert!(is_known("GZ") && is_known("1") && is_known("dpkg-new") && !is_known("locked") && !is_known("x7f3a"));
        assert!(is_note("/d/HOW_TO_DECRYPT.txt") && is_note("/d/restore-my-files.html") && !is_note("/d/readme.md"));
        assert!(!is_note("/src/decrypt.rs"));
        assert_eq!(given("/d/a.pdf", "/d/a.pdf.q8w2"), Some("q8w2"));
        assert_eq!(given("/d/a.pdf", "/e/a.pdf"), None);
        assert_eq!(given("/d/a.pdf", "/d/a.pdf.bak"), None);
        assert_eq!(given("/d/a.rs", "/d/a.q8w2"), None);
        assert!(is_coined("q8w2") && is_coined("xkqz") && is_coined("locked") && !is_coined("invoices"));
        assert!(!is_coined("csv-20260101") && !is_coined("2026") && !is_coined("d1700000000") && !is_coined("xx"));
    }
}
