//! The engine's errors in words for the person who asked. What it said itself goes to the log only: it names insides, and
//! paths.

use super::deadline::TimeIsUp;
use super::error::HuntFailure;
use datafusion::common::SchemaError;
use datafusion::error::DataFusionError;

/// What an error's text holds, and what to say then.
const KNOWN: [(&str, &str); 14] = [
    ("group by", "a selected column is neither grouped by nor inside an aggregate such as count()"),
    (
        "could not be resolved from available columns",
        "a selected column is neither grouped by nor inside an aggregate such as count()",
    ),
    ("coerce", "values of types that do not go together are compared, combined or passed to a function"),
    ("cannot infer common", "values of types that do not go together are compared or combined"),
    ("no function matches", "a function is called with arguments of a type or number that it does not take"),
    ("signature", "a function is called with arguments of a type or number that it does not take"),
    ("failed to match", "a function is called with arguments of a type or number that it does not take"),
    ("regular expression", "a regular expression is not valid"),
    ("regex", "a regular expression is not valid"),
    ("parsing timestamp", "a time cannot be read; write it as TIMESTAMP '2026-01-31T12:00:00Z'"),
    ("cast", "a value cannot be read as the type it is compared with or cast to"),
    ("divide by zero", "something is divided by zero"),
    ("not found", "a table is used outside the WITH or subquery that names it"),
    ("subquery", "this form of subquery is not possible here"),
];

pub(super) fn worded(error: DataFusionError) -> HuntFailure {
    tracing::debug!(%error, "the engine refused a hunt");
    if let DataFusionError::External(cause) = error.find_root()
        && let Some(TimeIsUp(limit)) = cause.downcast_ref()
    {
        return HuntFailure::TimeLimit(*limit);
    }
    match error.find_root() {
        DataFusionError::ResourcesExhausted(_) => HuntFailure::MemoryLimit,
        DataFusionError::SchemaError(schema, _) => schema_error(schema),
        DataFusionError::ParquetError(_) | DataFusionError::ObjectStore(_) | DataFusionError::IoError(_) => {
            tracing::error!(%error, "a segment cannot be read");
            HuntFailure::Damaged
        }
        DataFusionError::ArrowError(arrow, _) => {
            by_text(&arrow.to_string()).unwrap_or_else(|| unfit("a value does not fit"))
        }
        DataFusionError::NotImplemented(_) => unfit("the engine cannot do one of its parts yet"),
        DataFusionError::SQL(..) => unfit("a part of it is not understood by the engine"),
        root @ (DataFusionError::Plan(_) | DataFusionError::Execution(_) | DataFusionError::Configuration(_)) => {
            by_text(&root.to_string()).unwrap_or_else(|| unfit("a part of it cannot be carried out on these columns"))
        }
        root => by_text(&root.to_string()).unwrap_or_else(|| {
            tracing::error!(%error, "a hunt failed inside the engine");
            HuntFailure::Internal
        }),
    }
}

fn by_text(text: &str) -> Option<HuntFailure> {
    let text = text.to_lowercase();
    KNOWN.iter().find(|(part, _)| text.contains(part)).map(|(_, say)| unfit(say))
}

fn unfit(say: &str) -> HuntFailure {
    HuntFailure::Unfit(say.to_owned())
}

fn schema_error(error: &SchemaError) -> HuntFailure {
    match error {
        SchemaError::FieldNotFound { field, valid_fields } => {
            let name = event::text::printable(event::text::clip(&field.name, 80)).into_owned();
            let nearest = hunt::nearest_of(&name, valid_fields.iter().map(|f| f.name.as_str()));
            HuntFailure::UnknownColumn { name, nearest }
        }
        SchemaError::AmbiguousReference { field } => {
            let name = event::text::printable(event::text::clip(&field.name, 80));
            HuntFailure::Unfit(format!("the column {name:?} stands in more than one table; write table.{name}"))
        }
        SchemaError::DuplicateQualifiedField { name, .. } | SchemaError::DuplicateUnqualifiedField { name } => {
            let name = event::text::printable(event::text::clip(name, 80));
            HuntFailure::Unfit(format!("the column {name:?} is selected twice; give one of them another name with AS"))
        }
    }
}
