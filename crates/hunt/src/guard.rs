//! What a hunt may say. Everything is refused that is not known to be harmless: clauses, tables, functions, types of source.

use crate::error::{HuntError, Position};
use crate::functions::{is_allowed, nearest};
use crate::limits::position;
use crate::plan::Table;
use crate::scope::Scope;
use event::text::{clip, printable};
use sqlparser::ast::{
    Expr, FunctionArguments, Ident, ObjectName, ObjectNamePart, Query, Select, SelectItem, SetExpr, Spanned, Statement,
    TableFactor, Visit, Visitor,
};
use std::collections::BTreeSet;
use std::ops::ControlFlow;

const MAX_TABLES: usize = 24;
const MAX_QUERIES: usize = 40;

/// The tables that the query reads.
pub(crate) fn check(query: &Query, scope: &Scope) -> Result<BTreeSet<Table>, HuntError> {
    let mut names = CteNames::default();
    if let ControlFlow::Break(error) = Visit::visit(query, &mut names) {
        return Err(*error);
    }
    let mut guard = Guard { scope, ctes: names.0, tables: BTreeSet::new(), relations: 0, queries: 0 };
    match Visit::visit(query, &mut guard) {
        ControlFlow::Continue(()) => Ok(guard.tables),
        ControlFlow::Break(error) => Err(*error),
    }
}

/// `events` or `alerts`, written plainly or quoted in lower case, as the engine reads names.
pub(crate) fn table_of(name: &ObjectName) -> Option<Table> {
    let written = single(name)?;
    [Table::Events, Table::Alerts].into_iter().find(|t| t.name() == folded(written))
}

/// An unquoted name is read in lower case.
fn folded(ident: &Ident) -> String {
    match ident.quote_style {
        Some(_) => ident.value.clone(),
        None => ident.value.to_lowercase(),
    }
}

fn single(name: &ObjectName) -> Option<&Ident> {
    match name.0.as_slice() {
        [ObjectNamePart::Identifier(ident)] => Some(ident),
        _ => None,
    }
}

type Flow = ControlFlow<Box<HuntError>>;

fn refuse(error: HuntError) -> Flow {
    ControlFlow::Break(Box::new(error))
}

fn unsupported(what: &str, node: &impl Spanned) -> Flow {
    refuse(HuntError::Unsupported { what: what.into(), position: place(node) })
}

fn place(node: &impl Spanned) -> Option<Position> {
    position(node.span().start)
}

fn shown(text: &str) -> String {
    printable(clip(text, 80)).into_owned()
}

/// Names that the query gives its own parts.
#[derive(Default)]
struct CteNames(BTreeSet<String>);

impl Visitor for CteNames {
    type Break = Box<HuntError>;
    fn pre_visit_query(&mut self, query: &Query) -> Flow {
        for cte in query.with.iter().flat_map(|w| &w.cte_tables) {
            let name = folded(&cte.alias.name);
            if [Table::Events.name(), Table::Alerts.name()].contains(&name.as_str()) {
                let what = format!("a WITH that takes the name of the table {name:?}");
                return refuse(HuntError::Unsupported { what, position: position(cte.alias.name.span.start) });
            }
            self.0.insert(name);
        }
        ControlFlow::Continue(())
    }
}

struct Guard<'a> {
    scope: &'a Scope,
    ctes: BTreeSet<String>,
    tables: BTreeSet<Table>,
    relations: usize,
    queries: usize,
}

impl Guard<'_> {
    fn relation(&mut self, name: &ObjectName) -> Flow {
        self.relations += 1;
        if self.relations > MAX_TABLES {
            return refuse(HuntError::TooBig { what: "tables".into(), limit: MAX_TABLES });
        }
        if let Some(table) = table_of(name) {
            self.tables.insert(table);
            return ControlFlow::Continue(());
        }
        let known = single(name).map(folded).is_some_and(|n| self.ctes.contains(&n) || self.scope.lists.contains(&n));
        if known {
            return ControlFlow::Continue(());
        }
        refuse(HuntError::UnknownTable { name: shown(&plain_name(name)), known: self.known(), position: place(name) })
    }

    fn known(&self) -> String {
        let own = [Table::Events.name(), Table::Alerts.name()].into_iter();
        own.chain(self.scope.lists.iter().map(String::as_str)).collect::<Vec<_>>().join(", ")
    }

    fn call(&self, name: &ObjectName) -> Flow {
        let plain = single(name).map(folded).unwrap_or_else(|| name.to_string());
        if single(name).is_some() && is_allowed(&plain) {
            return ControlFlow::Continue(());
        }
        refuse(HuntError::UnknownFunction { nearest: nearest(&plain), name: shown(&plain), position: place(name) })
    }
}

fn plain_name(name: &ObjectName) -> String {
    single(name).map(|i| i.value.clone()).unwrap_or_else(|| name.to_string())
}

impl Visitor for Guard<'_> {
    type Break = Box<HuntError>;

    fn pre_visit_statement(&mut self, statement: &Statement) -> Flow {
        refuse(HuntError::NotAQuery { what: shown(&first_word(&statement.to_string())) })
    }

    fn pre_visit_query(&mut self, query: &Query) -> Flow {
        self.queries += 1;
        if self.queries > MAX_QUERIES {
            return refuse(HuntError::TooBig { what: "subqueries".into(), limit: MAX_QUERIES });
        }
        match forbidden_clause(query) {
            Some(what) => unsupported(what, query),
            None => body(&query.body),
        }
    }

    fn pre_visit_select(&mut self, select: &Select) -> Flow {
        match forbidden_part(select) {
            Some(what) => unsupported(what, select),
            None => ControlFlow::Continue(()),
        }
    }

    fn pre_visit_relation(&mut self, name: &ObjectName) -> Flow {
        self.relation(name)
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> Flow {
        match factor {
            TableFactor::Table {
                args: None,
                with_hints,
                version: None,
                with_ordinality: false,
                partitions,
                json_path: None,
                sample: None,
                index_hints,
                ..
            } if with_hints.is_empty() && partitions.is_empty() && index_hints.is_empty() => ControlFlow::Continue(()),
            TableFactor::Derived { lateral: false, sample: None, .. } | TableFactor::NestedJoin { .. } => {
                ControlFlow::Continue(())
            }
            TableFactor::Table { name, args: Some(_), .. } | TableFactor::Function { name, .. } => {
                unsupported(&format!("the table function {:?}", shown(&plain_name(name))), name)
            }
            other => unsupported("this kind of table", other),
        }
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> Flow {
        match expr {
            Expr::Function(function) => match &function.args {
                FunctionArguments::Subquery(_) => unsupported("a query as an argument", expr),
                _ if !matches!(function.parameters, FunctionArguments::None) || function.uses_odbc_syntax => {
                    unsupported("this form of call", expr)
                }
                _ => self.call(&function.name),
            },
            Expr::Convert { .. }
            | Expr::JsonAccess { .. }
            | Expr::Collate { .. }
            | Expr::Prefixed { .. }
            | Expr::MatchAgainst { .. }
            | Expr::OuterJoin(_)
            | Expr::Prior(_)
            | Expr::Lambda(_)
            | Expr::MemberOf(_)
            | Expr::InUnnest { .. }
            | Expr::Dictionary(_)
            | Expr::Struct { .. }
            | Expr::Map(_)
            | Expr::GroupingSets(_)
            | Expr::Cube(_)
            | Expr::Rollup(_) => unsupported("this expression", expr),
            _ => ControlFlow::Continue(()),
        }
    }
}

fn first_word(text: &str) -> String {
    text.split_whitespace().next().unwrap_or("this").to_owned()
}

fn body(body: &SetExpr) -> Flow {
    match body {
        SetExpr::Select(_) | SetExpr::Query(_) | SetExpr::Values(_) => ControlFlow::Continue(()),
        SetExpr::SetOperation { left, right, .. } => {
            self::body(left)?;
            self::body(right)
        }
        SetExpr::Table(_) => unsupported("TABLE (write SELECT * FROM)", body),
        other => refuse(HuntError::NotAQuery { what: shown(&first_word(&other.to_string())) }),
    }
}

fn forbidden_clause(query: &Query) -> Option<&'static str> {
    let with = query.with.as_ref();
    [
        (with.is_some_and(|w| w.recursive), "WITH RECURSIVE"),
        (with.is_some_and(|w| w.cte_tables.iter().any(|c| c.from.is_some())), "this form of WITH"),
        (query.fetch.is_some(), "FETCH (write LIMIT)"),
        (!query.locks.is_empty(), "FOR UPDATE or FOR SHARE"),
        (query.for_clause.is_some(), "FOR XML or FOR JSON"),
        (query.settings.is_some(), "SETTINGS"),
        (query.format_clause.is_some(), "FORMAT"),
        (!query.pipe_operators.is_empty(), "|>"),
    ]
    .into_iter()
    .find_map(|(there, what)| there.then_some(what))
}

fn forbidden_part(select: &Select) -> Option<&'static str> {
    let strange_item = |item: &SelectItem| matches!(item, SelectItem::ExprWithAliases { .. });
    [
        (select.into.is_some(), "SELECT INTO"),
        (select.top.is_some(), "TOP (write LIMIT)"),
        (!select.optimizer_hints.is_empty(), "an optimizer hint"),
        (select.select_modifiers.is_some(), "this modifier of SELECT"),
        (select.exclude.is_some(), "EXCLUDE"),
        (!select.lateral_views.is_empty(), "LATERAL VIEW"),
        (select.prewhere.is_some(), "PREWHERE (write WHERE)"),
        (!select.connect_by.is_empty(), "CONNECT BY"),
        (!select.cluster_by.is_empty(), "CLUSTER BY"),
        (!select.distribute_by.is_empty(), "DISTRIBUTE BY"),
        (!select.sort_by.is_empty(), "SORT BY (write ORDER BY)"),
        (select.value_table_mode.is_some(), "SELECT AS VALUE"),
        (select.projection.iter().any(strange_item), "several names for one column"),
    ]
    .into_iter()
    .find_map(|(there, what)| there.then_some(what))
}
