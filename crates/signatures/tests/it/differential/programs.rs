//! Offsets from the parts of programs, digests of sections, and what descriptions ask of a program.

use super::compare;
use object::{Object as _, ObjectSection as _, ObjectSegment as _};

/// Bytes that differ everywhere.
fn filling(seed: u8) -> Vec<u8> {
    (0..0x200u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8 ^ seed).collect()
}

/// A Windows program of two sections, which begins 16 bytes into the first; `wide` for 64 bits.
fn portable(wide: bool) -> Vec<u8> {
    let mut out = vec![0u8; 0x200];
    let mut put = |at: usize, bytes: &[u8]| out[at..at + bytes.len()].copy_from_slice(bytes);
    let (machine, optional): (u16, u16) = if wide { (0x8664, 0xf0) } else { (0x14c, 0xe0) };
    put(0, b"MZ");
    put(0x3c, &0x80u32.to_le_bytes());
    put(0x80, b"PE\0\0");
    put(0x84, &machine.to_le_bytes());
    put(0x86, &2u16.to_le_bytes());
    put(0x94, &optional.to_le_bytes());
    put(0x96, &0x102u16.to_le_bytes());
    put(0x98, &(if wide { 0x20bu16 } else { 0x10b }).to_le_bytes());
    // Size of code, of data; entry, base of code.
    for (at, value) in [(4, 0x200u32), (8, 0x200), (16, 0x1010), (20, 0x1000)] {
        put(0x98 + at, &value.to_le_bytes());
    }
    if wide {
        put(0x98 + 24, &0x1_4000_0000u64.to_le_bytes());
    } else {
        put(0x98 + 24, &0x2000u32.to_le_bytes());
        put(0x98 + 28, &0x40_0000u32.to_le_bytes());
    }
    // Alignments, versions, sizes of image and headers, subsystem.
    for (at, value) in [(32, 0x1000u32), (36, 0x200), (40, 4), (48, 4), (56, 0x3000), (60, 0x200), (68, 3)] {
        put(0x98 + at, &value.to_le_bytes());
    }
    put(0x98 + if wide { 108 } else { 92 }, &16u32.to_le_bytes());
    let table = 0x98 + usize::from(optional);
    for (n, (name, flags)) in [(b".text\0\0\0", 0x6000_0020u32), (b".data\0\0\0", 0xc000_0040)].into_iter().enumerate()
    {
        let at = table + n * 40;
        let place = n as u32;
        put(at, name);
        for (field, value) in
            [(8, 0x200u32), (12, 0x1000 * (place + 1)), (16, 0x200), (20, 0x200 * (place + 1)), (36, flags)]
        {
            put(at + field, &value.to_le_bytes());
        }
    }
    [out, filling(0x11), filling(0x77)].concat()
}

#[test]
fn offsets_in_windows_programs() {
    let program = portable(false);
    let hex = |at: usize| hex::encode(&program[at..at + 12]);
    let ndb = [
        format!("p1:1:EP+0:{}", hex(0x210)),
        format!("p2:1:EP+4:{}", hex(0x214)),
        format!("p3:1:EP-8,16:{}", hex(0x20c)),
        format!("p4:1:EP+1:{}", hex(0x210)),
        format!("p5:1:S0+16:{}", hex(0x210)),
        format!("p6:1:S1+0:{}", hex(0x400)),
        format!("p7:1:S1+1:{}", hex(0x400)),
        format!("p8:1:SL+32:{}", hex(0x420)),
        format!("p9:1:SL+16,32:{}", hex(0x420)),
        format!("p10:1:SE0:{}", hex(0x3f0)),
        format!("p11:1:SE0:{}", hex(0x400)),
        format!("p12:1:SE1:{}", hex(0x400)),
        format!("p13:1:S2+0:{}", hex(0x400)),
        format!("p14:1:EOF-16:{}", hex(0x5f0)),
        format!("p15:1:*:{}", hex(0x300)),
        format!("p16:0:*:{}", hex(0x300)),
        format!("p17:6:*:{}", hex(0x300)),
        format!("p18:0:0:{}", hex(0)),
        format!("p19:1:528:{}", hex(0x210)),
    ];
    let ldb = [
        format!("q1;Engine:81-255,Target:1,EntryPoint:500-600;0;{}", hex(0x300)),
        format!("q2;Engine:81-255,Target:1,EntryPoint:0-100;0;{}", hex(0x300)),
        format!("q3;Engine:81-255,Target:1,NumberOfSections:2-2;0;{}", hex(0x300)),
        format!("q4;Engine:81-255,Target:1,NumberOfSections:3-9;0;{}", hex(0x300)),
        format!("q5;Engine:81-255,Target:1,FileSize:1536-1536;0;{}", hex(0x300)),
        format!("q6;Engine:81-255,Target:1,FileSize:1-1535;0;{}", hex(0x300)),
        format!("q7;Engine:81-255,Target:1;0&1;EP+0:{};SL+0:{}", hex(0x210), hex(0x400)),
        format!("q8;Engine:81-255,Target:1;0&1;EP+0:{};S0+0:{}", hex(0x210), hex(0x400)),
        format!("q9;Engine:81-255,Target:1,Container:CL_TYPE_ZIP;0;{}", hex(0x300)),
        format!("q10;Engine:81-255,Target:1,Container:CL_TYPE_ANY;0;{}", hex(0x300)),
    ];
    let cut = program[..0x480].to_vec();
    // Nothing that is searched for within other files, which is not these databases' business.
    let renamed = [b"ZZ", &program[2..]].concat();
    compare(
        &[("t.ndb", &ndb.join("\n")), ("t.ldb", &ldb.join("\n"))],
        &[("whole.exe", &program), ("wide.exe", &portable(true)), ("cut.exe", &cut), ("no.exe", &renamed)],
    );
}

#[test]
fn digests_of_sections() {
    use md5::Digest as _;
    let program = portable(false);
    let (text, data) = (&program[0x200..0x400], &program[0x400..0x600]);
    let md5 = |bytes: &[u8]| hex::encode(md5::Md5::digest(bytes));
    let mdb = [
        format!("512:{}:m1", md5(text)),
        format!("512:{}:m2", md5(data)),
        format!("511:{}:m3", md5(data)),
        format!("512:{}:m4", md5(b"")),
        format!("*:{}:m5:73", md5(text)),
    ];
    let msb = [
        format!("512:{}:m6", hex::encode(sha1::Sha1::digest(text))),
        format!("512:{}:m7", hex::encode(sha2::Sha256::digest(data))),
        format!("*:{}:m8:73", hex::encode(sha2::Sha256::digest(data))),
    ];
    compare(&[("t.mdb", &mdb.join("\n")), ("t.msb", &msb.join("\n"))], &[("whole.exe", &program)]);
}

#[test]
fn offsets_in_linux_programs() {
    let elf = std::fs::read("/bin/true").unwrap();
    let file = object::File::parse(&*elf).unwrap();
    let entry = file.segments().find_map(|segment| {
        let within = file.entry().checked_sub(segment.address()).filter(|within| *within < segment.size())?;
        Some((segment.file_range().0 + within) as usize)
    });
    let entry = entry.unwrap();
    let text = file.section_by_name(".text").unwrap();
    let (begin, length) = text.file_range().unwrap();
    let (begin, length, index) = (begin as usize, length as usize, text.index().0);
    let last = file.sections().last().unwrap();
    let last_begin = last.file_range().unwrap().0 as usize;
    let hex = |at: usize| hex::encode(&elf[at..at + 12]);
    let ndb = [
        format!("l1:6:EP+0:{}", hex(entry)),
        format!("l2:6:EP+1:{}", hex(entry)),
        format!("l3:6:EP-4,8:{}", hex(entry)),
        format!("l4:6:S{index}+0:{}", hex(begin)),
        format!("l5:6:S{}+0:{}", index - 1, hex(begin)),
        format!("l6:6:S{}+0:{}", index + 1, hex(begin)),
        format!("l7:6:SE{index}:{}", hex(begin + length - 16)),
        format!("l8:6:SL+0:{}", hex(last_begin)),
        format!("l9:6:SL+4:{}", hex(last_begin + 4)),
        format!("l10:6:EOF-12:{}", hex(elf.len() - 12)),
        format!("l11:1:*:{}", hex(entry)),
        format!("l12:0:*:{}", hex(entry)),
    ];
    let count = file.sections().count() + 1;
    let ldb = [
        format!("k1;Engine:81-255,Target:6,NumberOfSections:{count}-{count};0;0:7f454c46"),
        "k2;Engine:81-255,Target:6,NumberOfSections:1-3;0;0:7f454c46".to_owned(),
        format!("k3;Engine:81-255,Target:6,EntryPoint:{entry}-{entry};0;0:7f454c46"),
        "k4;Engine:81-255,Target:6,EntryPoint:1-2;0;0:7f454c46".to_owned(),
        "k5;Engine:81-255,Target:6;0>3;0:7f454c46".to_owned(),
    ];
    compare(&[("t.ndb", &ndb.join("\n")), ("t.ldb", &ldb.join("\n"))], &[("true", &elf)]);
}
