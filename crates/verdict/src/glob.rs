//! Patterns of paths and rule ids: `*` any run of characters but `/`, `**` any run, `?` one character but `/`; a
//! pattern that ends in `/` means everything below. Nothing else is special.
//!
//! Matching is linear in pattern times text, without recursion: a hostile path cannot make it slow.

use serde::{Deserialize, Serialize};
use std::fmt;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Glob {
    text: String,
    parts: Vec<Part>,
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
        Glob { text, parts }
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
    pub fn matches(&self, text: &str) -> bool {
        // `live[i]`: the first i parts may have eaten the text so far.
        let mut live = vec![false; self.parts.len() + 1];
        live[0] = true;
        self.skip_empty_runs(&mut live);
        for c in text.chars() {
            let mut next = vec![false; live.len()];
            for (i, part) in self.parts.iter().enumerate().filter(|(i, _)| live[*i]) {
                match part {
                    Part::Char(want) => next[i + 1] |= *want == c,
                    Part::One => next[i + 1] |= c != '/',
                    Part::Run => next[i] |= c != '/',
                    Part::Deep => next[i] = true,
                }
            }
            self.skip_empty_runs(&mut next);
            live = next;
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
