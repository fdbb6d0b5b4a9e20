//! Signatures for text, HTML and the other kinds, on files of those kinds and of others.

use super::compare;

fn hex(text: &str) -> String {
    hex::encode(text)
}

#[test]
fn text_as_it_is_and_normalised() {
    let ndb = [
        format!("t1:7:*:{}", hex("echo hello world")),
        format!("t2:7:*:{}", hex("ECHO Hello")),
        format!("t3:0:*:{}", hex("ECHO   Hello")),
        format!("t4:0:*:{}", hex("echo hello")),
        format!("t5:7:*:{}", hex("tab separated words")),
        format!("t6:7:0:{}", hex("#!/bin/sh")),
        format!("t7:3:*:{}", hex("echo hello")),
        format!("t8:7:*:{}", hex("first line second line")),
    ];
    compare(
        &[("t.ndb", &ndb.join("\n"))],
        &[
            ("a.sh", b"#!/bin/sh\nECHO   Hello\n  World\n"),
            ("b.txt", b"tab\tseparated\t\twords and more of them\n"),
            ("c.txt", b"First line\r\nSecond line\r\n"),
            ("e.sh", b"#!/bin/sh\necho hello\n"),
        ],
    );
}

/// What we find in HTML as it is written, besides, clamscan leaves out: nothing here matches that alone.
#[test]
fn html_without_comments_and_tags() {
    let ndb = [
        format!("h1:3:*:{}", hex("<body>eviltext <b>here</b>")),
        format!("h2:3:*:{}", hex("evil text here")),
        format!("h3:3:*:{}", hex("<body>evil text")),
        format!("h4:3:*:{}", hex("<p>one</p><p>two</p>")),
        format!("h5:3:*:{}", hex(" one two ")),
        format!("h6:7:*:{}", hex("evil text")),
        format!("h7:3:*:{}", hex("<a href=\"x y\" id=z>t</a>")),
        format!("h8:3:*:{}", hex("a<b & c > d")),
        format!("h9:3:*:{}", hex("p{color:red}")),
        format!("h10:3:*:{}", hex("<body>d")),
        format!("h11:3:*:{}", hex("u i v")),
        format!("h12:0:*:{}", hex("<br />after")),
    ];
    compare(
        &[("t.ndb", &ndb.join("\n"))],
        &[
            ("a.html", b"<HTML><HEAD><TITLE>t</TITLE></HEAD><BODY>Evil<!-- no --> Text <B>here</B></BODY></HTML>\n"),
            ("b.html", b"<html><body><p>One</p>\n  <p>Two</p></body></html>\n"),
            ("c.html", b"<html><body><A\n HREF = 'X Y'  ID=Z >T</A></body></html>\n"),
            ("d.html", b"<html><body>A&lt;B &amp; c  &gt; d</body></html>\n"),
            ("e.html", b"<html><style>P { color : red }</style><body></body></html>\n"),
            ("f.html", b"<html><body><!DOCTYPE html> D<br />After</body></html>\n"),
            ("g.html", b"<html><body>U<i>i</i>V</body></html>\n"),
            ("h.html", b"<html><body><p>Nothing of note</p></body></html>\n"),
        ],
    );
}

#[test]
fn kinds_that_targets_speak_of() {
    let word = hex("a word in it");
    let ndb: Vec<String> = (0..=12).filter(|n| *n != 8).map(|n| format!("k{n}:{n}:*:{word}")).collect();
    let png =
        [&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90wS\xde"[..], b"a word in it"].concat();
    let jpeg = [&b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0"[..], b"a word in it"].concat();
    let pdf = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\na word in it\n%%EOF\n";
    let class = [&b"\xca\xfe\xba\xbe\0\0\0\x34\0\x10"[..], b"a word in it"].concat();
    compare(
        &[("t.ndb", &ndb.join("\n"))],
        &[
            ("a.png", &png),
            ("b.jpg", &jpeg),
            ("c.pdf", pdf),
            ("d.class", &class),
            ("g.txt", b"a word in it, and others\n"),
        ],
    );
}
