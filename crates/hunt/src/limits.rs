//! Size before meaning: the text is cut into tokens and counted before anything recursive touches it. Long chains of
//! operators count too, since each makes the tree one deeper.

use crate::error::{HuntError, Position};
use sqlparser::dialect::GenericDialect;
use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer};

pub(crate) const MAX_BYTES: usize = 64 * 1024;
const MAX_TOKENS: usize = 20_000;
const MAX_OPERATORS: usize = 400;
const MAX_NESTING: usize = 40;

/// Tokens of a text that is small enough to be parsed.
pub(crate) fn tokens(sql: &str) -> Result<Vec<TokenWithSpan>, HuntError> {
    bound("characters", sql.len(), MAX_BYTES)?;
    let tokens = Tokenizer::new(&GenericDialect {}, sql)
        .tokenize_with_location()
        .map_err(|e| HuntError::Syntax { message: plain(&e.message), position: position(e.location) })?;
    bound("words and signs", tokens.len(), MAX_TOKENS)?;
    bound("operators", tokens.iter().filter(|t| is_operator(&t.token)).count(), MAX_OPERATORS)?;
    bound("nested brackets", nesting(&tokens), MAX_NESTING)?;
    Ok(tokens)
}

pub(crate) fn position(location: Location) -> Option<Position> {
    (location.line > 0).then_some(Position { line: location.line, column: location.column })
}

/// The parser's message without its own notion of where.
pub(crate) fn plain(message: &str) -> String {
    let cut = message.find(" at Line").unwrap_or(message.len());
    event::text::printable(event::text::clip(&message[..cut], 300)).into_owned()
}

fn bound(what: &str, count: usize, limit: usize) -> Result<(), HuntError> {
    if count > limit {
        return Err(HuntError::TooBig { what: format!("{count} {what}"), limit });
    }
    Ok(())
}

/// Everything that makes an expression or a query one deeper without a bracket.
fn is_operator(token: &Token) -> bool {
    match token {
        Token::Word(word) => {
            word.quote_style.is_none()
                && matches!(
                    word.value.to_ascii_uppercase().as_str(),
                    "AND"
                        | "OR"
                        | "NOT"
                        | "UNION"
                        | "INTERSECT"
                        | "EXCEPT"
                        | "MINUS"
                        | "JOIN"
                        | "IS"
                        | "AT"
                        | "CASE"
                        | "COLLATE"
                        | "LIKE"
                        | "ILIKE"
                        | "BETWEEN"
                        | "XOR"
                        | "DIV"
                        | "SELECT"
                        | "IN"
                )
        }
        Token::Comma
        | Token::Whitespace(_)
        | Token::LParen
        | Token::RParen
        | Token::Period
        | Token::Number(..)
        | Token::SingleQuotedString(_)
        | Token::EOF
        | Token::SemiColon => false,
        _ => true,
    }
}

fn nesting(tokens: &[TokenWithSpan]) -> usize {
    let (mut depth, mut deepest) = (0usize, 0usize);
    for token in tokens {
        match token.token {
            Token::LParen | Token::LBracket | Token::LBrace => depth += 1,
            Token::RParen | Token::RBracket | Token::RBrace => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}
