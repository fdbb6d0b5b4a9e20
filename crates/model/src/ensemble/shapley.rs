//! Why a prediction is what it is: exact Shapley values of the features (path-dependent TreeSHAP, Lundberg et al. 2018,
//! algorithm 2), the same numbers as LightGBM's `pred_contrib`. They and the last value, which is what the model says of nothing
//! in particular, add up to the raw score. `explain` then puts them into words.
//!
//! A tree costs leaves × depth²; a model for which that is absurd, or which does not say how many rows came through its nodes,
//! is not explained. Nothing is allocated once a [`Walkway`] fits.

use super::{Ensemble, ShapeError};

/// Leaves × depth² above which a model is not explained: minutes of one core.
const MAX_COST: u128 = 10_000_000_000;

/// Why there is no explanation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExplainError {
    #[error(transparent)]
    Shape(#[from] ShapeError),
    #[error("the model does not say how many rows came through each of its nodes")]
    NoCover,
    #[error("the model is too large to explain: {0} steps")]
    TooCostly(u128),
}

/// Room for the walk, kept between explanations.
#[derive(Clone, Debug, Default)]
pub struct Walkway {
    path: Vec<Step>,
}

/// A feature on the way from the root.
#[derive(Clone, Copy, Debug, Default)]
struct Step {
    feature: usize,
    /// Share of the training rows that go this way when the feature is unknown.
    unknown: f64,
    /// 1 if the row itself goes this way, else 0.
    known: f64,
    /// Weight of the subsets with as many known features as this step's position.
    weight: f64,
}

impl Ensemble {
    /// Whether [`Ensemble::contributions`] can answer.
    pub fn explainable(&self) -> Result<(), ExplainError> {
        if self.cover.is_empty() {
            return Err(ExplainError::NoCover);
        }
        let cost = self.nodes.len() as u128 / 2 * (self.depth as u128).pow(2);
        if cost > MAX_COST { Err(ExplainError::TooCostly(cost)) } else { Ok(()) }
    }

    /// Contribution of each feature to the raw score, then the model's expected raw score: `features() + 1` values for each
    /// output, one output after the other. For a forest that averages they belong to the sum, as LightGBM's do.
    pub fn contributions<T: Copy + Into<f64>>(
        &self,
        row: &[T],
        scratch: &mut Walkway,
        out: &mut [f64],
    ) -> Result<(), ExplainError> {
        let width = self.features() + 1;
        self.fits(row.len(), out.len() / width)?;
        if !out.len().is_multiple_of(width) {
            return Err(ShapeError {
                expected_features: self.features(),
                expected_outputs: self.outputs(),
                features: row.len(),
                outputs: out.len(),
            }
            .into());
        }
        self.explainable()?;
        out.fill(0.0);
        let levels = self.depth + 2;
        scratch.path.resize((levels * (levels + 1) / 2).max(scratch.path.len()), Step::default());
        for (tree, &root) in self.roots.iter().enumerate() {
            let end = self.roots.get(tree + 1).map_or(self.nodes.len(), |next| *next as usize);
            let output = tree % self.outputs;
            let values = &mut out[output * width..(output + 1) * width];
            values[width - 1] += self.expected(root as usize, end);
            if !self.nodes[root as usize].is_leaf() {
                let start = Step { feature: usize::MAX, unknown: 1.0, known: 1.0, weight: 0.0 };
                Walk { ensemble: self, row, out: values }.visit(root as usize, &mut scratch.path, 0, start);
            }
        }
        Ok(())
    }

    /// Mean of a tree's leaves, weighed by rows.
    fn expected(&self, root: usize, end: usize) -> f64 {
        if self.nodes[root].is_leaf() {
            return self.nodes[root].value;
        }
        let rows = f64::from(self.cover[root]);
        (root..end)
            .filter(|at| self.nodes[*at].is_leaf())
            .map(|at| f64::from(self.cover[at]) / rows * self.nodes[at].value)
            .sum()
    }
}

struct Walk<'a, T> {
    ensemble: &'a Ensemble,
    row: &'a [T],
    out: &'a mut [f64],
}

impl<T: Copy + Into<f64>> Walk<'_, T> {
    /// `room` begins with the parent's path of `depth` steps; this node's own follows behind it, so that siblings start from the
    /// same one.
    fn visit(&mut self, at: usize, room: &mut [Step], mut depth: usize, step: Step) {
        let (parent, room) = room.split_at_mut(depth);
        room[..depth].copy_from_slice(parent);
        extend(room, depth, step);
        let node = &self.ensemble.nodes[at];
        if node.is_leaf() {
            self.leaf(&room[..=depth], node.value);
            return;
        }
        let (left, right) = (at + 1, node.right as usize);
        let feature = node.feature();
        let goes_left = self.ensemble.goes_left(node, self.row[feature].into());
        let rows = f64::from(self.ensemble.cover[at]);
        // A feature that was already asked on this way leaves its step and comes again with both answers in one.
        let (mut unknown, mut known) = (1.0, 1.0);
        if let Some(before) = (1..=depth).find(|i| room[*i].feature == feature) {
            (unknown, known) = (room[before].unknown, room[before].known);
            unwind(room, depth, before);
            depth -= 1;
        }
        for (child, taken) in [(left, goes_left), (right, !goes_left)] {
            let share = f64::from(self.ensemble.cover[child]) / rows;
            let known = if taken { known } else { 0.0 };
            let step = Step { feature, unknown: unknown * share, known, weight: 0.0 };
            self.visit(child, room, depth + 1, step);
        }
    }

    fn leaf(&mut self, path: &[Step], value: f64) {
        let last = path.len() - 1;
        let size = path.len() as f64;
        // For every feature whose answer led away from here the sum is the same, so it is made once.
        let mut away = None;
        for step in &path[1..] {
            if step.known == 0.0 {
                let sum = *away.get_or_insert_with(|| {
                    path[..last].iter().enumerate().map(|(i, step)| step.weight * size / (last - i) as f64).sum::<f64>()
                });
                self.out[step.feature] -= sum * value;
                continue;
            }
            let mut next = path[last].weight;
            let mut sum = 0.0;
            for i in (0..last).rev() {
                let weight = next * size / ((i + 1) as f64 * step.known);
                sum += weight;
                next = path[i].weight - weight * step.unknown * (last - i) as f64 / size;
            }
            self.out[step.feature] += sum * (step.known - step.unknown) * value;
        }
    }
}

/// Puts `step` at the end of the first `length` and spreads the weights.
fn extend(path: &mut [Step], length: usize, step: Step) {
    path[length] = Step { weight: if length == 0 { 1.0 } else { 0.0 }, ..step };
    let size = (length + 1) as f64;
    for i in (0..length).rev() {
        path[i + 1].weight += step.known * path[i].weight * (i + 1) as f64 / size;
        path[i].weight *= step.unknown * (length - i) as f64 / size;
    }
}

/// Takes the step at `index` out again; `last` is the position of the last one.
fn unwind(path: &mut [Step], last: usize, index: usize) {
    let Step { known, unknown, .. } = path[index];
    let size = (last + 1) as f64;
    let mut next = path[last].weight;
    for i in (0..last).rev() {
        if known == 0.0 {
            path[i].weight *= size / (unknown * (last - i) as f64);
        } else {
            let before = path[i].weight;
            path[i].weight = next * size / ((i + 1) as f64 * known);
            next = before - path[i].weight * unknown * (last - i) as f64 / size;
        }
    }
    for i in index..last {
        let weight = path[i].weight;
        path[i] = Step { weight, ..path[i + 1] };
    }
}
