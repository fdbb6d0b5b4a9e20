//! A Sigma string: literal text with `*` and `?`, and the rules of the backslash.
//!
//! `\*`, `\?` and `\\` stand for the plain character; a backslash before anything else is itself.

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    Text(String),
    /// `*`: any text, also none.
    Any,
    /// `?`: exactly one character.
    One,
    /// `%name%` under `expand` that has no value yet; a pipeline may give it one. Matches nothing.
    Placeholder(String),
}

/// Neighbouring texts are merged, and so are neighbouring `*`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Pattern(pub Vec<Part>);

impl Pattern {
    pub fn parse(text: &str) -> Pattern {
        let mut out = Pattern::default();
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            match (c, chars.peek()) {
                ('\\', Some(&next @ ('*' | '?' | '\\'))) => {
                    out.push_char(next);
                    chars.next();
                }
                ('*', _) => out.push(Part::Any),
                ('?', _) => out.push(Part::One),
                (c, _) => out.push_char(c),
            }
        }
        out
    }

    pub fn literal(text: impl Into<String>) -> Pattern {
        Pattern(vec![Part::Text(text.into())])
    }

    pub fn push(&mut self, part: Part) {
        match (self.0.last_mut(), part) {
            (Some(Part::Any), Part::Any) => {}
            (Some(Part::Text(text)), Part::Text(more)) => text.push_str(&more),
            (_, part) => self.0.push(part),
        }
    }

    fn push_char(&mut self, c: char) {
        match self.0.last_mut() {
            Some(Part::Text(text)) => text.push(c),
            _ => self.0.push(Part::Text(c.to_string())),
        }
    }

    /// As a rule would write it: `*` and `?` are wildcards, a backslash stands before those that are not.
    pub fn written(&self) -> String {
        let mut out = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => {
                    for c in text.chars() {
                        if matches!(c, '*' | '?') {
                            out.push('\\');
                        }
                        out.push(c);
                    }
                }
                Part::Any => out.push('*'),
                Part::One => out.push('?'),
                Part::Placeholder(name) => {
                    out.push('%');
                    out.push_str(name);
                    out.push('%');
                }
            }
        }
        out
    }

    /// The first placeholder that still has no value.
    pub fn placeholder(&self) -> Option<&str> {
        self.0.iter().find_map(|part| match part {
            Part::Placeholder(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// The text, if no wildcard is in it.
    pub fn plain(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// `*` in front and behind, where there is none.
    pub fn anywhere(mut self) -> Pattern {
        if self.0.first() != Some(&Part::Any) {
            self.0.insert(0, Part::Any);
        }
        self.push(Part::Any);
        self
    }

    pub fn at_start(mut self) -> Pattern {
        self.push(Part::Any);
        self
    }

    pub fn at_end(mut self) -> Pattern {
        if self.0.first() != Some(&Part::Any) {
            self.0.insert(0, Part::Any);
        }
        self
    }

    pub fn lowercase(self) -> Pattern {
        Pattern(
            self.0
                .into_iter()
                .map(|part| match part {
                    Part::Text(text) => Part::Text(lower(&text)),
                    other => other,
                })
                .collect(),
        )
    }

    /// Each text through `change`; wildcards stay.
    pub fn map_text(self, change: impl Fn(&str) -> Pattern) -> Pattern {
        let mut out = Pattern::default();
        for part in self.0 {
            match part {
                Part::Text(text) => change(&text).0.into_iter().for_each(|part| out.push(part)),
                other => out.push(other),
            }
        }
        out
    }
}

/// Lower case as the matcher compares it: character by character, so that rule and event fold alike.
pub(crate) fn lower(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    lower_into(text, &mut out);
    out
}

pub(crate) fn lower_into(text: &str, out: &mut String) {
    if text.is_ascii() {
        let start = out.len();
        out.push_str(text);
        out[start..].make_ascii_lowercase();
    } else {
        out.extend(text.chars().flat_map(char::to_lowercase));
    }
}

/// Whether the whole of `text` is what `parts` describe. Linear for each `*`: it only ever goes back to the last one.
pub(crate) fn glob(parts: &[Part], text: &str) -> bool {
    let (mut at, mut rest) = (0, text);
    let mut retry: Option<(usize, &str)> = None;
    loop {
        let step = match parts.get(at) {
            None if rest.is_empty() => return true,
            None => None,
            Some(Part::Any) => {
                if at + 1 == parts.len() {
                    return true;
                }
                retry = Some((at, rest));
                Some(rest)
            }
            Some(Part::Placeholder(_)) => None,
            Some(Part::One) => rest.chars().next().map(|c| &rest[c.len_utf8()..]),
            Some(Part::Text(literal)) => rest.strip_prefix(literal.as_str()),
        };
        match (step, retry) {
            (Some(next), _) => (at, rest) = (at + 1, next),
            (None, None) => return false,
            (None, Some((star, from))) => {
                // Let the last `*` swallow more: to the next place where the text behind it stands.
                let Some(first) = from.chars().next() else { return false };
                let mut next = &from[first.len_utf8()..];
                if let Some(Part::Text(literal)) = parts.get(star + 1) {
                    let Some(found) = next.find(literal.as_str()) else { return false };
                    next = &next[found..];
                }
                retry = Some((star, next));
                (at, rest) = (star + 1, next);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backslashes() {
        let check = |text: &str, expected: &[Part]| assert_eq!(Pattern::parse(text).0, expected, "{text}");
        let t = |s: &str| Part::Text(s.into());
        check(r"a*b?", &[t("a"), Part::Any, t("b"), Part::One]);
        check(r"a\*b", &[t("a*b")]);
        check(r"C:\Windows\x", &[t(r"C:\Windows\x")]);
        check(r"a\\*", &[t(r"a\"), Part::Any]);
        check(r"a\\\*", &[t(r"a\*")]);
        check(r"\\\\host", &[t(r"\\host")]);
        check(r"end\", &[t(r"end\")]);
        check("**", &[Part::Any]);
        check("", &[]);
    }

    #[test]
    fn globs() {
        let check = |pattern: &str, text: &str, expected: bool| {
            assert_eq!(glob(&Pattern::parse(pattern).0, text), expected, "{pattern} on {text}");
        };
        check("a*b*c", "a--b--c", true);
        check("a*b*c", "a--b--cd", false);
        check("*b?", "abbbc", true);
        check("?", "é", true);
        check("?", "", false);
        check("", "", true);
        check("", "x", false);
        check("*", "", true);
        check("a*ab", "aab", true);
        check("a*ab", "ab", false);
        check("*a?c*", "xxabcxx", true);
        check("*?", "", false);
        check("?*?", "ab", true);
        check(&"*a".repeat(40), &"a".repeat(2_000), true);
        check(&("*a".repeat(40) + "b"), &"a".repeat(2_000), false);
    }
}
