//! Types of containers in ClamAV's words, which its signatures ask for.

use signatures::FileType;
use unpack::Kind;

pub fn of(kind: Kind) -> FileType {
    match kind {
        Kind::Elf => FileType::Elf,
        Kind::Pe => FileType::Msexe,
        Kind::MachO => FileType::Macho,
        Kind::JavaClass => FileType::Java,
        Kind::Swf => FileType::Swf,
        Kind::PythonBytecode => FileType::PythonCompiled,
        Kind::Zip | Kind::Jar | Kind::Apk | Kind::OpenDocument | Kind::Ooxml => FileType::Zip,
        Kind::Tar => FileType::PosixTar,
        Kind::Cpio => FileType::CpioNewc,
        Kind::Ar | Kind::Deb => FileType::Ar,
        Kind::Rpm => FileType::Rpm,
        Kind::SevenZip => FileType::SevenZ,
        Kind::Rar => FileType::Rar,
        Kind::Cab => FileType::Mscab,
        Kind::Iso => FileType::Iso9660,
        Kind::Squashfs => FileType::Squashfs,
        Kind::AppImage => FileType::AppImage,
        Kind::Arj => FileType::Arj,
        Kind::Lha => FileType::LhaLzh,
        Kind::Szdd => FileType::Msszdd,
        Kind::BinHex => FileType::Binhex,
        Kind::Tnef => FileType::Tnef,
        Kind::Sis => FileType::Sis,
        Kind::Chm => FileType::Mschm,
        Kind::Gzip | Kind::Zlib => FileType::Gz,
        Kind::Bzip2 => FileType::Bz,
        Kind::Xz | Kind::Lzma => FileType::Xz,
        Kind::Zstd => FileType::Zstd,
        Kind::Lz4 => FileType::Lz4,
        Kind::Ole => FileType::Msole2,
        Kind::Pdf => FileType::Pdf,
        Kind::Rtf => FileType::Rtf,
        Kind::Mail | Kind::Mbox => FileType::Mail,
        Kind::Html => FileType::Html,
        Kind::Uuencoded => FileType::Uuencoded,
        _ => FileType::Any,
    }
}
