//! Patterns of paths and rule ids: `*` any run of characters but `/`, `**` any run, `?` one character but `/`; a
//! pattern that ends in `/` means everything below. Nothing else is special.
//!
//! Matching is linear in pattern times text, without recursion: a hostile path cannot make it slow. Most texts are done with
//! before that, since they do not begin as the pattern does, or lack its longest piece.

use serde::{Deserialize, Serialize};
use std::fmt;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Glob {
    text: String,
    parts: Vec<Part>,
    /// What every text that matches begins with, and what it has somewhere.
    prefix: String,
    piece: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Char(char),
    One,
    Run,
    Deep,
}

impl From<String> for Glob {
    fn from(text: String) -> Self {
        let mut parts = Vec::new();
        for c in text.chars() {
            match (c, parts.last()) {
                ('*', Some(Part::Run)) => *parts.last_mut().expect("just seen") = Part::Deep,
                ('*', Some(Part::Deep)) => {}
                ('*', _) => parts.push(Part::Run),
                ('?', _) => parts.push(Part::One),
                (c, _) => parts.push(Part::Char(c)),
            }
        }
        if text.ends_with('/') {
            parts.push(Part::Deep);
        }
        let mut pieces = text.split(['*', '?']);
        let prefix = pieces.next().unwrap_or_default().to_owned();
        let piece = pieces.max_by_key(|piece| piece.len()).unwrap_or_default().to_owned();
        Glob { text, parts, prefix, piece }
    }
}

impl From<&str> for Glob {
    fn from(text: &str) -> Self {
        Glob::from(text.to_owned())
    }
}

impl From<Glob> for String {
    fn from(glob: Glob) -> String {
        glob.text
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Glob {
    /// What every text that matches begins with: all before the first `*` or `?`.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    pub fn matches(&self, text: &str) -> bool {
        let Some(rest) = text.strip_prefix(&self.prefix) else { return false };
        if !rest.contains(&self.piece) {
            return false;
        }
        // `live[i]`: the first i parts may have eaten the text so far.
        let mut live = vec![false; self.parts.len() + 1];
        live[0] = true;
        self.skip_empty_runs(&mut live);
        for c in text.chars() {
            // From the end, so that what stands before is still as it was before this character.
            for i in (0..live.len()).rev() {
                let stays = live[i]
                    && match self.parts.get(i) {
                        Some(Part::Run) => c != '/',
                        Some(Part::Deep) => true,
                        _ => false,
                    };
                let comes = i > 0
                    && live[i - 1]
                    && match self.parts[i - 1] {
                        Part::Char(want) => want == c,
                        Part::One => c != '/',
                        Part::Run | Part::Deep => false,
                    };
                live[i] = stays || comes;
            }
            self.skip_empty_runs(&mut live);
        }
        live[self.parts.len()]
    }

    fn skip_empty_runs(&self, live: &mut [bool]) {
        for (i, part) in self.parts.iter().enumerate() {
            if live[i] && matches!(part, Part::Run | Part::Deep) {
                live[i + 1] = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        let check = |pattern: &str, text: &str, expected: bool| {
            assert_eq!(Glob::from(pattern).matches(text), expected, "{pattern} on {text}");
        };
        check("/opt/app/run", "/opt/app/run", true);
        check("/opt/app/run", "/opt/app/run2", false);
        check("/opt/*/run", "/opt/app/run", true);
        check("/opt/*/run", "/opt/a/b/run", false);
        check("/opt/**/run", "/opt/a/b/run", true);
        check("/opt/**", "/opt/", true);
        check("/opt/", "/opt/a/b", true);
        check("/opt/", "/option", false);
        check("web.*", "web.shell", true);
        check("**/*.swp", "/etc/vim/.x.swp", true);
        check("**/*.swp", "/etc/swap", false);
        check("/a/*b*/c", "/a/xbx/c", true);
        check("/a/*b*/c", "/a/b/c/c", false);
        check("lib?.so", "libc.so", true);
        check("lib?.so", "lib/.so", false);
        check("", "", true);
        check("", "a", false);
        check("*", "a/b", false);
    }

    #[test]
    fn a_hostile_pattern_is_not_slow() {
        let glob = Glob::from(&*"*a".repeat(200));
        assert!(!glob.matches(&"a".repeat(4096).replace("aaaa", "aaab")));
    }
}
