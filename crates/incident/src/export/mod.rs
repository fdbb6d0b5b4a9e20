//! An incident for somebody else: a page to print or to file, a STIX bundle for who shares, a layer for the ATT&CK
//! Navigator. Pure and repeatable: the same incident gives the same bytes, so two exports can be compared.

mod escape;
mod html;
mod navigator;
mod stix;
mod uuid;

use crate::model::Incident;
use crate::wording::Language;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The incident as the API gives it.
    Json,
    /// One page without scripts or foreign parts; prints to paper or PDF.
    Html,
    /// OASIS STIX 2.1: a bundle with a report, its attack patterns and what was observed.
    Stix,
    /// A layer of the ATT&CK Navigator, version 4.5.
    Navigator,
}

/// The language matters to the page only: STIX and Navigator are read by programs, and speak English.
pub fn export(incident: &Incident, format: Format, language: Language) -> serde_json::Result<String> {
    match format {
        Format::Json => pretty(incident),
        Format::Html => Ok(html::page(incident, language)),
        Format::Stix => pretty(&stix::bundle(incident)),
        Format::Navigator => pretty(&navigator::layer(incident)),
    }
}

fn pretty(value: &impl serde::Serialize) -> serde_json::Result<String> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    Ok(text)
}
