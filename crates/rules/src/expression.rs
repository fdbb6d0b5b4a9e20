//! A regular expression of a rule. It is tried when the rule is read and made when a text first needs it: most rules wait
//! for a literal that never comes, and a compiled expression takes tens of kilobytes.

use crate::limits;
use regex::bytes::{Regex, RegexBuilder};
use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};

/// Equal when the source is. Copies share what was made.
#[derive(Clone, Debug)]
pub(crate) struct Expression {
    pub source: String,
    made: Arc<OnceLock<Regex>>,
}

impl Expression {
    /// Automata only: no look-around, no back-references, so no input makes a rule slow.
    ///
    /// # Errors
    /// What is no expression, is nested too deep, or would take too much room.
    pub fn new(source: String) -> Result<Expression, regex::Error> {
        compile(&source)?;
        Ok(Expression { source, made: Arc::default() })
    }

    pub fn is_match(&self, text: &str) -> bool {
        self.made
            .get_or_init(|| compile(&self.source).expect("it was tried when the rule was read"))
            .is_match(text.as_bytes())
    }
}

/// As PCRE without its `u`: classes, `.` and case are ASCII's, which is a tenth of the automaton. An expression that names
/// other letters gets Unicode's.
fn compile(source: &str) -> Result<Regex, regex::Error> {
    let build = |unicode| {
        RegexBuilder::new(source)
            .unicode(unicode)
            .size_limit(limits::REGEX_BYTES)
            .dfa_size_limit(limits::REGEX_BYTES)
            .nest_limit(limits::REGEX_NEST)
            .build()
    };
    if source.is_ascii() { build(false).or_else(|_| build(true)) } else { build(true) }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Eq for Expression {}

impl Hash for Expression {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.source.hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_made_is_refused_at_once() {
        for source in ["(", "(?=a)b", "(?:[a-z]{500}){500}", &"(".repeat(10_000)] {
            assert!(Expression::new(source.to_owned()).is_err(), "{source:.40}");
        }
    }

    #[test]
    fn letters_beyond_ascii() {
        let check = |source: &str, text: &str, expected: bool| {
            assert_eq!(Expression::new(source.to_owned()).unwrap().is_match(text), expected, "{source} on {text}");
        };
        check(r"^curl\s\S+$", "curl höst", true);
        check(r"^a[^b]+c$", "aéc", true);
        check(r"(?i)^É", "éa", true);
        check(r"^\p{Lu}", "Éa", true);
        check(r"^\x{e9}", "éa", true);
        check(r"(?i)kill", "KILL", true);
    }

    #[test]
    fn it_is_made_once_for_all_copies() {
        let first = Expression::new("^a+$".to_owned()).unwrap();
        let copy = first.clone();
        assert!(first.made.get().is_none());
        assert!(copy.is_match("aaa") && !copy.is_match("ab"));
        assert!(first.made.get().is_some());
        assert_eq!(first, Expression::new("^a+$".to_owned()).unwrap());
    }
}
