//! Documents and mail: what hides in them comes out.

use crate::samples::{ZipMember, noise, shell, tar, words, zip};
use crate::seen::see;
use std::io::Write as _;
use unpack::{Kind, Reason};

fn compound(streams: &[(&str, &[u8])]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(std::io::Cursor::new(Vec::new())).unwrap();
    for (path, bytes) in streams {
        let parents: Vec<&str> = path.split('/').collect();
        for n in 1..parents.len() {
            let _ = file.create_storage(format!("/{}", parents[..n].join("/")));
        }
        file.create_stream(format!("/{path}")).unwrap().write_all(bytes).unwrap();
    }
    file.flush().unwrap();
    file.into_inner().into_inner()
}

/// MS-OVBA, literals only.
fn ovba(text: &[u8]) -> Vec<u8> {
    let mut out = vec![1];
    for chunk in text.chunks(3_600) {
        let data: Vec<u8> = chunk.chunks(8).flat_map(|eight| [&[0], eight].concat()).collect();
        out.extend((0xb000u16 | (data.len() + 2 - 3) as u16).to_le_bytes());
        out.extend(data);
    }
    out
}

const MACRO: &str = "Attribute VB_Name = \"Module1\"\r\nSub AutoOpen()\r\n  Shell \"calc\"\r\nEnd Sub\r\n";

fn project() -> Vec<(String, Vec<u8>)> {
    let record = |id: u16, data: &[u8]| [&id.to_le_bytes()[..], &(data.len() as u32).to_le_bytes(), data].concat();
    let offset = 77u32;
    let dir = [
        record(0x01, &[1, 0, 0, 0]),
        [record(0x09, &[1, 0, 0, 0]), vec![0, 0]].concat(),
        record(0x1a, b"Module1"),
        record(0x32, &"Module1".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()),
        record(0x31, &offset.to_le_bytes()),
        record(0x2b, b""),
    ]
    .concat();
    let module = [noise(offset as usize), ovba(MACRO.as_bytes())].concat();
    vec![
        ("VBA/dir".into(), ovba(&dir)),
        ("VBA/Module1".into(), module),
        // One that no list names.
        ("VBA/Hidden".into(), [noise(10), ovba(b"Attribute VB_Name = \"Hidden\"\r\n' unseen\r\n")].concat()),
    ]
}

pub fn with_project(prefix: &str) -> Vec<u8> {
    let project: Vec<(String, Vec<u8>)> =
        project().into_iter().map(|(name, bytes)| (format!("{prefix}{name}"), bytes)).collect();
    let streams: Vec<(&str, &[u8])> = project.iter().map(|(name, bytes)| (name.as_str(), &bytes[..])).collect();
    compound(&streams)
}

#[test]
fn compound_files_give_their_streams() {
    let bytes = compound(&[("WordDocument", &words(100_000)), ("ObjectPool/_1/\u{1}Ole10Native", b"short one")]);
    let seen = see(&bytes);
    assert!(seen.outcome.complete(), "{:?}", seen.outcome);
    assert_eq!(seen.bytes("f!WordDocument"), words(100_000));
    assert_eq!(seen.bytes("f!ObjectPool/_1/\\u{1}Ole10Native"), b"short one");
    // The last sector is padded: what is missing of that is not missed.
    for cut in (512..bytes.len() - 4_096).step_by(3_001) {
        assert!(!see(&bytes[..cut]).outcome.complete(), "cut at {cut} of {}", bytes.len());
    }
}

#[test]
fn macros_are_decompressed_listed_or_not() {
    let seen = see(&with_project("Macros/"));
    assert_eq!(seen.bytes("f!Macros/VBA/Module1.vba"), MACRO.as_bytes());
    assert!(seen.members.iter().any(|one| one.kind == Some(Kind::Vba)));
    assert!(seen.bytes("f!Macros/VBA/Hidden.vba").ends_with(b"unseen\r\n"));
    assert_eq!(seen.outcome.odd.len(), 1, "{:?}", seen.outcome.odd);
}

#[test]
fn macros_in_a_document_of_today() {
    let bytes = zip(&[
        ZipMember::deflated("[Content_Types].xml", b"<?xml version=\"1.0\"?><Types/>"),
        ZipMember::deflated("word/vbaProject.bin", &with_project("")),
    ]);
    assert_eq!(unpack::kind(&bytes), Kind::Ooxml);
    assert_eq!(see(&bytes).bytes("f!word/vbaProject.bin!VBA/Module1.vba"), MACRO.as_bytes());
}

#[test]
fn objects_in_a_presentation() {
    let packed = zlib(&compound(&[("Inner", b"an object's own stream")]));
    let record =
        [&[0x10, 0, 0x11, 0x10][..], &(packed.len() as u32 + 4).to_le_bytes(), &9u32.to_le_bytes(), &packed].concat();
    let seen = see(&compound(&[("PowerPoint Document", &[noise(5_000), record, noise(40)].concat())]));
    assert!(
        seen.members.iter().any(|one| one.path.ends_with("!Inner") && one.bytes == b"an object's own stream"),
        "{:?}",
        seen.paths()
    );
    assert!(seen.outcome.complete(), "{:?}", seen.outcome);
}

#[test]
fn an_encrypted_document_is_said() {
    let seen = see(&compound(&[("EncryptionInfo", b"x"), ("EncryptedPackage", &noise(9_000))]));
    assert_eq!(seen.reasons(), [Reason::Encrypted]);
}

#[test]
fn a_compound_file_whose_chain_is_a_ring() {
    let mut bytes = compound(&[("A", &words(20_000))]);
    // The table is one sector; the ring is made of the stream's own chain.
    let table = (u32::from_le_bytes(bytes[76..80].try_into().unwrap()) as usize + 1) * 512;
    let table = if bytes[26] == 4 { (table / 512) * 4096 } else { table };
    for n in 0..60 {
        let at = table + 4 * n;
        let next = u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
        if next == n as u32 + 1 && n > 1 {
            bytes[at..at + 4].copy_from_slice(&(n as u32).to_le_bytes());
        }
    }
    let seen = see(&bytes);
    assert_eq!(seen.reasons(), [Reason::Cyclic], "{:?}", seen.outcome);
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn pdf(objects: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    for (n, (dictionary, data)) in objects.iter().enumerate() {
        out.extend(format!("{} 0 obj\n<< {dictionary} >>", n + 1).bytes());
        if !data.is_empty() {
            out.extend(b"\nstream\r\n");
            out.extend(*data);
            out.extend(b"\nendstream");
        }
        out.extend(b"\nendobj\n");
    }
    out.extend(b"trailer << /Root 1 0 R >>\nstartxref\n0\n%%EOF\n");
    out
}

pub fn sample_pdf() -> Vec<u8> {
    pdf(&[("/Filter /FlateDecode", &zlib(&words(900))), ("/JS (app.alert\\(1\\))", b"")])
}

#[test]
fn pdf_streams_through_each_filter() {
    let text = words(4_000);
    let hex: Vec<u8> = zlib(&text).iter().flat_map(|b| format!("{b:02X}").into_bytes()).chain(*b">").collect();
    let lzw = weezl::encode::Encoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8).encode(&text).unwrap();
    let length = zlib(&text).len();
    let bytes = pdf(&[
        (&format!("/Filter /FlateDecode /Length {length}"), &zlib(&text)),
        ("/Filter [ /AHx /Fl ] /Length 9 0 R", &hex),
        ("/Fi#6cter /LZW#44ecode", &lzw),
        ("/Filter /ASCII85Decode", b"87cURD]i,\"Ebo80~>"),
        ("/Type /EmbeddedFile /Filter/FlateDecode", &zlib(&tar(&[("inner", b"embedded")]))),
    ]);
    let seen = see(&bytes);
    assert!(seen.outcome.complete(), "{:?}", seen.outcome);
    for n in 1..=3 {
        assert_eq!(seen.bytes(&format!("f!object {n}")), text, "{n}");
    }
    assert_eq!(seen.bytes("f!object 4"), b"Hello World!");
    assert_eq!(seen.bytes("f!object 5!inner"), b"embedded");
}

#[test]
fn pdf_dictionaries_however_they_say_it() {
    let packed = zlib(&words(900));
    for dictionary in
        ["/Filter %x/None\n/FlateDecode", "/Filter 2 0 R", "/Filter [ /FlateDecode ] %x\r", "/F#69lter /Fl"]
    {
        let seen = see(&pdf(&[(dictionary, &packed), ("", b"")]).replace_object(2, "/FlateDecode"));
        assert!(seen.holds(&words(900)) && seen.outcome.complete(), "{dictionary}: {:?}", seen.outcome);
    }
    for dictionary in ["/Filter 9 0 R", "/Filter [ 2 0 R ]"] {
        assert_eq!(see(&pdf(&[(dictionary, &packed)])).reasons(), [Reason::Unsupported], "{dictionary}");
    }
    let rows: Vec<u8> = words(900).chunks(30).flat_map(|row| [&[0][..], row].concat()).collect();
    let dictionary = "/Filter /FlateDecode /DecodeParms << /Predictor 15 /Columns 30 >>";
    assert!(see(&pdf(&[(dictionary, &zlib(&rows))])).holds(&words(900)));
}

trait ReplaceObject {
    /// What stands between "obj" and "endobj" becomes this.
    fn replace_object(self, number: usize, with: &str) -> Vec<u8>;
}

impl ReplaceObject for Vec<u8> {
    fn replace_object(self, number: usize, with: &str) -> Vec<u8> {
        let find = |from: usize, what: &str| {
            let at = self[from..].windows(what.len()).position(|window| window == what.as_bytes());
            from + at.unwrap()
        };
        let head = format!("\n{number} 0 obj\n");
        let start = find(0, &head) + head.len();
        [&self[..start], with.as_bytes(), &self[find(start, "\nendobj")..]].concat()
    }
}

/// What the object packager writes.
fn package(name: &str, content: &[u8]) -> Vec<u8> {
    let path = format!("C:\\{name}\0");
    let mut out = vec![2, 0];
    out.extend(format!("{name}\0{path}").as_bytes());
    out.extend([0, 0, 3, 0]);
    out.extend((path.len() as u32).to_le_bytes());
    out.extend(path.as_bytes());
    out.extend((content.len() as u32).to_le_bytes());
    out.extend(content);
    out
}

#[test]
fn packaged_files_in_compound_files_and_rtf() {
    let content = words(300);
    let inside = package("a.js", &content);
    let stream = [&(inside.len() as u32).to_le_bytes()[..], &inside].concat();
    assert_eq!(see(&compound(&[("\u{1}Ole10Native", &stream)])).bytes("f!a.js"), content);
    let mut object = [0x501u32.to_le_bytes(), 2u32.to_le_bytes(), 8u32.to_le_bytes()].concat();
    object.extend(b"Package\0\0\0\0\0\0\0\0\0");
    object.extend((inside.len() as u32).to_le_bytes());
    object.extend(&inside);
    let hex: String = object.iter().map(|byte| format!("{byte:02x}")).collect();
    let pieces = |by: &str, n: usize| {
        hex.as_bytes().chunks(n).map(|piece| std::str::from_utf8(piece).unwrap()).collect::<Vec<_>>().join(by)
    };
    for data in [hex.clone(), pieces("\r\n", 64), pieces("\t ", 2), pieces("{\\*\\x 4142}", 20), pieces("\\par7 ", 31)]
    {
        let text = format!("{{\\rtf1{{\\object\\objemb{{\\*\\objclass Package}}{{\\*\\objdata {data}}}}}}}");
        let seen = see(text.as_bytes());
        assert_eq!(seen.bytes("f!a.js"), content, "{}", &data[..80]);
        assert!(seen.outcome.complete(), "{:?}", seen.outcome);
    }
    let mut raw = format!("{{\\rtf1{{\\*\\objdata \\bin{} ", object.len()).into_bytes();
    raw.extend(&object);
    raw.extend(b"}}");
    assert_eq!(see(&raw).bytes("f!a.js"), content);
}

#[test]
fn pdf_scripts_are_found_where_they_hide() {
    let packed = zlib(b"7 0 << /S /JavaScript /JS (app.launchURL\\('http://x'\\)) >>");
    let bytes = pdf(&[
        ("/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>", b""),
        ("/JS <feff0061007000700032>", b""),
        ("/Type /ObjStm /Filter /FlateDecode", &packed),
    ]);
    let seen = see(&bytes);
    let scripts: Vec<&[u8]> =
        seen.members.iter().filter(|one| one.kind == Some(Kind::JavaScript)).map(|one| &one.bytes[..]).collect();
    assert_eq!(scripts, [&b"app.alert(1)"[..], b"app2", b"app.launchURL('http://x')"]);
}

#[test]
fn pdf_that_is_cut_or_encrypted_is_said() {
    let bytes = pdf(&[("/Filter /FlateDecode", &zlib(&words(9_000)))]);
    for cut in (60..bytes.len() - 8).step_by(61) {
        assert!(!see(&bytes[..cut]).outcome.complete(), "cut at {cut}");
    }
    let seen = see(&pdf(&[("/Encrypt 2 0 R", b""), ("/Filter /FlateDecode", b"xxxx")]));
    assert_eq!(seen.reasons(), [Reason::Encrypted]);
    let broken = see(&pdf(&[("/Filter /FlateDecode", &zlib(&words(9_000))[..700])]));
    assert!(!broken.outcome.complete());
}

fn base64(bytes: &[u8]) -> String {
    let lines: Vec<String> = bytes.chunks(57).map(crate::samples::base64).collect();
    lines.join("\r\n")
}

pub fn mail(attachment: &[u8]) -> String {
    format!(
        "From: a@example.org\r\nTo: b@example.org\r\nSubject: the file\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=\"cut here\"\r\n\r\nignored\r\n--cut here\r\n\
         Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nna=C3=AFve =\r\nwords\r\n--cut here\r\n\
         Content-Type: application/octet-stream; name=\"a.tar\"\r\nContent-Disposition: attachment; filename=\"a.tar\"\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{}\r\n--cut here--\r\n",
        base64(attachment)
    )
}

#[test]
fn mail_with_attachments() {
    let text = mail(&tar(&[("inner", b"attached")]));
    let seen = see(text.as_bytes());
    assert!(seen.outcome.complete(), "{:?}", seen.outcome);
    assert_eq!(seen.bytes("f!a.tar!inner"), b"attached");
    assert!(seen.holds("naïve words".as_bytes()));
    for cut in (300..text.len() - 4).step_by(101) {
        assert!(!see(&text.as_bytes()[..cut]).outcome.complete(), "cut at {cut}");
    }
}

#[test]
fn mail_in_mail_and_in_a_mailbox() {
    let inner = mail(&tar(&[("inner", b"forwarded")]));
    let outer = format!(
        "From: c@example.org\r\nSubject: fwd\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n\
         --q\r\nContent-Type: message/rfc822\r\n\r\n{inner}\r\n--q--\r\n"
    );
    let seen = see(outer.as_bytes());
    assert!(seen.members.iter().any(|one| one.path.ends_with("!a.tar!inner")), "{:?}", seen.paths());
    let mailbox = format!("From a Thu Jan  1 00:00:00 1970\n{inner}\n\nFrom b Thu Jan  1 00:00:00 1970\n{outer}\n");
    let seen = see(mailbox.as_bytes());
    assert_eq!(seen.bytes("f!message 0!a.tar!inner"), b"forwarded");
    assert!(seen.members.iter().any(|one| one.path.starts_with("f!message 1!") && one.bytes == b"forwarded"));
}

/// As news readers write it.
fn yencoded(bytes: &[u8], size: usize) -> Vec<u8> {
    let mut out = format!("=ybegin line=128 size={size} name=a file.bin\r\n").into_bytes();
    for line in bytes.chunks(128) {
        let from = out.len();
        for byte in line.iter().map(|byte| byte.wrapping_add(42)) {
            match byte {
                0 | b'\n' | b'\r' | b'=' => out.extend([b'=', byte.wrapping_add(64)]),
                b'.' if out.len() == from => out.extend(b".."),
                _ => out.push(byte),
            }
        }
        out.extend(b"\r\n");
    }
    out.extend(format!("=yend size={size}\r\n").as_bytes());
    out
}

#[test]
fn yencoded_files() {
    let content = [noise(70_000), (0..=255).collect()].concat();
    let alone = yencoded(&content, content.len());
    assert_eq!(unpack::kind(&alone), Kind::Yencoded);
    see(&alone).whole(&[("f!a file.bin", &content)]);
    let mail = [&b"From: a@x.example\r\nTo: b@x.example\r\nSubject: s\r\n\r\nSee below.\r\n"[..], &alone].concat();
    assert!(see(&mail).holds(&content), "{:?}", see(&mail).paths());
    assert_eq!(see(&yencoded(&content, content.len() + 1)).reasons(), [Reason::Truncated], "a part of several");
    assert_eq!(see(&alone[..alone.len() - 30]).reasons(), [Reason::Truncated]);
}

#[test]
fn uuencoded_files() {
    let content = words(5_000);
    for flag in ["", "-m"] {
        let Some(bytes) = shell("uuencode", &[("x", &content)], &format!("uuencode {flag} x out/name.bin > o"), "o")
        else {
            return;
        };
        see(&bytes).whole(&[("f!out/name.bin", &content)]);
        let seen = see(&bytes[..bytes.len() / 2]);
        assert!(seen.reasons().contains(&Reason::Truncated), "{:?}", seen.outcome);
    }
}
