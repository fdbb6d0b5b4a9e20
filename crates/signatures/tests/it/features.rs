//! One line a case: a signature, bytes that it must find, bytes that it must not.

use crate::world::world;
use signatures::{FileType, Member, Object, Reason, ScanOptions, Target};

fn ndb(body: &str, bytes: &[u8], found: bool) {
    at("0", "*", body, bytes, found);
}

fn at(target: &str, offset: &str, body: &str, bytes: &[u8], found: bool) {
    let world = world(&[("t.ndb", &format!("Test.Body:{target}:{offset}:{body}\n"))]);
    assert_eq!(world.report.rejected, [], "{body}");
    assert_eq!(
        !world.names(bytes).is_empty(),
        found,
        "{target}:{offset}:{body} on {:?}",
        bytes.escape_ascii().to_string()
    );
}

fn ldb(rest: &str, bytes: &[u8], found: bool) {
    let world = world(&[("t.ldb", &format!("Test.Logical;Target:0;{rest}\n"))]);
    assert_eq!(world.report.rejected, [], "{rest}");
    assert_eq!(!world.names(bytes).is_empty(), found, "{rest} on {:?}", bytes.escape_ascii().to_string());
}

#[test]
fn bodies() {
    ndb("6162636465666768", b"..abcdefgh..", true);
    ndb("6162636465666768", b"..abcdefgX..", false);
    for lead in 0..9 {
        ndb("6162636465666768", &[&vec![b'.'; lead][..], b"abcdefgh"].concat(), true);
    }
    ndb("6162", b"..ab", true);
    ndb("616263", b"abc", true);
    ndb("61??63646566", b"aXcdef", true);
    ndb("61??63646566", b"acdef", false);
    ndb("6?6364656667", b"ocdefg", true);
    ndb("6?6364656667", b"pcdefg", false);
    ndb("?1636465", b"qcde", true);
    ndb("?1636465", b"rcde", false);
    ndb("61626364*65666768", b"abcd.....efgh", true);
    ndb("61626364*65666768", b"efgh.....abcd", false);
    ndb("61626364*65666768", b"abcdefgh", true);
    ndb("61626364{3}65666768", b"abcd...efgh", true);
    ndb("61626364{3}65666768", b"abcd..efgh", false);
    ndb("61626364{2-4}65666768", b"abcd..efgh", true);
    ndb("61626364{2-4}65666768", b"abcd....efgh", true);
    ndb("61626364{2-4}65666768", b"abcd.efgh", false);
    ndb("61626364{2-4}65666768", b"abcd.....efgh", false);
    ndb("61626364{-2}65666768", b"abcdefgh", true);
    ndb("61626364{-2}65666768", b"abcd...efgh", false);
    ndb("61626364{2-}65666768", b"abcd.efgh", false);
    ndb("61626364{2-}65666768", b"abcd.........efgh", true);
    ndb("61[2-3]6263646566", b"a..bcdef", true);
    ndb("61[2-3]6263646566", b"a.bcdef", false);
    ndb("6162(63|64)6566", b"abdef", true);
    ndb("6162(63|64)6566", b"abxef", false);
    ndb("6162!(63|64)6566", b"abxef", true);
    ndb("6162!(63|64)6566", b"abcef", false);
    ndb("6162(6364|6566)6768", b"abefgh", true);
    ndb("6162!(6364|6566)6768", b"abcdgh", false);
    ndb("6162!(6364|6566)6768", b"abxxgh", true);
    ndb("6162636465(66|67686970|??)7172", b"abcdeghipqr", true);
    ndb("6162636465(66|67686970)7172", b"abcdexqr", false);
    ndb("(66676869|6a6b6c6d)7?", b"..jklmp", true);
    ndb("(L)61626364(L)", b"x\nabcd\r\ny", true);
    ndb("(L)61626364(L)", b"abcd", true);
    ndb("(L)61626364(L)", b"xabcd\n", false);
    ndb("(B)61626364(B)", b" abcd ", true);
    ndb("(B)61626364(B)", b"<abcd>", true);
    ndb("(B)61626364(B)", b">abcd<", false);
    ndb("(B)61626364(B)", b"abcd", true);
    ndb("(B)61626364(B)", b" abcde", false);
    ndb("61626364(W)65", b"abcd-e", true);
    ndb("61626364(W)65", b"abcdxe", false);
}

#[test]
fn offsets() {
    at("0", "3", "61626364", b"...abcd", true);
    at("0", "3", "61626364", b"..abcd", false);
    at("0", "1,3", "61626364", b"....abcd", true);
    at("0", "1,3", "61626364", b".....abcd", false);
    at("0", "EOF-4", "61626364", b"....abcd", true);
    at("0", "EOF-4", "61626364", b"....abcd.", false);
    at("0", "EOF-6,2", "61626364", b"....abcd", true);
    at("0", "0", "61??62", b"a.b", true);
    at("0", "0", "61??62", b".a.b", false);
}

#[test]
fn offsets_in_executables() {
    let elf = std::fs::read("/bin/true").unwrap();
    let file = object::File::parse(&*elf).unwrap();
    use object::{Object as _, ObjectSection as _, ObjectSegment as _};
    let entry = file.segments().find_map(|s| {
        let within = file.entry().checked_sub(s.address()).filter(|within| *within < s.size())?;
        Some((s.file_range().0 + within) as usize)
    });
    let entry = entry.unwrap();
    let text = file.section_by_name(".text").unwrap();
    let (begin, length) = text.file_range().unwrap();
    let index = text.index().0;
    let hex = |at: usize, n: usize| hex::encode(&elf[at..at + n]);
    at("6", "EP+0", &hex(entry, 12), &elf, true);
    at("6", "EP+1", &hex(entry, 12), &elf, false);
    at("6", "EP+4", &hex(entry + 4, 12), &elf, true);
    at("6", "EP-2,4", &hex(entry, 12), &elf, true);
    at("6", &format!("S{index}+0"), &hex(begin as usize, 12), &elf, true);
    at("6", &format!("SE{index}"), &hex((begin + length - 16) as usize, 12), &elf, true);
    at("1", "*", &hex(entry, 12), &elf, false);
    at("0", "*", &hex(entry, 12), &elf, true);
}

#[test]
fn logic() {
    let ab = "61616161;62626262";
    ldb(&format!("0&1;{ab}"), b"aaaa.bbbb", true);
    ldb(&format!("0&1;{ab}"), b"aaaa", false);
    ldb(&format!("0|1;{ab}"), b"bbbb", true);
    ldb(&format!("0&1=0;{ab}"), b"aaaa", true);
    ldb(&format!("0&1=0;{ab}"), b"aaaa bbbb", false);
    ldb("0=2;61626364", b"abcd abcd", true);
    ldb("0=2;61626364", b"abcd", false);
    ldb("0=2;61626364", b"abcd abcd abcd", false);
    ldb("0>1;61626364", b"abcd abcd", true);
    ldb("0>1;61626364", b"abcd", false);
    ldb("0<3;61626364", b"abcd abcd", true);
    ldb("(0|1)>2;61626364;65666768", b"abcd abcd efgh", true);
    ldb("(0|1)>2;61626364;65666768", b"abcd efgh", false);
    ldb("(0|1)>1,2;61626364;65666768", b"abcd abcd", false);
    ldb("(0|1)>1,2;61626364;65666768", b"abcd efgh", true);
    ldb("((0|1)=2)&2;61626364;65666768;696a6b6c", b"abcd efgh ijkl", true);
    ldb("(0|1)=0&2;61626364;65666768;696a6b6c", b"ijkl", true);
    ldb("(0|1)=0&2;61626364;65666768;696a6b6c", b"ijkl abcd", false);
    // Holds where nothing at all is found.
    ldb("0=0;61626364", b"xyz", true);
    ldb("0=0;61626364", b"abcd", false);
    ldb("0&1;0:61626364;EOF-4:65666768", b"abcd....efgh", true);
    ldb("0&1;0:61626364;EOF-4:65666768", b"abcd....efgh.", false);
}

#[test]
fn modifiers() {
    ldb("0;41626364::i", b"..aBCd", true);
    ldb("0;41626364", b"..aBCd", false);
    ldb("0;68656c6c6f::w", b"h\0e\0l\0l\0o\0", true);
    ldb("0;68656c6c6f::w", b"hello", false);
    ldb("0;68656c6c6f::wa", b"hello", true);
    ldb("0;68656c6c6f::wa", b"h\0e\0l\0l\0o\0", true);
    ldb("0;68656c6c6f::f", b"say hello.", true);
    ldb("0;68656c6c6f::f", b"say hellos", false);
    ldb("0;68656c6c6f::fi", b"say HELLO.", true);
    ldb("0;68656c6c6f::iwfa", b"H\0E\0L\0L\0O\0", true);
}

#[test]
fn special_subsignatures() {
    ldb("0&1;6162636465;0(>>5#hb4#>0x10)", b"abcde0020", true);
    ldb("0&1;6162636465;0(>>5#hb4#>0x10)", b"abcde0010", false);
    ldb("0&1;6162636465;0(>>5#db4#=42)", b"abcde0042", true);
    ldb("0&1;6162636465;0(>>5#il2#=258)", b"abcde\x02\x01", true);
    ldb("0&1;6162636465;0(>>5#ib2#=258)", b"abcde\x01\x02", true);
    ldb("0&1;6162636465;0(>>5#ib2#>1,<5)", b"abcde\0\x07", false);
    ldb("0&1;6162636465;0(<<2#ib1#=120)", b"x.abcde", true);
    ldb("0&1;62656769;0/beg[a-z]+end/", b"begimiddleend", true);
    ldb("0&1;62656769;0/beg[0-9]+end/", b"begimiddleend", false);
    ldb("0&1;62656769;0/BEGI.MID/si", b"begi\nmid", true);
    ldb("1;62656769;2:0/gi/", b"begi", true);
    ldb("1;62656769;1:0/gi/", b"begi", false);
    ldb("1;62656769;1:0/gi/r", b"begi", true);
    ldb("1>1;62656769;0/ab/g", b"begi ab ab", true);
    ldb("1>1;62656769;0/ab/", b"begi ab ab", false);
}

#[test]
fn macros_join_groups_of_extended_signatures() {
    let world = world(&[
        ("a.ldb", "Test.Macro;Engine:51-255,Target:0;0&1;616161;${6-7}12$\n"),
        ("b.ndb", "D1:0:$12:626262\nD2:0:$12:636363\nD3:0:$30:626264\n"),
    ]);
    assert_eq!(world.report.rejected, []);
    let check = |bytes: &[u8], found: bool| assert_eq!(!world.names(bytes).is_empty(), found, "{bytes:?}");
    check(b"aaa...bbb", true);
    check(b"aaa....ccc", true);
    check(b"aaa.....ccc", false);
    check(b"aaa..ccc", false);
    check(b"aaa...bbd", false);
    check(b"bbb", false);
}

#[test]
fn many_subsignatures_are_looked_for_in_one_pass() {
    let subs: Vec<String> = (0..40).map(|n| hex::encode(format!("needle-{n:02}!"))).collect();
    let all: Vec<String> = (0..40).map(|n| n.to_string()).collect();
    let world = world(&[("t.ldb", &format!("Test.Many;Target:0;{};{}\n", all.join("&"), subs.join(";")))]);
    let text: Vec<String> = (0..40).rev().map(|n| format!("..needle-{n:02}!")).collect();
    assert_eq!(world.names(text.join("").as_bytes()), ["Test.Many"]);
    assert_eq!(world.names(text[1..].join("").as_bytes()), Vec::<String>::new());
}

#[test]
fn conditions_of_logical_signatures() {
    let check = |block: &str, containers: &[FileType], found: bool| {
        let world = world(&[("t.ldb", &format!("T;{block};0;61626364\n"))]);
        let bytes = b"...abcd...";
        let object = Object { containers, ..Object::file(bytes) };
        let outcome = world.database.scan(&object, &ScanOptions::default()).unwrap();
        assert_eq!(!outcome.hits.is_empty(), found, "{block} {containers:?}");
    };
    check("Target:0,FileSize:5-10", &[], true);
    check("Target:0,FileSize:11-20", &[], false);
    check("Target:0,Container:CL_TYPE_ZIP", &[FileType::Zip], true);
    check("Target:0,Container:CL_TYPE_ZIP", &[FileType::Zip, FileType::Gz], false);
    check("Target:0,Container:CL_TYPE_ANY", &[], true);
    check("Target:0,Container:CL_TYPE_ANY", &[FileType::Zip], false);
    check(
        "Target:0,Intermediates:CL_TYPE_ZIP>CL_TYPE_ANY>CL_TYPE_GZ",
        &[FileType::Zip, FileType::Rar, FileType::Gz],
        true,
    );
    check("Target:0,Intermediates:CL_TYPE_ZIP>CL_TYPE_GZ", &[FileType::Rar, FileType::Gz], false);
    check("Target:0,EntryPoint:0-10", &[], false);
    let elf = std::fs::read("/bin/true").unwrap();
    let world = world(&[(
        "t.ldb",
        "T;Target:6,NumberOfSections:5-200;0;0:7f454c46\nU;Target:6,NumberOfSections:1-2;0;0:7f454c46\n",
    )]);
    assert_eq!(world.names(&elf), ["T"]);
}

#[test]
fn a_handler_type_is_told_and_its_signatures_are_asked() {
    let world = world(&[(
        "t.ldb",
        "Filetype.PDF;Engine:54-255,Target:0,HandlerType:CL_TYPE_PDF;0&1;61626364;65666768\nT.Pdf;Target:10;0;77787879\n",
    )]);
    let outcome = world.scan(b"abcd efgh wxxy");
    assert_eq!(outcome.handle_as, [FileType::Pdf]);
    assert_eq!(outcome.hits.iter().map(|h| h.name.as_str()).collect::<Vec<_>>(), ["T.Pdf"]);
    assert_eq!(world.scan(b"wxxy").hits, []);
}

#[test]
fn text_is_matched_as_it_is_and_normalised() {
    let body = hex::encode("evil script");
    let world = world(&[("t.ndb", &format!("T.Text:7:*:{body}\nT.Raw:0:*:{}\n", hex::encode("EVIL  Script")))]);
    assert_eq!(world.names(b"#!/bin/sh\necho EVIL  Script\n"), ["T.Raw", "T.Text"]);
    let world = crate::world::world(&[("t.ndb", &format!("T.Html:3:*:{}\n", hex::encode("<body>eviltext")))]);
    assert_eq!(world.names(b"<HTML><BODY>Evil<!-- x -->\n   Text</BODY>"), ["T.Html"]);
    assert_eq!(Target::of(b"<HTML><BODY>"), Target::Html);
}

#[test]
fn digests_sizes_and_allow_lists() {
    let bytes = b"a known bad file";
    let (md5, sha1, sha256) = (
        "7cd6ee0bb2bb2f1e9e7a9d2e3b4c5d6f",
        hex::encode(signatures::Digests::of(bytes, signatures::Wanted::ALL).sha1.unwrap()),
        hex::encode(signatures::Digests::of(bytes, signatures::Wanted::ALL).sha256.unwrap()),
    );
    let real_md5 = hex::encode(signatures::Digests::of(bytes, signatures::Wanted::ALL).md5.unwrap());
    let world = |files: &[(&str, &str)]| world(files).names(bytes);
    let none = Vec::<String>::new();
    assert_eq!(world(&[("t.hdb", &format!("{real_md5}:16:Md5\n"))]), ["Md5"]);
    assert_eq!(world(&[("t.hdb", &format!("{real_md5}:17:Md5\n"))]), none);
    assert_eq!(world(&[("t.hdb", &format!("{md5}:16:Md5\n"))]), none);
    assert_eq!(world(&[("t.hsb", &format!("{sha1}:16:Sha1\n{sha256}:*:Sha256:73\n"))]), ["Sha1", "Sha256"]);
    assert_eq!(world(&[("t.txt", &format!("{sha256} critical Listed\n"))]), ["Listed"]);
    assert_eq!(world(&[("t.hdb", &format!("{real_md5}:16:Md5\n")), ("t.sfp", &format!("{sha256}:16:Good\n"))]), none);
    assert_eq!(world(&[("t.hdb", &format!("{real_md5}:16:Md5\n")), ("t.ign2", "Md5\n")]), none);
    let line = format!("{real_md5}:16:Md5");
    use md5::{Digest as _, Md5};
    let of_line = hex::encode(Md5::digest(line.as_bytes()));
    assert_eq!(world(&[("t.hdb", &format!("{line}\n")), ("t.ign2", &format!("Md5:{of_line}\n"))]), none);
    assert_eq!(world(&[("t.hdb", &format!("{line}\n")), ("t.ign2", &format!("Md5:{}\n", "0".repeat(32)))]), ["Md5"]);
}

#[test]
fn potentially_unwanted_is_told_only_when_asked_for() {
    let world =
        world(&[("t.ndu", "PUA.Thing:0:*:61626364\n"), ("t.hdu", ""), ("t.ldu", "PUA.L;Target:0;0;61626364\n")]);
    assert_eq!(world.report.pua, 2);
    assert_eq!(world.scan(b"abcd").hits, []);
    let options = ScanOptions { pua: true, ..ScanOptions::default() };
    let hits = world.database.scan(&Object::file(b"abcd"), &options).unwrap().hits;
    assert_eq!(hits.len(), 2);
    assert!(hits.iter().all(|hit| hit.pua && hit.severity == event::Severity::Low));
}

#[test]
fn members_of_containers() {
    let world = world(&[(
        "t.cdb",
        "Enc:CL_TYPE_ZIP:*:.*\\.exe:*:10-20:1:1:*:*\nAny:*:*:a:b:*:*:*:*:*:*\nC:CL_TYPE_ZIP:*:*:*:*:*:*:deadbeef:*:70\n",
    )]);
    assert_eq!(world.report.rejected, []);
    let member = Member {
        container: FileType::Zip,
        container_size: Some(100),
        name: b"x.exe",
        size_in_container: 9,
        size: 15,
        encrypted: true,
        position: 1,
        crc32: Some(0xdead_beef),
    };
    let names = |member: &Member<'_>| world.database.member(member).into_iter().map(|hit| hit.name).collect::<Vec<_>>();
    assert_eq!(names(&member), ["Enc", "C"]);
    assert_eq!(names(&Member { encrypted: false, crc32: None, ..member.clone() }), Vec::<String>::new());
    assert_eq!(names(&Member { name: b"a:b", crc32: None, ..member.clone() }), ["Any"]);
    assert_eq!(names(&Member { container: FileType::Rar, ..member.clone() }), Vec::<String>::new());
    let world = crate::world::world(&[(
        "t.cdb",
        "S:CL_TYPE_ZIP:50-0:*:*:*:*:*:*:*\nT:CL_TYPE_ZIP:0-99:*:*:*:*:*:*:*\nU:CL_TYPE_ZIP:*:*:9-0:0-14:*:1-0:*:*\n",
    )]);
    assert_eq!(world.report.rejected, [], "a zero is no bound");
    let names = |member: &Member<'_>| world.database.member(member).into_iter().map(|hit| hit.name).collect::<Vec<_>>();
    assert_eq!(names(&member), ["S"]);
    assert_eq!(
        names(&Member { container_size: None, size: 14, ..member }),
        ["U"],
        "whose size is not known fits no range"
    );
}

#[test]
fn what_is_not_used_is_told_with_its_reason() {
    let check = |file: &str, line: &str, kind: Reason| {
        let world = world(&[(file, &format!("{line}\n"))]);
        assert_eq!(world.report.rejected.len(), 1, "{file} {line}");
        assert_eq!(world.report.rejected[0].kind, kind, "{:?}", world.report.rejected[0]);
        assert_eq!(world.report.usable, 0);
    };
    check("a.cbc", "ClamBC...", Reason::Unsupported);
    check("a.idb", "Icon:G1:G2:00", Reason::Unsupported);
    check("a.ldb", "N;Target:1,IconGroup1:X;0;61626364", Reason::Unsupported);
    check("a.ldb", "N;Engine:150-255,Target:0;0;fuzzy_img#af2ad01ed42993c7#0", Reason::Unsupported);
    check("a.ldb", "N;Target:0;0&1;61626364;0/(?=look)ahead/", Reason::Unsupported);
    check("a.ldb", "N;Engine:900-1000,Target:0;0;61626364", Reason::OtherEngineLevel);
    check("a.ldb", "N;Target:0;1;61626364", Reason::Malformed);
    check("a.ldb", "N;Target:0;(0;61626364", Reason::Malformed);
    check("a.ldb", "N;Target:0;0&1;61626364;1/abc/", Reason::Malformed);
    check("a.ldb", "N;Target:0;0>20000;61626364", Reason::Unsupported);
    check("a.ldb", "N;Target:0;0&1;61626364;1(>>4#hb4#=1)", Reason::Unsupported);
    check("a.ldb", "N;Target:0;0&1&2;61626364;0/abc/;${1-2}3$", Reason::Unsupported);
    check("a.ldb", "N;Target:0,IconGroup2:X;0;61626364", Reason::Unsupported);
    check("a.ldb", "N;Target:0,Future:X;0;61626364", Reason::Unsupported);
    check("a.ldb", "N;Target:0,Container:CL_TYPE_FUTURE;0;61626364", Reason::Unsupported);
    check("a.ldb", "N;Target:0;0;61626364::z", Reason::Malformed);
    check("a.imp", "d41d8cd98f00b204e9800998ecf8427e:1:N", Reason::Unsupported);
    check("a.pwdb", "N;Target:0;0;secret", Reason::Unsupported);
    check("a.crb", "N;1;00;00;00;;1;1;1;1;x", Reason::Unsupported);
    check("a.ftm", "0:0:61626364:N:CL_TYPE_ANY:CL_TYPE_ZIP", Reason::Unsupported);
    check("a.wdb", "X:a.example:b.example", Reason::Unsupported);
    check("a.cfg", "DOCUMENT:0x1:1:255", Reason::Unsupported);
    check("a.cdb", "N:CL_TYPE_ZIP:*:[:*:*:*:*:*:*", Reason::Unsupported);
    check("a.cdb", "N:CL_TYPE_FUTURE:*:*:*:*:*:*:*:*", Reason::Unsupported);
    check("a.cdb", "N:CL_TYPE_ZIP:*:*:*:*:*", Reason::Malformed);
    check("a.ioc", "<ioc/>", Reason::File);
    check("a.ndb", "N:0:*:6", Reason::Malformed);
    check("a.ndb", "N:0:*:61??62??63", Reason::Malformed);
    check("a.ndb", "N:99:*:61626364", Reason::Malformed);
    check("a.ndb", "N:0:EP+0:61626364", Reason::Malformed);
    check("a.ndb", "N:0:*:61626364:900", Reason::OtherEngineLevel);
    check("a.hdb", "xyz:1:N", Reason::Malformed);
    check("a.hsb", &format!("{}:*:N", "00".repeat(32)), Reason::Malformed);
    check("a.cvd", "not a container", Reason::File);
    check("a.unknown", "x", Reason::File);
}
