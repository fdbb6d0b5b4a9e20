//! What a text is: which script language, mail, markup or mere words.

use crate::Kind;

const LOOKED_AT: usize = 8 << 10;

/// `None` if it is no text.
pub(crate) fn text_kind(bytes: &[u8]) -> Option<Kind> {
    let start = &bytes[..bytes.len().min(LOOKED_AT)];
    if let Some(line) = start.strip_prefix(b"#!") {
        return Some(interpreter(line.split(|b| *b == b'\n').next().unwrap_or_default()));
    }
    if start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff") || looks_utf16(start) {
        return Some(Kind::Utf16);
    }
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let text = text.trim_ascii_start();
    if let Some(kind) = marked(text) {
        return Some(kind);
    }
    is_text(start).then(|| worded(text))
}

/// Few enough control characters; any encoding that holds ASCII.
pub(crate) fn is_text(bytes: &[u8]) -> bool {
    let odd = bytes.iter().filter(|b| **b < 32 && !matches!(b, b'\n' | b'\r' | b'\t' | 0x0c | 0x1b | 0x08)).count();
    if bytes.contains(&0) || odd * 50 > bytes.len() {
        return false;
    }
    let high = bytes.iter().filter(|b| **b >= 0x80).count();
    let utf8 = match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none() && error.valid_up_to() + 4 > bytes.len(),
    };
    utf8 || high * 3 < bytes.len()
}

fn looks_utf16(bytes: &[u8]) -> bool {
    let pairs = bytes.len() / 2;
    if pairs < 8 {
        return false;
    }
    let ascii = |low: usize| {
        bytes.chunks_exact(2).filter(|p| p[1 - low] == 0 && matches!(p[low], 9 | 10 | 13 | 32..=126)).count()
    };
    ascii(0) * 10 > pairs * 9 || ascii(1) * 10 > pairs * 9
}

fn interpreter(line: &[u8]) -> Kind {
    let line = String::from_utf8_lossy(line);
    let mut words = line.split_whitespace();
    let mut name = words.next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
    if name == "env" {
        name = words.find(|word| !word.starts_with('-') && !word.contains('=')).unwrap_or_default();
        name = name.rsplit('/').next().unwrap_or_default();
    }
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.' || c == '-');
    match stem {
        "sh" | "bash" | "dash" | "ash" | "ksh" | "zsh" | "mksh" | "busybox" | "csh" | "tcsh" | "fish" => Kind::Shell,
        "python" | "pypy" => Kind::Python,
        "perl" => Kind::Perl,
        "php" => Kind::Php,
        "node" | "nodejs" | "deno" | "bun" | "gjs" => Kind::JavaScript,
        "ruby" => Kind::Ruby,
        "lua" | "luajit" => Kind::Lua,
        "pwsh" | "powershell" => Kind::PowerShell,
        _ => Kind::OtherScript,
    }
}

fn begins(text: &[u8], word: &[u8]) -> bool {
    text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

fn contains(text: &[u8], word: &[u8]) -> bool {
    memchr::memmem::find(text, word).is_some()
}

/// Marked at its very start.
fn marked(text: &[u8]) -> Option<Kind> {
    if begins(text, b"<?php") || begins(text, b"<?=") {
        return Some(Kind::Php);
    }
    if ["<!doctype html", "<html", "<head", "<body", "<script", "<iframe", "<svg"]
        .iter()
        .any(|tag| begins(text, tag.as_bytes()))
    {
        return Some(Kind::Html);
    }
    if begins(text, b"<?xml") {
        return Some(if contains(text, b"<html") { Kind::Html } else { Kind::Xml });
    }
    if begins(text, b"@echo off") {
        return Some(Kind::Batch);
    }
    if text.starts_with(b"begin") && uu_begins(text) {
        return Some(Kind::Uuencoded);
    }
    if text.starts_with(b"From ") && mail_headers(text.split_inclusive(|b| *b == b'\n').skip(1)) >= 1 {
        return Some(Kind::Mbox);
    }
    // Translations hold headers of the like, among zeros.
    (!text.contains(&0) && mail_headers(text.split_inclusive(|b| *b == b'\n')) >= 2).then_some(Kind::Mail)
}

pub(crate) fn uu_begins(text: &[u8]) -> bool {
    let line = text.split(|b| *b == b'\n').next().unwrap_or_default();
    let mut words = line.split(|b| *b == b' ');
    let begin = words.next().is_some_and(|word| word == b"begin" || word == b"begin-base64");
    let mode =
        words.next().is_some_and(|mode| matches!(mode.len(), 3 | 4) && mode.iter().all(|b| matches!(b, b'0'..=b'7')));
    begin && mode && words.next().is_some()
}

/// Header fields in the first lines that only mail has.
fn mail_headers<'t>(lines: impl Iterator<Item = &'t [u8]>) -> usize {
    const FIELDS: [&[u8]; 16] = [
        b"from:",
        b"to:",
        b"subject:",
        b"date:",
        b"received:",
        b"return-path:",
        b"message-id:",
        b"mime-version:",
        b"content-type:",
        b"delivered-to:",
        b"reply-to:",
        b"x-mailer:",
        b"cc:",
        b"content-transfer-encoding:",
        b"dkim-signature:",
        b"x-original-to:",
    ];
    let mut found = 0;
    for line in lines.take(60) {
        let line = line.trim_ascii_end();
        if line.is_empty() {
            break;
        }
        let folded = matches!(line[0], b' ' | b'\t');
        if FIELDS.iter().any(|field| begins(line, field)) {
            found += 1;
        } else if !folded
            && !line.split(|b| *b == b':').next().is_some_and(|name| name.len() < line.len() && !name.contains(&b' '))
        {
            // Not a header any more: what was found so far may be words of a text.
            return 0;
        }
    }
    found
}

/// Told by what stands in it.
fn worded(text: &[u8]) -> Kind {
    let count = |words: &[&str]| words.iter().filter(|word| contains(text, word.as_bytes())).count();
    if contains(text, b"<?php") {
        return Kind::Php;
    }
    let lower = text[..text.len().min(2048)].to_ascii_lowercase();
    if contains(&lower, b"<html") || contains(&lower, b"<body") || contains(&lower, b"<script") {
        return Kind::Html;
    }
    if count(&["import os", "import sys", "import socket", "def ", "import base64", "exec(", "print("]) >= 3 {
        return Kind::Python;
    }
    if count(&["function(", "function (", "var ", "const ", "require(", "document.", "=>", "eval("]) >= 3 {
        return Kind::JavaScript;
    }
    let shell_like = text.to_ascii_lowercase();
    let count = |words: &[&str]| words.iter().filter(|word| contains(&shell_like, word.as_bytes())).count();
    if count(&["$env:", "new-object", "invoke-expression", "iex ", "param(", "write-host", "-encodedcommand"]) >= 2 {
        return Kind::PowerShell;
    }
    if count(&["createobject(", "dim ", "end sub", "wscript.", "end function"]) >= 2 {
        return Kind::VbScript;
    }
    Kind::Text
}
