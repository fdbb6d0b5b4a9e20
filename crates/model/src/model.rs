//! A model as the scanner holds it: trees, the layout that feeds them, and the card that says what a score is worth.

use crate::ensemble::{CompactError, Ensemble, ExplainError, Walkway};
use crate::explain::{self, Reason};
use crate::{Card, Kind, Layout, Level, layouts};
use serde::Serialize;

/// Why a model file is not used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ModelError {
    #[error(transparent)]
    File(#[from] CompactError),
    #[error("the model's card: {0}")]
    Card(String),
    #[error("the model was trained on the feature layout {0:?}, which this program does not have")]
    Layout(String),
    #[error("the model takes {model} features; the layout {layout} has {width}")]
    Width { model: usize, layout: &'static str, width: usize },
    #[error("feature {index} of the model is {model:?}; in the layout it is {layout:?}")]
    Feature { index: usize, model: String, layout: String },
    #[error("the model gives {0} values; a score is one")]
    Outputs(usize),
    #[error("the model cannot say why: {0}")]
    Unexplained(#[from] ExplainError),
}

/// Ready to judge; shared between threads, each with a [`Scratch`] of its own.
pub struct Model {
    card: Card,
    ensemble: Ensemble,
    layout: &'static dyn Layout,
}

/// Room that is kept between judgements, and the last row judged.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    row: Vec<f32>,
    contributions: Vec<f64>,
    walk: Walkway,
}

impl Scratch {
    /// The features of what was judged last.
    pub fn row(&self) -> &[f32] {
        &self.row
    }
}

/// What a model says of one file or command line.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Judgement {
    /// 0 to 1 for a binary model.
    pub score: f64,
    /// Before the objective's transform (log-odds): what the reasons add up to.
    pub raw: f64,
    /// The highest level whose threshold the score reaches.
    pub level: Option<Level>,
    /// The threshold it was held against: that of `level`, else the lowest of the model.
    pub threshold: Option<f64>,
    /// The false-positive rate measured at that threshold.
    pub false_positive_rate: Option<f64>,
    /// Heaviest first; empty below every threshold (ask [`Model::reasons`]).
    pub reasons: Vec<Reason>,
}

impl Model {
    /// Reasons that a judgement carries.
    pub const REASONS: usize = 8;

    /// Reads a model file, checks everything in it.
    pub fn load(file: &[u8]) -> Result<Self, ModelError> {
        let (ensemble, card) = Ensemble::from_compact(file)?;
        let card = serde_json::from_slice(card).map_err(|error| ModelError::Card(error.to_string()))?;
        Model::new(ensemble, card)
    }

    /// For the trainer, and for models of others (`Ensemble::from_lightgbm`): trees and what is known about them.
    pub fn new(ensemble: Ensemble, card: Card) -> Result<Self, ModelError> {
        let layout = layouts()
            .into_iter()
            .find(|layout| layout.id() == card.layout)
            .ok_or_else(|| ModelError::Layout(card.layout.chars().take(60).collect()))?;
        if ensemble.outputs() != 1 {
            return Err(ModelError::Outputs(ensemble.outputs()));
        }
        if ensemble.features() != layout.width() {
            return Err(ModelError::Width { model: ensemble.features(), layout: layout.id(), width: layout.width() });
        }
        for (index, name) in ensemble.feature_names().enumerate() {
            // A trainer that was given no names calls them so; then the width must do.
            let unnamed = name.strip_prefix("Column_").is_some_and(|n| n.parse() == Ok(index));
            if !unnamed && name != layout.name(index) {
                let model = name.chars().take(60).collect();
                return Err(ModelError::Feature { index, model, layout: layout.name(index).into_owned() });
            }
        }
        ensemble.explainable()?;
        check_points(&card)?;
        Ok(Model { card, ensemble, layout })
    }

    /// The file that [`Model::load`] reads.
    pub fn to_file(&self) -> Result<Vec<u8>, ModelError> {
        let card = serde_json::to_vec(&self.card).map_err(|error| ModelError::Card(error.to_string()))?;
        Ok(self.ensemble.to_compact(&card)?)
    }

    pub fn kind(&self) -> Kind {
        self.card.kind
    }

    pub fn card(&self) -> &Card {
        &self.card
    }

    pub fn ensemble(&self) -> &Ensemble {
        &self.ensemble
    }

    pub fn layout(&self) -> &'static dyn Layout {
        self.layout
    }

    /// Judges a file's bytes, or a command line. Reasons are made only for what reaches a threshold.
    pub fn judge(&self, bytes: &[u8], scratch: &mut Scratch) -> Judgement {
        self.layout.extract(bytes, &mut scratch.row);
        scratch.row.resize(self.layout.width(), 0.0);
        self.judge_row(scratch)
    }

    /// Judges features that stand in a row already (training, a stored event).
    pub fn judge_features(&self, row: &[f32], scratch: &mut Scratch) -> Judgement {
        scratch.row.clear();
        scratch.row.extend_from_slice(row);
        scratch.row.resize(self.layout.width(), 0.0);
        self.judge_row(scratch)
    }

    fn judge_row(&self, scratch: &mut Scratch) -> Judgement {
        let mut score = [0.0];
        // The shape was checked when the model was made.
        let shape = self.ensemble.predict_raw(&scratch.row, &mut score);
        debug_assert!(shape.is_ok());
        let raw = score[0];
        self.ensemble.finish(&mut score);
        let [score] = score;
        let reached = self.card.points.iter().filter(|point| score >= point.threshold).max_by_key(|point| point.level);
        let held = reached.or_else(|| self.card.points.iter().min_by(|a, b| a.threshold.total_cmp(&b.threshold)));
        let mut judgement = Judgement {
            score,
            raw,
            level: reached.map(|point| point.level),
            threshold: held.map(|point| point.threshold),
            false_positive_rate: held.map(|point| point.false_positive_rate),
            reasons: Vec::new(),
        };
        if reached.is_some() {
            judgement.reasons = self.reasons(scratch, Self::REASONS);
        }
        judgement
    }

    /// The `most` heaviest reasons for what was last judged with this scratch.
    pub fn reasons(&self, scratch: &mut Scratch, most: usize) -> Vec<Reason> {
        scratch.row.resize(self.layout.width(), 0.0);
        scratch.contributions.resize(self.layout.width() + 1, 0.0);
        let known = self.ensemble.contributions(&scratch.row, &mut scratch.walk, &mut scratch.contributions);
        debug_assert!(known.is_ok(), "checked when the model was made");
        explain::reasons(self.layout, &scratch.row, &scratch.contributions, most)
    }
}

/// Thresholds are numbers, one a level, and the surer level has the higher one.
fn check_points(card: &Card) -> Result<(), ModelError> {
    let bad = |what: &str| Err(ModelError::Card(what.to_owned()));
    for (index, point) in card.points.iter().enumerate() {
        if !point.threshold.is_finite() || !(0.0..=1.0).contains(&point.false_positive_rate) {
            return bad("a threshold or its rate is no such number");
        }
        if card.points[..index].iter().any(|other| other.level == point.level) {
            return bad("two thresholds for one level");
        }
        if card.points.iter().any(|other| other.level > point.level && other.threshold < point.threshold) {
            return bad("the surer level has the lower threshold");
        }
    }
    Ok(())
}
