//! Sigma's expressions are PCRE's. What our automata read in another way, or not at all, is written as they want it: a brace
//! that repeats nothing and a bracket within a class are plain characters, as is `\<`, which would be the start of a word.

/// The same expression; what cannot be had (look-around, back-references) is left for the compiler to refuse.
pub(super) fn written_for_us(source: &str) -> String {
    let chars: Vec<char> = source.chars().collect();
    let mut out = String::with_capacity(source.len() + 8);
    let mut at = 0;
    let mut in_class = false;
    while let Some(&c) = chars.get(at) {
        let rest = &chars[at + 1..];
        let mut taken = 1;
        match c {
            '\\' => {
                let angle = matches!(rest.first(), Some('<' | '>'));
                if !angle {
                    out.push('\\');
                }
                taken += escape(rest);
                out.extend(rest.iter().take(taken - 1));
            }
            '[' if in_class => match posix(rest) {
                Some(length) => {
                    taken = length;
                    out.extend(&chars[at..at + length]);
                }
                None => out.push_str("\\["),
            },
            '[' => {
                in_class = true;
                out.push('[');
                if rest.first() == Some(&'^') {
                    taken += 1;
                    out.push('^');
                }
                // A closing bracket that stands first is one of the class.
                if chars.get(at + taken) == Some(&']') {
                    taken += 1;
                    out.push_str("\\]");
                }
            }
            ']' => {
                in_class = false;
                out.push(']');
            }
            '&' | '~' if in_class => {
                out.push('\\');
                out.push(c);
            }
            '{' if !in_class && !repeats(rest) => out.push_str("\\{"),
            c => out.push(c),
        }
        at += taken;
    }
    out
}

/// Characters that belong to the backslash before them: one, and braces behind `\x` and its like.
fn escape(rest: &[char]) -> usize {
    let braced = matches!(rest.first(), Some('x' | 'u' | 'U' | 'p' | 'P')) && rest.get(1) == Some(&'{');
    let end = rest.iter().position(|c| *c == '}').filter(|_| braced);
    end.map_or(1, |end| end + 1).min(rest.len())
}

/// `{2}`, `{2,}`, `{2,5}`.
fn repeats(rest: &[char]) -> bool {
    let Some(end) = rest.iter().position(|c| *c == '}') else { return false };
    let inner: String = rest[..end].iter().collect();
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match inner.split_once(',') {
        Some((from, to)) => digits(from) && (to.is_empty() || digits(to)),
        None => digits(&inner),
    }
}

/// Length of `[:alpha:]` whose bracket stands before `rest`.
fn posix(rest: &[char]) -> Option<usize> {
    if rest.first() != Some(&':') {
        return None;
    }
    let end = rest.iter().position(|c| *c == ']')?;
    (end >= 2 && rest[end - 1] == ':').then_some(end + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pcre_takes_as_it_stands() {
        let check = |source: &str, expected: &str, matches: &str| {
            let own = written_for_us(source);
            assert_eq!(own, expected, "{source}");
            assert!(regex::Regex::new(&own).unwrap().is_match(matches), "{own} on {matches}");
        };
        check(r"a{2,3}b", r"a{2,3}b", "aab");
        check(r"\$\{jndi:", r"\$\{jndi:", "${jndi:");
        check(r"\(\) {:;}", r"\(\) \{:;}", "() {:;}");
        check(r"\<script\>", r"<script>", "x<script>");
        check(r"[[a-z]+", r"[\[a-z]+", "[a");
        check(r"[^][]x", r"[^\]\[]x", "ax");
        check(r"[[:digit:]]{3}", r"[[:digit:]]{3}", "123");
        check(r"[a&&b~]", r"[a\&\&b\~]", "&");
        check(r"\\<", r"\\<", r"\<");
        check(r"\x{4a}\p{Lu}", r"\x{4a}\p{Lu}", "JX");
        check(r"a{,3}", r"a\{,3}", "a{,3}");
        assert_eq!(written_for_us("\\"), "\\");
    }
}
