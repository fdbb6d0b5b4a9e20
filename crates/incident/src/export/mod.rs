//! An incident for somebody else: a page to print or to file, a PDF, a STIX bundle for who shares, a layer for the ATT&CK
//! Navigator; with what the node asked about it and found, where it has. Pure and repeatable: the same incident gives the same
//! bytes, so two exports can be compared.

mod escape;
mod html;
mod navigator;
mod pdf;
mod stix;
mod uuid;

pub use navigator::{Marked, score};

use crate::investigation::Investigation;
use crate::model::Incident;
use crate::wording::Language;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The incident as the API gives it, its investigation under `investigation`.
    Json,
    /// One page without scripts or foreign parts; prints to paper or PDF.
    Html,
    /// A4 pages, for a file that is signed or sent.
    Pdf,
    /// OASIS STIX 2.1: a bundle with a report, its attack patterns and what was observed.
    Stix,
    /// A layer of the ATT&CK Navigator, version 4.5.
    Navigator,
}

/// An incident as the API gives it, and what the node asked about it.
#[derive(serde::Serialize)]
struct Case<'a> {
    #[serde(flatten)]
    incident: &'a Incident,
    #[serde(skip_serializing_if = "Option::is_none")]
    investigation: Option<&'a Investigation>,
}

/// The language matters to the page only: STIX and Navigator are read by programs, and speak English.
pub fn export(
    incident: &Incident,
    investigation: Option<&Investigation>,
    format: Format,
    language: Language,
) -> serde_json::Result<Vec<u8>> {
    match format {
        Format::Json => pretty(&Case { incident, investigation }),
        Format::Html => Ok(html::page(incident, investigation, language).into_bytes()),
        Format::Pdf => Ok(pdf::report(incident, investigation, language)),
        Format::Stix => pretty(&stix::bundle(incident, investigation)),
        Format::Navigator => pretty(&navigator::layer(incident)),
    }
}

/// Techniques that are no incident's as a layer of the ATT&CK Navigator; `facts` stand in its metadata.
pub fn navigator_layer(
    name: &str,
    description: &str,
    techniques: &[Marked],
    facts: &[(&str, String)],
) -> serde_json::Result<Vec<u8>> {
    pretty(&navigator::of(name, description, techniques, facts))
}

fn pretty(value: &impl serde::Serialize) -> serde_json::Result<Vec<u8>> {
    let mut text = serde_json::to_vec_pretty(value)?;
    text.push(b'\n');
    Ok(text)
}
