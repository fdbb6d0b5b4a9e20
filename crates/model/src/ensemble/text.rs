//! LightGBM's text model format (`save_model`, versions 3 and 4) to an [`Ensemble`]. The file is `key=value` lines: a header, a
//! block a tree that starts with `Tree=N`, then `end of trees`; what follows (importances, parameters) is not read.
//!
//! A tree comes as arrays over its splits; children are split numbers, or leaf numbers as `-1 - leaf`. It is turned
//! into preorder here, and a tree whose children form a cycle, meet twice or leave nodes out is an error.

use super::{
    CATEGORICAL, Ensemble, FLAG_BITS, LEAF, MAX_CLASSES, MAX_DEPTH, MAX_FEATURES, MAX_NODES, Node, Objective,
    category_value,
};
use std::collections::HashMap;

/// Largest text that is read: EMBER2018's model, the largest in public use, is 121 MB.
pub const MAX_TEXT: usize = 512 << 20;

/// Why a text is not a model. Trees are counted from 0, as LightGBM does.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TextError {
    #[error("not a LightGBM model: it does not begin with the line \"tree\"")]
    NotLightGbm,
    #[error("the model is longer than {MAX_TEXT} bytes")]
    TooLong,
    #[error("the model's header has no {0}")]
    MissingHeader(&'static str),
    #[error("the model's header has {key}={value:?}")]
    Header { key: &'static str, value: String },
    #[error("the objective {0:?} is not known")]
    Objective(String),
    #[error("tree {tree} has no {key}")]
    MissingArray { tree: usize, key: &'static str },
    #[error("tree {tree}: {key} should hold {expected} numbers")]
    Array { tree: usize, key: &'static str, expected: usize },
    #[error("tree {tree}: {what}")]
    Tree { tree: usize, what: &'static str },
    #[error("tree {0} has linear leaves, which are not supported: train with linear_tree=false")]
    Linear(usize),
    #[error("the model ends before \"end of trees\"")]
    Truncated,
    #[error("{trees} trees do not make whole iterations of {outputs} outputs")]
    Outputs { trees: usize, outputs: usize },
    #[error("more than {MAX_NODES} nodes")]
    TooLarge,
}

impl Ensemble {
    /// Reads what `Booster.save_model` wrote.
    pub fn from_lightgbm(text: &str) -> Result<Self, TextError> {
        if text.len() > MAX_TEXT {
            return Err(TextError::TooLong);
        }
        let mut lines = text.lines().map(|line| line.trim_end_matches('\r'));
        if lines.next() != Some("tree") {
            return Err(TextError::NotLightGbm);
        }
        let mut lines = lines.peekable();
        let header = block(&mut lines);
        let mut ensemble = read_header(&header)?;
        let mut index = 0;
        loop {
            match lines.next() {
                None => return Err(TextError::Truncated),
                Some("end of trees") => break,
                Some(line) if line.starts_with("Tree=") => {
                    let block = block(&mut lines);
                    add_tree(&mut ensemble, index, &block)?;
                    index += 1;
                }
                Some("") => {}
                Some(_) => return Err(TextError::Tree { tree: index, what: "a line stands between trees" }),
            }
        }
        if index == 0 || !index.is_multiple_of(ensemble.outputs) {
            return Err(TextError::Outputs { trees: index, outputs: ensemble.outputs });
        }
        if let Some(sizes) = header.get("tree_sizes")
            && sizes.split_whitespace().count() != index
        {
            return Err(TextError::Truncated);
        }
        ensemble.settle_cover();
        Ok(ensemble)
    }
}

/// Lines up to the next tree or the end of trees. A line without `=` is a flag.
fn block<'a>(lines: &mut std::iter::Peekable<impl Iterator<Item = &'a str>>) -> HashMap<&'a str, &'a str> {
    let mut fields = HashMap::new();
    while let Some(line) = lines.next_if(|line| !line.starts_with("Tree=") && *line != "end of trees") {
        let (key, value) = line.split_once('=').unwrap_or((line, ""));
        fields.insert(key, value);
    }
    fields
}

fn read_header(header: &HashMap<&str, &str>) -> Result<Ensemble, TextError> {
    let number = |key: &'static str, limit: usize| {
        let value = header.get(key).ok_or(TextError::MissingHeader(key))?;
        value
            .trim()
            .parse::<usize>()
            .ok()
            .filter(|n| *n <= limit)
            .ok_or_else(|| TextError::Header { key, value: clip(value) })
    };
    let features = number("max_feature_idx", MAX_FEATURES - 1)? + 1;
    let outputs = number("num_tree_per_iteration", MAX_CLASSES)?;
    if outputs == 0 {
        return Err(TextError::Header { key: "num_tree_per_iteration", value: "0".into() });
    }
    let names = header.get("feature_names").ok_or(TextError::MissingHeader("feature_names"))?;
    let feature_names: Vec<Box<str>> = names.split_whitespace().map(Into::into).collect();
    if feature_names.len() != features {
        let value = format!("{} names for {features} features", feature_names.len());
        return Err(TextError::Header { key: "feature_names", value });
    }
    let objective = match header.get("objective") {
        // Trained with a function of the caller's own: what comes out is the sum.
        None => Objective::Identity,
        Some(line) => Objective::parse(line).ok_or_else(|| TextError::Objective(clip(line)))?,
    };
    Ok(Ensemble {
        nodes: Vec::new(),
        cover: Vec::new(),
        roots: Vec::new(),
        categories: Vec::new(),
        feature_names,
        objective,
        outputs,
        average: header.contains_key("average_output"),
        depth: 0,
    })
}

/// One tree's arrays as they stand in the text.
struct Arrays {
    feature: Vec<u32>,
    threshold: Vec<f64>,
    decision: Vec<u32>,
    left: Vec<i64>,
    right: Vec<i64>,
    leaf: Vec<f64>,
    leaf_count: Vec<u32>,
    split_count: Vec<u32>,
    boundaries: Vec<usize>,
}

fn add_tree(ensemble: &mut Ensemble, tree: usize, block: &HashMap<&str, &str>) -> Result<(), TextError> {
    let bad = |what| TextError::Tree { tree, what };
    let one = |key: &'static str| -> Result<usize, TextError> {
        let value = block.get(key).ok_or(TextError::MissingArray { tree, key })?;
        value.trim().parse().map_err(|_| TextError::Array { tree, key, expected: 1 })
    };
    if block.get("is_linear").is_some_and(|value| value.trim() != "0") {
        return Err(TextError::Linear(tree));
    }
    let leaves = one("num_leaves")?;
    if leaves == 0 {
        return Err(bad("no leaves"));
    }
    let splits = leaves - 1;
    if leaves > MAX_NODES / 2 || ensemble.nodes.len() + leaves + splits > MAX_NODES {
        return Err(TextError::TooLarge);
    }
    let sets = if block.contains_key("num_cat") { one("num_cat")? } else { 0 };
    if sets > splits {
        return Err(bad("more sets of categories than splits"));
    }
    let arrays = Arrays {
        feature: array(block, tree, "split_feature", splits)?,
        threshold: array(block, tree, "threshold", splits)?,
        // Before categories and missing values existed, every split was numerical.
        decision: optional(block, tree, "decision_type", splits)?.unwrap_or_else(|| vec![0; splits]),
        left: array(block, tree, "left_child", splits)?,
        right: array(block, tree, "right_child", splits)?,
        leaf: array(block, tree, "leaf_value", leaves)?,
        leaf_count: optional(block, tree, "leaf_count", leaves)?.unwrap_or_default(),
        split_count: optional(block, tree, "internal_count", splits)?.unwrap_or_default(),
        boundaries: if sets == 0 { Vec::new() } else { array(block, tree, "cat_boundaries", sets + 1)? },
    };
    if arrays.leaf.iter().any(|value| !value.is_finite()) {
        return Err(bad("a leaf's value is not finite"));
    }
    let first_word = ensemble.categories.len();
    if sets > 0 {
        let words = *arrays.boundaries.last().unwrap_or(&0);
        if arrays.boundaries[0] != 0 || arrays.boundaries.windows(2).any(|pair| pair[0] > pair[1]) || words > MAX_NODES
        {
            return Err(bad("cat_boundaries do not rise"));
        }
        ensemble.categories.extend(array::<u32>(block, tree, "cat_threshold", words)?);
    }
    preorder(ensemble, tree, &arrays, first_word)
}

/// Lays the tree out so that every left child follows its parent.
fn preorder(ensemble: &mut Ensemble, tree: usize, arrays: &Arrays, first_word: usize) -> Result<(), TextError> {
    let bad = |what| TextError::Tree { tree, what };
    let (splits, leaves) = (arrays.feature.len(), arrays.leaf.len());
    let features = ensemble.features() as u32;
    let counted = arrays.leaf_count.len() == leaves && arrays.split_count.len() == splits;
    let mut split_seen = vec![false; splits];
    let mut leaf_seen = vec![false; leaves];
    let root = ensemble.nodes.len();
    // Child as in the text, the node whose right child it is, depth.
    let mut open: Vec<(i64, Option<usize>, usize)> = vec![(if splits == 0 { -1 } else { 0 }, None, 0)];
    while let Some((child, parent, depth)) = open.pop() {
        let at = ensemble.nodes.len();
        if let Some(parent) = parent {
            ensemble.nodes[parent].right = at as u32;
        }
        if child < 0 {
            let leaf =
                usize::try_from(-1 - child).ok().filter(|leaf| *leaf < leaves).ok_or(bad("a child is no leaf"))?;
            if std::mem::replace(&mut leaf_seen[leaf], true) {
                return Err(bad("a leaf has two parents"));
            }
            ensemble.nodes.push(Node { value: arrays.leaf[leaf], feature_flags: LEAF, right: 0 });
            if counted {
                // A stump that was never counted says 0: one row keeps its share defined.
                ensemble.cover.push(if leaves == 1 { arrays.leaf_count[leaf].max(1) } else { arrays.leaf_count[leaf] });
            }
            ensemble.depth = ensemble.depth.max(depth);
            continue;
        }
        let split = usize::try_from(child).ok().filter(|split| *split < splits).ok_or(bad("a child is no split"))?;
        if std::mem::replace(&mut split_seen[split], true) {
            return Err(bad("a split is reached twice: its children form a cycle or meet"));
        }
        if depth >= MAX_DEPTH {
            return Err(bad("deeper than 1,024 splits"));
        }
        if arrays.feature[split] >= features {
            return Err(bad("a split on a feature that the model does not have"));
        }
        let flags = arrays.decision[split];
        if flags > 0b1011 || flags >> 2 == 3 {
            return Err(bad("decision_type is not known"));
        }
        let value = if flags & CATEGORICAL != 0 {
            let set = arrays.threshold[split];
            if !(set >= 0.0 && set.fract() == 0.0 && (set as usize) + 1 < arrays.boundaries.len()) {
                return Err(bad("a categorical split without its set"));
            }
            let (from, to) = (arrays.boundaries[set as usize], arrays.boundaries[set as usize + 1]);
            category_value(first_word + from, to - from)
        } else {
            if arrays.threshold[split].is_nan() {
                return Err(bad("a threshold is not a number"));
            }
            arrays.threshold[split]
        };
        ensemble.nodes.push(Node { value, feature_flags: arrays.feature[split] << FLAG_BITS | flags, right: 0 });
        if counted {
            ensemble.cover.push(arrays.split_count[split]);
        }
        open.push((arrays.right[split], Some(at), depth + 1));
        open.push((arrays.left[split], None, depth + 1));
    }
    if ensemble.nodes.len() - root != splits + leaves {
        return Err(bad("some nodes hang on nothing"));
    }
    ensemble.roots.push(root as u32);
    Ok(())
}

fn array<T: std::str::FromStr>(
    block: &HashMap<&str, &str>,
    tree: usize,
    key: &'static str,
    expected: usize,
) -> Result<Vec<T>, TextError> {
    match optional(block, tree, key, expected)? {
        Some(values) => Ok(values),
        None if expected == 0 => Ok(Vec::new()),
        None => Err(TextError::MissingArray { tree, key }),
    }
}

fn optional<T: std::str::FromStr>(
    block: &HashMap<&str, &str>,
    tree: usize,
    key: &'static str,
    expected: usize,
) -> Result<Option<Vec<T>>, TextError> {
    let Some(text) = block.get(key) else { return Ok(None) };
    // No reservation by what the file claims: it grows by what stands there.
    let values: Result<Vec<T>, _> = text.split_whitespace().take(expected + 1).map(str::parse).collect();
    match values {
        Ok(values) if values.len() == expected => Ok(Some(values)),
        _ => Err(TextError::Array { tree, key, expected }),
    }
}

/// A hostile header does not become a long message.
fn clip(value: &str) -> String {
    value.chars().take(60).collect()
}
