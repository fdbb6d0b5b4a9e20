//! Which language and C library a program was made with, told by what their tools leave behind.

use super::parse::Elf;
use memchr::memmem;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Runtime {
    pub cpp: bool,
    pub rust: bool,
    pub go: bool,
    pub fortran: bool,
    pub glibc: bool,
    pub musl: bool,
    pub uclibc: bool,
    pub dietlibc: bool,
    pub klibc: bool,
    /// No interpreter and no needed library.
    pub is_static: bool,
    pub stripped: bool,
    pub debug_info: bool,
    pub build_id: bool,
    /// Major version of the newest GCC named in `.comment`; 0 where none is.
    pub gcc: u32,
    pub clang: bool,
    pub module: bool,
}

/// Bytes that are searched for the marks of a static C library; they stand in its own strings.
const SEARCHED: usize = 8 << 20;

pub fn read(elf: &Elf) -> Runtime {
    let has = |name: &[u8]| elf.section(name).is_some();
    let needs = |part: &[u8]| elf.needed.iter().any(|library| memmem::find(library, part).is_some());
    let interpreter =
        elf.segments.iter().find(|segment| segment.kind == object::elf::PT_INTERP).map(|segment| segment.data);
    let interpreted = |part: &[u8]| interpreter.is_some_and(|path| memmem::find(path, part).is_some());
    let is_static = interpreter.is_none() && elf.needed.is_empty() && matches!(elf.kind, 2 | 3);
    let head = &elf.bytes[..elf.bytes.len().min(SEARCHED)];
    let mentions = |part: &[u8]| memmem::find(head, part).is_some();
    let comment = elf.section(b".comment").map_or(&[][..], |section| &section.data[..section.data.len().min(65_536)]);
    let symbol = |prefix: &[u8]| {
        elf.dynamic_symbols.iter().take(5_000).any(|symbol| symbol.name.starts_with(prefix))
            || elf.static_names.iter().take(5_000).any(|name| name.starts_with(prefix))
    };
    let go = has(b".gopclntab") || has(b".go.buildinfo") || has(b".note.go.buildid") || mentions(b"Go buildinf:");
    let rust = mentions(b"RUST_BACKTRACE") || mentions(b"/rustc/") || has(b".rustc");
    Runtime {
        cpp: needs(b"libstdc++") || needs(b"libc++") || symbol(b"_ZNSt") || symbol(b"_ZSt"),
        fortran: needs(b"libgfortran"),
        glibc: needs(b"libc.so.6")
            || (is_static && (mentions(b"GNU C Library") || mentions(b"../sysdeps/") || has(b"__libc_freeres_fn"))),
        musl: needs(b"libc.musl") || interpreted(b"ld-musl") || (is_static && mentions(b"/etc/ld-musl")),
        uclibc: needs(b"libuClibc")
            || interpreted(b"ld-uClibc")
            || (is_static && (mentions(b"uClibc") || symbol(b"__uClibc"))),
        dietlibc: is_static && (mentions(b"diet libc") || symbol(b"__unified_syscall")),
        klibc: interpreted(b"klibc"),
        rust,
        go,
        is_static,
        stripped: elf.static_counts.all == 0,
        debug_info: has(b".debug_info") || has(b".zdebug_info"),
        build_id: has(b".note.gnu.build-id"),
        gcc: newest_gcc(comment),
        clang: memmem::find(comment, b"clang").is_some(),
        module: has(b".modinfo") && has(b".gnu.linkonce.this_module"),
    }
}

/// `GCC: (Debian 12.2.0-14) 12.2.0` as 12.
fn newest_gcc(comment: &[u8]) -> u32 {
    let lines = comment.split(|byte| *byte == 0).filter(|line| line.starts_with(b"GCC: "));
    let major = |line: &[u8]| {
        let version = line
            .rsplit(|byte| *byte == b' ')
            .find(|word| word.first().is_some_and(u8::is_ascii_digit) && word.contains(&b'.'))?;
        std::str::from_utf8(version.split(|byte| *byte == b'.').next()?).ok()?.parse().ok()
    };
    lines.filter_map(major).max().unwrap_or(0).min(99)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compiler_is_read_from_its_comment() {
        assert_eq!(newest_gcc(b"GCC: (Debian 12.2.0-14) 12.2.0\0GCC: (GNU) 4.1.2 20080704 (Red Hat)\0"), 12);
        assert_eq!(newest_gcc(b"GCC: (GNU) 3.3.2 20031022 (Red Hat Linux 3.3.2-1)\0"), 3);
        assert_eq!(newest_gcc(b"clang version 14"), 0);
    }
}
