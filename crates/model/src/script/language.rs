//! Which language a text is written in, by its first line and, without one, by what it says.

use crate::lanes::Lanes;
use std::sync::LazyLock;

/// In the order of [`LANGUAGES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Language {
    Shell,
    Python,
    Perl,
    Php,
    Javascript,
}

pub const LANGUAGES: [Language; 5] =
    [Language::Shell, Language::Python, Language::Perl, Language::Php, Language::Javascript];

impl Language {
    pub fn name(self) -> &'static str {
        match self {
            Language::Shell => "shell",
            Language::Python => "python",
            Language::Perl => "perl",
            Language::Php => "php",
            Language::Javascript => "javascript",
        }
    }
}

/// Words that only one language has, each with how much it says.
const WORDS: &[(Language, &[u8], u32)] = &[
    (Language::Python, b"\nimport ", 2),
    (Language::Python, b"\ndef ", 2),
    (Language::Python, b"\nfrom ", 1),
    (Language::Python, b"__name__", 3),
    (Language::Python, b"elif ", 1),
    (Language::Python, b"self.", 2),
    (Language::Perl, b"\nuse strict", 4),
    (Language::Perl, b"\nuse ", 1),
    (Language::Perl, b"\nmy $", 3),
    (Language::Perl, b"\nsub ", 2),
    (Language::Perl, b"\npackage ", 2),
    (Language::Perl, b"=~ ", 1),
    (Language::Perl, b"@_", 1),
    (Language::Javascript, b"function(", 2),
    (Language::Javascript, b"function (", 1),
    (Language::Javascript, b"=> {", 2),
    (Language::Javascript, b"require(", 2),
    (Language::Javascript, b"module.exports", 3),
    (Language::Javascript, b"document.", 2),
    (Language::Javascript, b"const ", 1),
    (Language::Javascript, b"let ", 1),
    (Language::Javascript, b"===", 2),
    (Language::Javascript, b"'use strict'", 3),
    (Language::Shell, b"\nfi\n", 3),
    (Language::Shell, b"; then", 3),
    (Language::Shell, b"\ndone", 2),
    (Language::Shell, b"esac", 2),
    (Language::Shell, b"$(", 1),
    (Language::Shell, b"chmod ", 1),
    (Language::Shell, b"\necho ", 1),
    (Language::Shell, b"/dev/null", 1),
    (Language::Shell, b"curl ", 1),
    (Language::Shell, b"wget ", 1),
];

/// What begins PHP among other text.
const TAGS: [&[u8]; 2] = [b"<?php", b"<?="];

/// `WORDS`, and the tags behind them.
static SEEKER: LazyLock<Lanes> = LazyLock::new(|| {
    let words: Vec<&[u8]> = WORDS.iter().map(|(_, word, _)| *word).chain(TAGS).collect();
    assert!(words.len() <= 64, "a bit a word");
    Lanes::new(&words, false)
});

/// Bytes that a guess looks at.
const LOOKED_AT: usize = 16_384;

/// `None` for what is no text, or a text of no language that is known here.
pub fn detect(bytes: &[u8]) -> Option<Language> {
    let head = &bytes[..bytes.len().min(LOOKED_AT)];
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    if let Some(language) = by_first_line(head) {
        return Some(language);
    }
    if head.is_empty() || memchr::memchr(0, head).is_some() {
        return None;
    }
    let mut found = 0u64;
    SEEKER.each(head, |word, _| found |= 1 << word);
    if found >> WORDS.len() != 0 {
        return Some(Language::Php);
    }
    // The first line has no line end before it.
    let first = |word: &[u8]| word.first() == Some(&b'\n') && head.starts_with(&word[1..]);
    let mut points = LANGUAGES.map(|language| (0, language));
    for (n, (language, word, worth)) in WORDS.iter().enumerate() {
        if found >> n & 1 == 1 || first(word) {
            points[*language as usize].0 += worth;
        }
    }
    let best = points.into_iter().max_by_key(|(points, _)| *points)?;
    // Prose and settings earn a point or two.
    (best.0 >= 4).then_some(best.1)
}

fn by_first_line(head: &[u8]) -> Option<Language> {
    let line = head.strip_prefix(b"#!")?;
    let end = line.iter().position(|byte| *byte == b'\n').unwrap_or(line.len()).min(200);
    let line = &line[..end];
    let mut words = line.split(|byte| byte.is_ascii_whitespace()).filter(|word| !word.is_empty());
    let base = |word: &[u8]| word.rsplit(|byte| *byte == b'/').next().unwrap_or(b"").to_vec();
    let mut program = base(words.next()?);
    if program == b"env" {
        program = base(words.find(|word| !word.starts_with(b"-") && !word.contains(&b'='))?);
    }
    let is = |name: &[u8]| program.starts_with(name);
    match () {
        () if is(b"python") || is(b"pypy") => Some(Language::Python),
        () if is(b"perl") => Some(Language::Perl),
        () if is(b"php") => Some(Language::Php),
        () if is(b"node") || is(b"deno") || is(b"bun") || is(b"gjs") => Some(Language::Javascript),
        () if [&b"sh"[..], b"bash", b"dash", b"ash", b"zsh", b"ksh", b"ksh93", b"mksh", b"busybox"]
            .contains(&&program[..]) =>
        {
            Some(Language::Shell)
        }
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_told() {
        let check = |text: &str, expected: Option<Language>| assert_eq!(detect(text.as_bytes()), expected, "{text}");
        check("#!/bin/sh\n", Some(Language::Shell));
        check("#! /usr/bin/env -S python3 -u\n", Some(Language::Python));
        check("#!/usr/bin/perl -w\n", Some(Language::Perl));
        check("<html><?php echo 1;", Some(Language::Php));
        check("const a = require('fs'); module.exports = a;", Some(Language::Javascript));
        check("if true; then\n echo a\nfi\n", Some(Language::Shell));
        check("import os\ndef main():\n    pass\n", Some(Language::Python));
        check("Dear reader, this is prose.\n", None);
        check("#!/usr/bin/awk -f\n", None);
        check("", None);
        check("\u{0}\u{1}import os\ndef a", None);
    }
}
