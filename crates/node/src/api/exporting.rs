//! A case as a file that somebody takes away. Each download stands in the audit log, since it leaves the node.

use super::{Query, Shared, audit};
use crate::guard::Caller;
use crate::investigate;
use crate::problem::{Answer, internal, not_found};
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use console_api::{ExportLanguage, IncidentExportFormat, IncidentExportQuery};
use event::IncidentId;
use incident::export::{Format, export};
use incident::wording::Language;

pub async fn incident(
    State(node): Shared,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Query(query): Query<IncidentExportQuery>,
) -> Answer<Response> {
    let id = IncidentId(id);
    let incident = node.desk.load(&id).await?.ok_or_else(|| not_found("incident"))?;
    let asked = investigate::kept(&node, &id).await?;
    let (format, media, ending) = form(query.format.unwrap_or_default());
    let language = match query.language.unwrap_or_default() {
        ExportLanguage::En => Language::English,
        ExportLanguage::Ja => Language::Japanese,
    };
    audit(&node, &caller, "incident.export", &incident.id, ending).await?;
    let bytes = export(&incident, asked.as_ref(), format, language);
    let bytes = bytes.map_err(|error| internal("write an incident", &error))?;
    let name = format!("attachment; filename=\"{}.{ending}\"", incident.id);
    Ok(([(header::CONTENT_TYPE, media.to_owned()), (header::CONTENT_DISPOSITION, name)], bytes).into_response())
}

/// With its media type and the ending of the file's name.
const fn form(asked: IncidentExportFormat) -> (Format, &'static str, &'static str) {
    match asked {
        IncidentExportFormat::Html => (Format::Html, "text/html; charset=utf-8", "html"),
        IncidentExportFormat::Pdf => (Format::Pdf, "application/pdf", "pdf"),
        IncidentExportFormat::Json => (Format::Json, "application/json", "json"),
        IncidentExportFormat::Stix => (Format::Stix, "application/stix+json;version=2.1", "stix.json"),
        IncidentExportFormat::Navigator => (Format::Navigator, "application/json", "navigator.json"),
    }
}
