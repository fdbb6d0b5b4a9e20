//! `selection and not 1 of filter_*` → a tree over the detection's names. `not` binds closest, then `and`, then `or`.

use crate::limits;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Condition {
    /// Index of a detection item.
    Name(usize),
    Not(Box<Condition>),
    And(Vec<Condition>),
    Or(Vec<Condition>),
}

#[derive(Debug, thiserror::Error, PartialEq)]
pub(crate) enum ConditionError {
    #[error("the condition is empty")]
    Empty,
    #[error("the condition has more than {} words", limits::CONDITION_WORDS)]
    TooLong,
    #[error("the condition is nested deeper than {} levels", limits::CONDITION_DEPTH)]
    TooDeep,
    #[error("the condition ends where {0} is expected")]
    Ends(&'static str),
    #[error("the condition has {word:?} where {expected} is expected")]
    Unexpected { word: String, expected: &'static str },
    #[error("the condition names {0:?}, which the detection does not have")]
    UnknownName(String),
    #[error("the condition says {0:?}, which fits no part of the detection")]
    NothingFits(String),
    #[error("the condition aggregates with “|”, which Sigma 2 replaced by correlation rules")]
    Aggregation,
}

pub(crate) fn parse(text: &str, names: &[String]) -> Result<Condition, ConditionError> {
    let words = words(text)?;
    let mut parser = Parser { words: &words, at: 0, depth: 0, names };
    let condition = parser.or()?;
    match parser.peek() {
        None => Ok(condition),
        Some(word) => Err(ConditionError::Unexpected { word: word.to_owned(), expected: "and, or, or the end" }),
    }
}

fn words(text: &str) -> Result<Vec<&str>, ConditionError> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '|' => return Err(ConditionError::Aggregation),
            '(' | ')' => 1,
            _ => rest.find(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '|')).unwrap_or(rest.len()),
        };
        words.push(&rest[..length]);
        rest = rest[length..].trim_start();
        if words.len() > limits::CONDITION_WORDS {
            return Err(ConditionError::TooLong);
        }
    }
    if words.is_empty() { Err(ConditionError::Empty) } else { Ok(words) }
}

struct Parser<'a> {
    words: &'a [&'a str],
    at: usize,
    depth: usize,
    names: &'a [String],
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<&'a str> {
        self.words.get(self.at).copied()
    }

    fn accept(&mut self, keyword: &str) -> bool {
        let found = self.peek().is_some_and(|word| word.eq_ignore_ascii_case(keyword));
        self.at += usize::from(found);
        found
    }

    fn or(&mut self) -> Result<Condition, ConditionError> {
        let mut parts = vec![self.and()?];
        while self.accept("or") {
            parts.push(self.and()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Condition::Or(parts) })
    }

    fn and(&mut self) -> Result<Condition, ConditionError> {
        let mut parts = vec![self.unary()?];
        while self.accept("and") {
            parts.push(self.unary()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Condition::And(parts) })
    }

    fn unary(&mut self) -> Result<Condition, ConditionError> {
        self.depth += 1;
        if self.depth > limits::CONDITION_DEPTH {
            return Err(ConditionError::TooDeep);
        }
        let out = if self.accept("not") {
            Condition::Not(Box::new(self.unary()?))
        } else if self.accept("(") {
            let inner = self.or()?;
            if !self.accept(")") {
                return Err(match self.peek() {
                    None => ConditionError::Ends("a closing parenthesis"),
                    Some(word) => {
                        ConditionError::Unexpected { word: word.to_owned(), expected: "a closing parenthesis" }
                    }
                });
            }
            inner
        } else {
            self.term()?
        };
        self.depth -= 1;
        Ok(out)
    }

    fn term(&mut self) -> Result<Condition, ConditionError> {
        const EXPECTED: &str = "a name, “1 of”, “all of”, “not” or “(”";
        let word = self.peek().ok_or(ConditionError::Ends(EXPECTED))?;
        self.at += 1;
        let quantified = self.peek().is_some_and(|next| next.eq_ignore_ascii_case("of"));
        if quantified && (is_quantifier(word) || !self.names.iter().any(|name| name == word)) {
            if !is_quantifier(word) {
                return Err(ConditionError::Unexpected {
                    word: word.to_owned(),
                    expected: "1, any or all before “of”",
                });
            }
            self.at += 1;
            return self.quantified(word);
        }
        match self.names.iter().position(|name| name == word) {
            Some(index) => Ok(Condition::Name(index)),
            None if matches!(word, ")" | "and" | "or") => {
                Err(ConditionError::Unexpected { word: word.to_owned(), expected: EXPECTED })
            }
            None => Err(ConditionError::UnknownName(word.to_owned())),
        }
    }

    fn quantified(&mut self, quantifier: &str) -> Result<Condition, ConditionError> {
        let target = self.peek().ok_or(ConditionError::Ends("a name, a pattern or “them” after “of”"))?;
        self.at += 1;
        let them = target.eq_ignore_ascii_case("them");
        let fits = |name: &str| if them { !name.starts_with('_') } else { name_fits(target, name) };
        let parts: Vec<Condition> =
            self.names.iter().enumerate().filter(|(_, name)| fits(name)).map(|(at, _)| Condition::Name(at)).collect();
        match (parts.len(), quantifier.eq_ignore_ascii_case("all")) {
            (0, _) => Err(ConditionError::NothingFits(format!("{quantifier} of {target}"))),
            (_, true) => Ok(Condition::And(parts)),
            (_, false) => Ok(Condition::Or(parts)),
        }
    }
}

fn is_quantifier(word: &str) -> bool {
    word == "1" || word.eq_ignore_ascii_case("any") || word.eq_ignore_ascii_case("all")
}

/// `*` in a name pattern stands for any text.
fn name_fits(pattern: &str, name: &str) -> bool {
    use crate::pattern::{Part, Pattern, glob};
    let mut parts = Pattern::default();
    for (at, text) in pattern.split('*').enumerate() {
        if at > 0 {
            parts.push(Part::Any);
        }
        if !text.is_empty() {
            parts.push(Part::Text(text.to_owned()));
        }
    }
    glob(&parts.0, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(condition: &Condition) -> String {
        let list = |parts: &[Condition], word: &str| {
            format!("({})", parts.iter().map(shown).collect::<Vec<_>>().join(&format!(" {word} ")))
        };
        match condition {
            Condition::Name(index) => index.to_string(),
            Condition::Not(inner) => format!("!{}", shown(inner)),
            Condition::And(parts) => list(parts, "&"),
            Condition::Or(parts) => list(parts, "|"),
        }
    }

    const NAMES: [&str; 5] = ["sel", "sel_a", "sel_b", "_hidden", "filter"];

    fn run(text: &str) -> Result<String, ConditionError> {
        parse(text, &NAMES.map(String::from)).map(|condition| shown(&condition))
    }

    #[test]
    fn precedence_and_quantifiers() {
        let check = |text: &str, expected: &str| assert_eq!(run(text).as_deref(), Ok(expected), "{text}");
        check("sel", "0");
        check("sel or sel_a and not filter", "(0 | (1 & !4))");
        check("not sel and sel_a", "(!0 & 1)");
        check("not (sel and sel_a)", "!(0 & 1)");
        check("not not sel", "!!0");
        check("1 of sel_*", "(1 | 2)");
        check("ALL OF sel*", "(0 & 1 & 2)");
        check("any of them", "(0 | 1 | 2 | 4)");
        check("all of *_*", "(1 & 2 & 3)");
        check("1 of sel", "(0)");
        check("sel and(sel_a or sel_b)", "(0 & (1 | 2))");
    }

    #[test]
    fn what_is_wrong_is_said() {
        let check = |text: &str, expected: &str| assert_eq!(run(text).unwrap_err().to_string(), expected, "{text}");
        check("", "the condition is empty");
        check("sel and", "the condition ends where a name, “1 of”, “all of”, “not” or “(” is expected");
        check("(sel", "the condition ends where a closing parenthesis is expected");
        check("sel)", "the condition has \")\" where and, or, or the end is expected");
        check("gone", "the condition names \"gone\", which the detection does not have");
        check("1 of gone*", "the condition says \"1 of gone*\", which fits no part of the detection");
        check("2 of sel*", "the condition has \"2\" where 1, any or all before “of” is expected");
        check("sel | count() > 5", "the condition aggregates with “|”, which Sigma 2 replaced by correlation rules");
        check(&"(".repeat(5_000), "the condition has more than 2000 words");
        check(&"not ".repeat(40), "the condition is nested deeper than 32 levels");
    }
}
