//! A tree ensemble in one flat array, made from LightGBM's text ([`text`]) or from our compact form ([`compact`]).
//!
//! Nodes of all trees stand in one vector in preorder, 16 bytes each: the left child is the next node, the right child's index
//! is stored and always larger, so that a walk goes forward only and ends whatever a file says. A prediction
//! allocates nothing. Sums are made in LightGBM's order, in `f64`, so that results are the same to the last bit.
//!
//! It deliberately has no linear trees and no early stopping.

pub mod compact;
mod objective;
mod shapley;
pub mod text;

pub use compact::CompactError;
pub use objective::Objective;
pub use shapley::{ExplainError, Walkway};
pub use text::TextError;

/// Most nodes of all trees together (128 MB in memory); EMBER2024's models have 64,000.
pub const MAX_NODES: usize = 8 << 20;
/// Most features; a node has 24 bits for the index.
pub const MAX_FEATURES: usize = 1 << 20;
/// Most outputs of a multiclass model.
pub const MAX_CLASSES: usize = 4096;
/// Longest way from a root to a leaf.
pub const MAX_DEPTH: usize = 1024;

/// LightGBM takes what is closer to zero than this as zero.
const ZERO: f64 = 1e-35_f32 as f64;

const CATEGORICAL: u32 = 1;
const DEFAULT_LEFT: u32 = 2;
const MISSING_SHIFT: u32 = 2;
const MISSING_ZERO: u32 = 1;
const MISSING_NAN: u32 = 2;
const LEAF: u32 = 1 << 4;
const FLAG_BITS: u32 = 8;

/// A split or a leaf.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
struct Node {
    /// Threshold (`<=` goes left), value of a leaf, or for a categorical split the bits of
    /// `first word << 32 | number of words` in [`Ensemble::categories`].
    value: f64,
    /// Feature index in the upper 24 bits, flags in the lower 8.
    feature_flags: u32,
    /// Index of the right child; the left one is the next node. Unused in a leaf.
    right: u32,
}

impl Node {
    fn is_leaf(&self) -> bool {
        self.feature_flags & LEAF != 0
    }

    fn feature(&self) -> usize {
        (self.feature_flags >> FLAG_BITS) as usize
    }
}

/// Trees, and how their sum becomes a score.
#[derive(Clone, Debug, PartialEq)]
pub struct Ensemble {
    nodes: Vec<Node>,
    /// Training rows that came through each node; empty when the model does not say so of every node, and then nothing can be
    /// explained.
    cover: Vec<u32>,
    /// Index of each tree's root. Tree `i` counts for output `i % outputs`.
    roots: Vec<u32>,
    /// Bit sets of categorical splits.
    categories: Vec<u32>,
    feature_names: Vec<Box<str>>,
    objective: Objective,
    outputs: usize,
    /// Random forests: the sum is divided by the number of iterations.
    average: bool,
    /// Longest way from a root to a leaf, in splits.
    depth: usize,
}

/// The row does not have the model's number of features, or the output its number of classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the model takes {expected_features} features and gives {expected_outputs} values; {features} and {outputs} were handed in"
)]
pub struct ShapeError {
    pub expected_features: usize,
    pub expected_outputs: usize,
    pub features: usize,
    pub outputs: usize,
}

impl Ensemble {
    /// Number of features a row must have.
    pub fn features(&self) -> usize {
        self.feature_names.len()
    }

    /// Number of values a prediction gives: 1, or the number of classes.
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    pub fn trees(&self) -> usize {
        self.roots.len()
    }

    /// Splits and leaves of all trees.
    pub fn nodes(&self) -> usize {
        self.nodes.len()
    }

    /// Longest way from a root to a leaf, in splits.
    pub fn depth(&self) -> usize {
        self.depth
    }

    pub fn objective(&self) -> Objective {
        self.objective
    }

    pub fn feature_names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.feature_names.iter().map(AsRef::as_ref)
    }

    /// Sums of the leaves: LightGBM's `raw_score`.
    pub fn predict_raw<T: Copy + Into<f64>>(&self, row: &[T], out: &mut [f64]) -> Result<(), ShapeError> {
        self.fits(row.len(), out.len())?;
        out.fill(0.0);
        let mut output = 0;
        for &root in &self.roots {
            out[output] += self.leaf(root, row);
            output += 1;
            if output == self.outputs {
                output = 0;
            }
        }
        Ok(())
    }

    /// Scores as LightGBM's `predict` gives them: averaged for a forest, through the objective's transform.
    pub fn predict<T: Copy + Into<f64>>(&self, row: &[T], out: &mut [f64]) -> Result<(), ShapeError> {
        self.predict_raw(row, out)?;
        self.finish(out);
        Ok(())
    }

    /// From raw sums to scores.
    pub fn finish(&self, raw: &mut [f64]) {
        if self.average {
            let iterations = self.iterations();
            raw.iter_mut().for_each(|value| *value /= iterations);
        }
        self.objective.transform(raw);
    }

    /// Counts of rows that are not there for all nodes are of no use.
    fn settle_cover(&mut self) {
        if self.cover.len() != self.nodes.len() || self.cover.contains(&0) {
            self.cover = Vec::new();
        }
    }

    fn iterations(&self) -> f64 {
        (self.roots.len() / self.outputs).max(1) as f64
    }

    fn fits(&self, features: usize, outputs: usize) -> Result<(), ShapeError> {
        if features == self.features() && outputs == self.outputs {
            return Ok(());
        }
        Err(ShapeError { expected_features: self.features(), expected_outputs: self.outputs, features, outputs })
    }

    fn leaf<T: Copy + Into<f64>>(&self, root: u32, row: &[T]) -> f64 {
        let mut at = root as usize;
        loop {
            let node = &self.nodes[at];
            if node.is_leaf() {
                return node.value;
            }
            at = if self.goes_left(node, row[node.feature()].into()) { at + 1 } else { node.right as usize };
        }
    }

    /// LightGBM's decision: missing values first, then the threshold or the set of categories.
    #[inline]
    fn goes_left(&self, node: &Node, value: f64) -> bool {
        let flags = node.feature_flags;
        if flags & CATEGORICAL != 0 {
            return self.in_categories(node, value);
        }
        let missing = flags >> MISSING_SHIFT & 3;
        let value = if value.is_nan() && missing != MISSING_NAN { 0.0 } else { value };
        let is_missing = match missing {
            MISSING_ZERO => value.abs() <= ZERO,
            MISSING_NAN => value.is_nan(),
            _ => false,
        };
        if is_missing { flags & DEFAULT_LEFT != 0 } else { value <= node.value }
    }

    fn in_categories(&self, node: &Node, value: f64) -> bool {
        // What is no category at all (not a number, negative, beyond i32) goes right, as a cast in C makes it.
        if !(value > -1.0 && value < 2_147_483_648.0) {
            return false;
        }
        let category = value as u32;
        let (first, words) = category_range(node.value);
        let word = (category / 32) as usize;
        word < words && self.categories[first + word] >> (category % 32) & 1 == 1
    }
}

/// Where a categorical split's bit set stands: first word, number of words.
fn category_range(value: f64) -> (usize, usize) {
    let bits = value.to_bits();
    ((bits >> 32) as usize, bits as u32 as usize)
}

fn category_value(first: usize, words: usize) -> f64 {
    f64::from_bits((first as u64) << 32 | words as u64)
}

/// Longest way from `root` to a leaf of the tree that ends before `end`; `None` if the nodes are no tree in preorder. Every node
/// between must be reached exactly once, which rules out cycles, shared children and dead nodes.
fn tree_depth(nodes: &[Node], root: usize, end: usize, open: &mut Vec<(u32, u32)>) -> Option<usize> {
    // `open` holds right children that are still to come, with their depth: the last one must start where the current leaf ends.
    open.clear();
    let mut at = root;
    let mut depth = 0usize;
    let mut deepest = 0usize;
    loop {
        let node = nodes.get(at).filter(|_| at < end)?;
        if node.is_leaf() {
            deepest = deepest.max(depth);
            match open.pop() {
                None => return (at + 1 == end).then_some(deepest),
                Some((next, its_depth)) if next as usize == at + 1 => (at, depth) = (next as usize, its_depth as usize),
                Some(_) => return None,
            }
        } else {
            if depth >= MAX_DEPTH {
                return None;
            }
            depth += 1;
            open.push((node.right, depth as u32));
            at += 1;
        }
    }
}
