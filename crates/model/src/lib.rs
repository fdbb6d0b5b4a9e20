//! Features of files and command lines, tree ensembles, and why they say what they say.
//!
//! Bytes come in; a score, the threshold it is held against and the reasons in an analyst's words go out. Nothing here touches
//! a disk, a network or a clock. A model is one file of our own compact form ([`Model::load`]) that carries its
//! [`Kind`], its feature layout, its trees, its thresholds with their measured error rates, and where it came from ([`Card`]).
//!
//! ```text
//! bytes ─▶ features (a Layout: ember, elf, script, command) ─▶ ensemble ─▶ score ─▶ Judgement
//!                                                        └──▶ explain (exact TreeSHAP) ─▶ reasons
//! ```
//!
//! ```no_run
//! # fn judge(file: &[u8]) -> Result<(), model::ModelError> {
//! let model = model::Model::load(file)?;                  // once; shared between threads
//! let mut scratch = model::Scratch::default();               // one a thread: nothing is allocated from the second file on
//! let judgement = model.judge(b"\x7fELF...", &mut scratch);
//! if let Some(level) = judgement.level {
//!     println!("{} {level:?}: {:.3} >= {:?}", model.card().name, judgement.score, judgement.threshold);
//!     for reason in &judgement.reasons {
//!         println!("{:+.2} {}", reason.contribution, reason.en);
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! | module | what it holds |
//! |---|---|
//! | [`ensemble`] | trees: LightGBM's text in, our compact form in and out, prediction without allocation, exact TreeSHAP |
//! | [`explain`] | from contributions of features to a few reasons in words |
//! | [`layout`] | what a feature layout is: width, extraction, names, words |
//! | [`ember`] | EMBER2024's feature version 3: 696 general dimensions, 2,568 with those of PE |

mod bits;
mod card;
pub mod command;
pub mod elf;
pub mod ember;
pub mod ensemble;
pub mod explain;
mod lanes;
pub mod layout;
mod model;
mod recorder;
mod runs;
pub mod script;

pub use card::{Card, Kind, Level, OperatingPoint};
pub use ensemble::Ensemble;
pub use explain::Reason;
pub use layout::{Layout, Words};
pub use model::{Judgement, Model, ModelError, Scratch};

/// Every feature layout that a model can name.
pub fn layouts() -> Vec<&'static dyn Layout> {
    vec![&ember::General, &ember::Full, &elf::LAYOUT, &elf::miner::LAYOUT, &script::LAYOUT, &command::LAYOUT]
}
