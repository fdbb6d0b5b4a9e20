//! First bytes that tell a kind.

use super::Kind;

pub(super) const MAGICS: &[(&[u8], Kind)] = &[
    (b"\x7fELF", Kind::Elf),
    (b"\0asm", Kind::Wasm),
    (b"dex\n", Kind::Dex),
    (b"PK\x03\x04", Kind::Zip),
    (b"PK\x05\x06", Kind::Zip),
    (b"PK00PK\x03\x04", Kind::Zip),
    (b"PK\x07\x08PK\x03\x04", Kind::Zip),
    (b"\x1f\x8b", Kind::Gzip),
    (b"\x1f\x9d", Kind::Compress),
    (b"BZh", Kind::Bzip2),
    (b"\xfd7zXZ\0", Kind::Xz),
    (b"LZIP\x01", Kind::Lzip),
    (b"\x28\xb5\x2f\xfd", Kind::Zstd),
    (b"\x04\x22\x4d\x18", Kind::Lz4),
    (b"\x02\x21\x4c\x18", Kind::Lz4),
    (b"7z\xbc\xaf\x27\x1c", Kind::SevenZip),
    (b"Rar!\x1a\x07", Kind::Rar),
    (b"MSCF\0\0\0\0", Kind::Cab),
    (b"=ybegin ", Kind::Yencoded),
    (b"070701", Kind::Cpio),
    (b"070702", Kind::Cpio),
    (b"070707", Kind::Cpio),
    (b"\xc7\x71", Kind::Cpio),
    (b"\x71\xc7", Kind::Cpio),
    (b"!<arch>\ndebian-binary", Kind::Deb),
    (b"!<arch>\n", Kind::Ar),
    (b"!<thin>\n", Kind::Ar),
    (b"\x60\xea", Kind::Arj),
    (b"ITSF\x03\0\0\0", Kind::Chm),
    (b"SZDD\x88\xf0\x27\x33", Kind::Szdd),
    (b"(This file must be converted with BinHex", Kind::BinHex),
    (b"\x78\x9f\x3e\x22", Kind::Tnef),
    (b"ISc(", Kind::InstallShield),
    (b"\xed\xab\xee\xdb", Kind::Rpm),
    (b"hsqs", Kind::Squashfs),
    (b"sqsh", Kind::Squashfs),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind::Ole),
    (b"{\\rt", Kind::Rtf),
    (b"\x89PNG\r\n\x1a\n", Kind::Png),
    (b"\xff\xd8\xff", Kind::Jpeg),
    (b"GIF87a", Kind::Gif),
    (b"GIF89a", Kind::Gif),
    (b"II*\0", Kind::Tiff),
    (b"MM\0*", Kind::Tiff),
    (b"FWS", Kind::Swf),
    (b"CWS", Kind::Swf),
    (b"ZWS", Kind::Swf),
    (b"SQLite format 3\0", Kind::Sqlite),
    (b"\xfe\xed\xfa\xce", Kind::MachO),
    (b"\xfe\xed\xfa\xcf", Kind::MachO),
    (b"\xce\xfa\xed\xfe", Kind::MachO),
    (b"\xcf\xfa\xed\xfe", Kind::MachO),
    (b"\0\0\x01\0", Kind::Ico),
];

/// Archives, and images of disks and file systems, of which no reader is here: what each is called.
pub fn other_archive(bytes: &[u8]) -> Option<&'static str> {
    const MAGICS: [(usize, &[u8], &str); 24] = [
        (0, b"\x89LZO\0\r\n\x1a\n", "lzop"),
        (0, b"LRZI", "lrzip"),
        (0, b"xar!\0\x1c\0", "xar"),
        (0, b"MSWIM\0\0\0", "WIM"),
        (0, b"7kSt\xa0\x31\x83\xd3", "zpaq"),
        (0, b"SIT!\0", "StuffIt"),
        (0, b"StuffIt (c)1997", "StuffIt"),
        (0, b"\xff\x06\0\0sNaPpY", "snappy"),
        (0, b"QFI\xfb\0\0\0", "QEMU disk image"),
        (0, b"KDMV", "VMware disk image"),
        (0, b"COWD", "VMware disk image"),
        (0, b"vhdxfile", "Hyper-V disk image"),
        (0, b"conectix", "Hyper-V disk image"),
        (0, b"<<< Oracle VM VirtualBox", "VirtualBox disk image"),
        (0, b"\x45\x3d\xcd\x28", "cramfs"),
        (0, b"\x28\xcd\x3d\x45", "cramfs"),
        (0, b"-rom1fs-", "romfs"),
        (7, b"**ACE**", "ACE"),
        (20, b"\xdc\xa7\xc4\xfd", "zoo"),
        (1024, b"\xe2\xe1\xf5\xe0", "EROFS"),
        (1080, b"\x53\xef", "ext file system"),
        (3, b"NTFS    ", "NTFS file system"),
        (0, b"XFSB\0\0", "XFS file system"),
        (512, b"EFI PART", "partitioned disk"),
    ];
    let stands = |at: usize, magic: &[u8]| bytes.get(at..at + magic.len()) == Some(magic);
    let found = MAGICS.iter().find(|(at, magic, _)| stands(*at, magic)).map(|(.., name)| *name);
    match found {
        // Two bytes in the middle say too little: the size of its blocks and its state must be sane as well.
        Some("ext file system") => {
            let sane = bytes.get(1048..1052).is_some_and(|b| b[0] <= 6 && b[1..] == [0; 3])
                && matches!(bytes.get(1082..1084), Some([0..=7, 0]))
                && bytes.get(1100..1104).is_some_and(|b| b[0] <= 1 && b[1..] == [0; 3]);
            sane.then_some("ext file system")
        }
        None if stands(510, b"\x55\xaa") && (stands(54, b"FAT1") || stands(82, b"FAT32   ")) => Some("FAT file system"),
        other => other,
    }
}
