//! What is added to a checked query: the tenant at each table, the limit at the end, and short forms for labels.

use crate::error::HuntError;
use crate::guard::table_of;
use crate::query::literal;
use crate::scope::Scope;
use event::{TenantId, Timestamp};
use sqlparser::ast::{
    AccessExpr, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, LimitClause, ObjectName,
    ObjectNamePart, Query, Statement, Subscript, TableAlias, TableFactor, Value, VisitMut, VisitorMut,
};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::Parser;
use std::ops::ControlFlow;

/// Each `events` and `alerts`, however deep, becomes a subquery that holds this tenant's rows only; `label('x')` and
/// `labels['x']` become `label(labels, 'x')`, and `now()` the scope's time, so that one plan always means the same.
pub(crate) fn scope_tables(query: &mut Query, scope: &Scope) -> Result<(), HuntError> {
    let mut rewriter = Rewriter { tenant: &scope.tenant, now: scope.now };
    match VisitMut::visit(query, &mut rewriter) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(error) => Err(*error),
    }
}

struct Rewriter<'a> {
    tenant: &'a TenantId,
    now: Timestamp,
}

impl VisitorMut for Rewriter<'_> {
    type Break = Box<HuntError>;

    fn post_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<Self::Break> {
        let TableFactor::Table { name, alias, .. } = factor else { return ControlFlow::Continue(()) };
        let Some(table) = table_of(name) else { return ControlFlow::Continue(()) };
        let alias = alias.take().unwrap_or_else(|| named(table.name()));
        let sql = format!("SELECT * FROM {} WHERE tenant_id = {}", table.name(), literal(self.tenant.as_str()));
        match subquery(&sql) {
            Some(subquery) => {
                *factor = TableFactor::Derived { lateral: false, subquery, alias: Some(alias), sample: None };
                ControlFlow::Continue(())
            }
            None => ControlFlow::Break(Box::new(HuntError::Unsupported {
                what: "this tenant's name".into(),
                position: None,
            })),
        }
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<Self::Break> {
        if let Some(other) = label_call(expr).or_else(|| self.clock(expr)) {
            *expr = other;
        }
        ControlFlow::Continue(())
    }
}

impl Rewriter<'_> {
    /// The three ways to ask for the time.
    fn clock(&self, expr: &Expr) -> Option<Expr> {
        let Expr::Function(Function { name, .. }) = expr else { return None };
        let [ObjectNamePart::Identifier(ident)] = name.0.as_slice() else { return None };
        let now = format!("TIMESTAMP '{}'", self.now);
        let sql = match ident.value.to_ascii_lowercase().as_str() {
            "now" | "current_timestamp" => now,
            "current_date" => format!("CAST({now} AS DATE)"),
            _ => return None,
        };
        Parser::new(&GenericDialect {}).try_with_sql(&sql).ok()?.parse_expr().ok()
    }
}

fn named(name: &str) -> TableAlias {
    TableAlias { explicit: true, name: Ident::new(name), columns: Vec::new(), at: None }
}

fn subquery(sql: &str) -> Option<Box<Query>> {
    let parsed = Parser::parse_sql(&GenericDialect {}, sql).ok()?;
    match <[Statement; 1]>::try_from(parsed).ok()? {
        [Statement::Query(query)] => Some(query),
        _ => None,
    }
}

fn label_call(expr: &Expr) -> Option<Expr> {
    match expr {
        Expr::Function(function) if is_label(&function.name) => {
            let FunctionArguments::List(list) = &function.args else { return None };
            let [only] = list.args.as_slice() else { return None };
            let mut function = function.clone();
            let FunctionArguments::List(list) = &mut function.args else { return None };
            list.args = vec![argument(Expr::Identifier(Ident::new("labels"))), only.clone()];
            Some(Expr::Function(function))
        }
        Expr::CompoundFieldAccess { root, access_chain } => {
            let (AccessExpr::Subscript(Subscript::Index { index }), path) = access_chain.split_last()? else {
                return None;
            };
            let text = matches!(index, Expr::Value(v) if matches!(v.value, Value::SingleQuotedString(_)));
            let labels = labels_at(root, path)?;
            text.then(|| label_of(labels, index.clone()))
        }
        _ => None,
    }
}

fn is_label(name: &ObjectName) -> bool {
    matches!(name.0.as_slice(), [ObjectNamePart::Identifier(i)] if i.value.eq_ignore_ascii_case("label"))
}

/// `labels`, `e.labels`: the column itself, when the path ends there.
fn labels_at(root: &Expr, path: &[AccessExpr]) -> Option<Expr> {
    let mut parts = match root {
        Expr::Identifier(ident) => vec![ident.clone()],
        Expr::CompoundIdentifier(parts) => parts.clone(),
        _ => return None,
    };
    for step in path {
        let AccessExpr::Dot(Expr::Identifier(ident)) = step else { return None };
        parts.push(ident.clone());
    }
    let ends = parts.last().is_some_and(|p| p.value.eq_ignore_ascii_case("labels"));
    ends.then(|| match <[Ident; 1]>::try_from(parts) {
        Ok([one]) => Expr::Identifier(one),
        Err(parts) => Expr::CompoundIdentifier(parts),
    })
}

fn argument(expr: Expr) -> FunctionArg {
    FunctionArg::Unnamed(FunctionArgExpr::Expr(expr))
}

fn label_of(labels: Expr, name: Expr) -> Expr {
    Expr::Function(Function {
        name: ObjectName::from(vec![Ident::new("label")]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(sqlparser::ast::FunctionArgumentList {
            duplicate_treatment: None,
            args: vec![argument(labels), argument(name)],
            clauses: Vec::new(),
        }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    })
}

/// The outermost LIMIT is what the person asked for if that is less, else one more than the most.
pub(crate) fn limit(query: &mut Query, most: usize) -> Result<(), HuntError> {
    let unsupported = |what: &str| HuntError::Unsupported { what: what.into(), position: None };
    if query.fetch.is_some() {
        return Err(unsupported("FETCH (write LIMIT)"));
    }
    let (asked, offset) = match query.limit_clause.take() {
        None => (None, None),
        Some(LimitClause::LimitOffset { limit, offset, limit_by }) if limit_by.is_empty() => (limit, offset),
        Some(_) => return Err(unsupported("this form of LIMIT (write LIMIT n OFFSET m)")),
    };
    let asked = match asked {
        None => usize::MAX,
        Some(expr) => number(&expr).ok_or_else(|| unsupported("a LIMIT that is not a number"))?,
    };
    let rows = asked.min(most.saturating_add(1));
    query.limit_clause = Some(LimitClause::LimitOffset {
        limit: Some(Expr::value(Value::Number(rows.to_string(), false))),
        offset,
        limit_by: Vec::new(),
    });
    Ok(())
}

fn number(expr: &Expr) -> Option<usize> {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::Number(text, _) => text.parse().ok(),
            _ => None,
        },
        _ => None,
    }
}
