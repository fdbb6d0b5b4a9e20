//! Features of files and command lines, tree ensembles, and why they say what they say.
//!
//! Bytes come in; a score, the threshold it is held against and the reasons in an analyst's words go out. Nothing here touches
//! a disk, a network or a clock. A model is one file of our own compact form (`Model::load`) that carries its
//! `Kind` (and so the layout of its features), its trees, its thresholds with their measured error rates, and where it came from.
//!
//! ```text
//! bytes ─▶ features (layout of the model's kind: ember, elf, script, command) ─▶ ensemble ─▶ score ─▶ Judgement
//!                                                                      └─▶ explain (exact TreeSHAP) ─▶ reasons
//! ```
//!
//! | module | what it holds |
//! |---|---|
//! | `ensemble` | trees: LightGBM's text in, our compact form in and out, prediction without allocation |
//! | `explain` | per-feature contributions of one prediction, and their grouping into reasons |
//! | [`layout`] | what a feature layout is: width, extraction, names, words |
//! | `ember` | EMBER2024's feature version 3: 696 general dimensions, 2,568 with those of PE |

mod card;
pub mod layout;

pub use card::{Card, Kind, Level, OperatingPoint};
pub use layout::{Layout, Words};
