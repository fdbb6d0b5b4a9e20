//! A fact read by name.

use crate::{Column, Sha256, Timestamp};
use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

/// One fact of an event. Borrowed where it can be; [`fmt::Display`] gives the text that rules match and people read.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    Str(Cow<'a, str>),
    U64(u64),
    I64(i64),
    Bool(bool),
    Time(Timestamp),
    Ip(IpAddr),
    Digest(Sha256),
}

impl<'a> Value<'a> {
    pub fn str(text: &'a str) -> Self {
        Value::Str(Cow::Borrowed(text))
    }

    /// The same, borrowing from nobody.
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Value::Str(text) => Value::Str(Cow::Owned(text.into_owned())),
            Value::U64(n) => Value::U64(n),
            Value::I64(n) => Value::I64(n),
            Value::Bool(b) => Value::Bool(b),
            Value::Time(t) => Value::Time(t),
            Value::Ip(ip) => Value::Ip(ip),
            Value::Digest(digest) => Value::Digest(digest),
        }
    }

    /// The text of the value; borrows for strings.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Value::Str(text) => Cow::Borrowed(text),
            other => Cow::Owned(other.to_string()),
        }
    }
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Str(text) => f.write_str(text),
            Value::U64(n) => n.fmt(f),
            Value::I64(n) => n.fmt(f),
            Value::Bool(b) => b.fmt(f),
            Value::Time(t) => t.fmt(f),
            Value::Ip(ip) => ip.fmt(f),
            Value::Digest(digest) => digest.fmt(f),
        }
    }
}

/// Anything whose facts can be read by ECS column: a live [`crate::Event`], a stored [`crate::Row`], a foreign log line.
pub trait Fields {
    /// None when the event does not carry the fact.
    fn field(&self, column: Column) -> Option<Value<'_>>;
    /// A fact outside the typed columns, by its name in the `labels` map.
    fn label(&self, name: &str) -> Option<Cow<'_, str>>;
    /// Calls `visit` for each fact outside the typed columns.
    fn each_label(&self, visit: &mut dyn FnMut(&str, &str));
}
