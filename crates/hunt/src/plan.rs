//! From the text to the plan: bound it, parse it, hold it to the rules, give it its tenant and its limit, render it.

use crate::error::{HuntError, Position};
use crate::limits::{self, plain};
use crate::{Scope, guard, rewrite};
use event::{TenantId, Timestamp};
use sqlparser::ast::{Query, Statement};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, TokenWithSpan};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The two tables of a hunt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    Events,
    Alerts,
}

impl Table {
    pub const fn name(self) -> &'static str {
        match self {
            Table::Events => "events",
            Table::Alerts => "alerts",
        }
    }
}

/// A question that is safe to run, whoever asked.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct HuntPlan {
    /// One SELECT for the engine: tenant predicate at each table, LIMIT of at most `row_limit + 1`, so that the engine can say
    /// whether there was more.
    pub sql: String,
    pub tenant: TenantId,
    pub tables: BTreeSet<Table>,
    pub row_limit: usize,
    pub time_limit: Duration,
    /// What `now()` means.
    pub now: Timestamp,
    /// Lent lists: a table of one text column `value` each.
    pub lists: BTreeMap<String, Vec<String>>,
}

impl HuntPlan {
    /// Lends the values of a list that the scope allowed.
    pub fn with_list(mut self, name: impl Into<String>, values: Vec<String>) -> Self {
        self.lists.insert(name.into(), values);
        self
    }
}

const RECURSION: usize = 60;

/// # Errors
/// The person's mistake, worded, with its place where it has one.
pub fn plan(sql: &str, scope: &Scope) -> Result<HuntPlan, HuntError> {
    let mut query = parse(limits::tokens(sql)?)?;
    let tables = guard::check(&query, scope)?;
    rewrite::scope_tables(&mut query, scope)?;
    rewrite::limit(&mut query, scope.row_limit)?;
    let sql = render(query)?;
    Ok(HuntPlan {
        sql,
        tenant: scope.tenant.clone(),
        tables,
        row_limit: scope.row_limit,
        time_limit: scope.time_limit,
        now: scope.now,
        lists: BTreeMap::new(),
    })
}

fn parse(tokens: Vec<TokenWithSpan>) -> Result<Query, HuntError> {
    let meaningful = |t: &&TokenWithSpan| !matches!(t.token, Token::Whitespace(_) | Token::SemiColon | Token::EOF);
    let first = tokens.iter().find(meaningful).ok_or(HuntError::Empty)?.clone();
    if let Some(what) = not_a_query(&first.token) {
        return Err(HuntError::NotAQuery { what });
    }
    let end = tokens.last().and_then(|t| limits::position(t.span.end));
    let mut parser = Parser::new(&GenericDialect {}).with_recursion_limit(RECURSION).with_tokens_with_locations(tokens);
    while parser.consume_token(&Token::SemiColon) {}
    let statement = parser.parse_statement().map_err(|e| syntax(e, &parser, end))?;
    while parser.consume_token(&Token::SemiColon) {}
    let next = parser.peek_token();
    if next.token != Token::EOF {
        let position = limits::position(next.span.start);
        let begins = matches!(&next.token, Token::Word(w) if w.keyword != sqlparser::keywords::Keyword::NoKeyword);
        return Err(match begins {
            true => HuntError::ManyStatements { position },
            false => HuntError::Syntax { message: format!("nothing is expected at {}", shown(&next.token)), position },
        });
    }
    match statement {
        Statement::Query(query) => Ok(*query),
        _ => Err(HuntError::NotAQuery { what: shown(&first.token) }),
    }
}

/// The word that shows at once that this is no question.
fn not_a_query(token: &Token) -> Option<String> {
    match token {
        Token::Word(word) if matches!(word.value.to_ascii_uppercase().as_str(), "SELECT" | "WITH") => None,
        Token::LParen => None,
        other => Some(shown(other)),
    }
}

fn shown(token: &Token) -> String {
    let text = token.to_string();
    event::text::printable(event::text::clip(&text, 40)).into_owned()
}

fn syntax(error: ParserError, parser: &Parser<'_>, end: Option<Position>) -> HuntError {
    let position = limits::position(parser.peek_token().span.start).or(end);
    match error {
        ParserError::TokenizerError(message) | ParserError::ParserError(message) => {
            HuntError::Syntax { message: plain(&message), position }
        }
        ParserError::RecursionLimitExceeded => HuntError::TooBig { what: "nesting".into(), limit: RECURSION },
    }
}

/// The text is read back and compared, so that what the engine reads is what was checked, whatever a quote or comment did.
fn render(query: Query) -> Result<String, HuntError> {
    let statement = Statement::Query(Box::new(query));
    let sql = statement.to_string();
    let again = Parser::new(&GenericDialect {})
        .with_recursion_limit(RECURSION + 20)
        .try_with_sql(&sql)
        .and_then(|mut parser| parser.parse_statements());
    match again.as_deref() {
        Ok([same]) if *same == statement => Ok(sql),
        _ => Err(HuntError::Unsupported {
            what: "a construct that does not read back as it was written".into(),
            position: None,
        }),
    }
}
