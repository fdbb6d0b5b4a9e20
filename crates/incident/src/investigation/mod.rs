//! What an analyst would ask next, asked and answered by the node itself. Pure: an incident and the catalogue give the
//! questions ([`plan`]), what came back gives the answers ([`answer()`]), answers and alerts together weigh the hypotheses
//! ([`conclude`]). Running hunts and asking hosts is the node's.
//!
//! The catalogue is data, `content/investigation/*.toml`: each question in English and Japanese, what it is about, how it is
//! answered (SQL over what is stored, or a collection from the host) and what each answer speaks for or against.
//!
//! A weight is a vote, no probability: what it rests on is shown beside it, and a question that got no answer has none.

mod answer;
mod catalogue;
mod model;
mod plan;
mod subject;
mod table;
mod weigh;

pub use answer::{answer, unanswered};
pub use catalogue::{Catalogue, CatalogueError, Collect, Question};
pub use model::*;
pub use plan::{Ask, How, plan};
pub use subject::About;
pub use table::Table;
pub use weigh::conclude;
