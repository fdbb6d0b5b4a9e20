//! Our own form of a model file: versioned, checksummed, read in one pass. All numbers little-endian.
//!
//! ```text
//! "TAMONML1"  8 bytes; the last is the version
//! u32         CRC-32 of everything after it
//! u32 u32     length of the card (JSON, whose shape is the caller's), length of the header (JSON, ours)
//! card, header
//! roots       u32 each
//! categories  u32 each
//! nodes       a split: u32 feature and flags, u32 distance to the right child, f64; a leaf: u32 flags, f64
//! cover       u32 each, if the header says so
//! ```
//!
//! A checksum finds accidents, not forgery: whether the file may be used at all is the business of the signed update.

use super::{
    CATEGORICAL, Ensemble, FLAG_BITS, LEAF, MAX_CLASSES, MAX_FEATURES, MAX_NODES, Node, Objective, category_range,
};
use serde::{Deserialize, Serialize};

const MAGIC: &[u8; 7] = b"TAMONML";
const VERSION: u8 = b'1';
/// Largest card or header: feature names of the largest layouts take some 100 KB.
const MAX_JSON: usize = 16 << 20;
const MAX_CARD: usize = 1 << 20;

/// Why bytes are not a compact model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CompactError {
    #[error("not a Tamon model file")]
    NotAModel,
    #[error("the model file has version {0:?}; this program reads '1'")]
    Version(char),
    #[error("the model file is damaged: its checksum is wrong")]
    Checksum,
    #[error("the model file ends too early")]
    Truncated,
    #[error("{0} bytes follow the model")]
    Trailing(usize),
    #[error("the model file's header: {0}")]
    Header(String),
    #[error("the model file: {0}")]
    Invalid(&'static str),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    objective: Objective,
    outputs: usize,
    average: bool,
    trees: usize,
    nodes: usize,
    categories: usize,
    cover: bool,
    feature_names: Vec<Box<str>>,
}

impl Ensemble {
    /// The model file of this ensemble, with `card` (any JSON) in it.
    pub fn to_compact(&self, card: &[u8]) -> Result<Vec<u8>, CompactError> {
        if card.len() > MAX_CARD {
            return Err(CompactError::Invalid("the card is longer than 1 MiB"));
        }
        let header = Header {
            objective: self.objective,
            outputs: self.outputs,
            average: self.average,
            trees: self.roots.len(),
            nodes: self.nodes.len(),
            categories: self.categories.len(),
            cover: !self.cover.is_empty(),
            feature_names: self.feature_names.clone(),
        };
        let header = serde_json::to_vec(&header).map_err(|error| CompactError::Header(error.to_string()))?;
        let mut body = Vec::with_capacity(header.len() + card.len() + self.nodes.len() * 18);
        body.extend((card.len() as u32).to_le_bytes());
        body.extend((header.len() as u32).to_le_bytes());
        body.extend(card);
        body.extend(header);
        self.roots.iter().for_each(|root| body.extend(root.to_le_bytes()));
        self.categories.iter().for_each(|word| body.extend(word.to_le_bytes()));
        for (at, node) in self.nodes.iter().enumerate() {
            body.extend(node.feature_flags.to_le_bytes());
            if !node.is_leaf() {
                body.extend((node.right - at as u32).to_le_bytes());
            }
            body.extend(node.value.to_bits().to_le_bytes());
        }
        self.cover.iter().for_each(|rows| body.extend(rows.to_le_bytes()));
        let mut file = Vec::with_capacity(body.len() + 12);
        file.extend(MAGIC);
        file.push(VERSION);
        file.extend(crc32fast::hash(&body).to_le_bytes());
        file.extend(body);
        Ok(file)
    }

    /// The ensemble of a model file, and the card that was put into it.
    pub fn from_compact(file: &[u8]) -> Result<(Self, &[u8]), CompactError> {
        let rest = file.strip_prefix(MAGIC).ok_or(CompactError::NotAModel)?;
        let (&version, rest) = rest.split_first().ok_or(CompactError::Truncated)?;
        if version != VERSION {
            return Err(CompactError::Version(char::from(version)));
        }
        let mut input = Input(rest);
        let checksum = input.u32()?;
        if crc32fast::hash(input.0) != checksum {
            return Err(CompactError::Checksum);
        }
        let (card_length, header_length) = (input.u32()? as usize, input.u32()? as usize);
        if card_length > MAX_CARD || header_length > MAX_JSON {
            return Err(CompactError::Invalid("a card or header too long"));
        }
        let card = input.take(card_length)?;
        let header: Header = serde_json::from_slice(input.take(header_length)?)
            .map_err(|error| CompactError::Header(error.to_string()))?;
        let ensemble = read_body(&mut input, header)?;
        if !input.0.is_empty() {
            return Err(CompactError::Trailing(input.0.len()));
        }
        Ok((ensemble, card))
    }
}

fn read_body(input: &mut Input<'_>, header: Header) -> Result<Ensemble, CompactError> {
    let invalid = |what| Err(CompactError::Invalid(what));
    if header.outputs == 0
        || header.outputs > MAX_CLASSES
        || header.trees == 0
        || !header.trees.is_multiple_of(header.outputs)
    {
        return invalid("trees do not make whole iterations");
    }
    if header.feature_names.len() > MAX_FEATURES || header.nodes > MAX_NODES || header.categories > 2 * MAX_NODES {
        return invalid("too many features, nodes or categories");
    }
    if let Objective::Logistic { sigmoid } | Objective::OneVersusAll { sigmoid } = header.objective
        && !(sigmoid.is_finite() && sigmoid > 0.0)
    {
        return invalid("a sigmoid that is no positive number");
    }
    let roots = input.u32s(header.trees)?;
    let categories = input.u32s(header.categories)?;
    // Even a file of leaves has 12 bytes for each node, so a lie about their number costs no memory.
    if header.nodes > input.0.len() / 12 {
        return Err(CompactError::Truncated);
    }
    let mut nodes = Vec::with_capacity(header.nodes);
    for at in 0..header.nodes as u32 {
        let feature_flags = input.u32()?;
        let leaf = feature_flags & LEAF != 0;
        let right = if leaf { 0 } else { at.saturating_add(input.u32()?) };
        let node = Node { value: f64::from_bits(input.u64()?), feature_flags, right };
        check_node(&node, header.feature_names.len(), categories.len())?;
        nodes.push(node);
    }
    let cover = if header.cover { input.u32s(header.nodes)? } else { Vec::new() };
    let mut depth = 0;
    let mut open = Vec::new();
    for (index, &root) in roots.iter().enumerate() {
        let end = roots.get(index + 1).map_or(nodes.len(), |next| *next as usize);
        if index == 0 && root != 0 {
            return invalid("the first tree does not begin at the first node");
        }
        let Some(deepest) = super::tree_depth(&nodes, root as usize, end, &mut open) else {
            return invalid("nodes that form no tree, or one deeper than 1,024 splits");
        };
        depth = depth.max(deepest);
    }
    let mut ensemble = Ensemble {
        nodes,
        cover,
        roots,
        categories,
        feature_names: header.feature_names,
        objective: header.objective,
        outputs: header.outputs,
        average: header.average,
        depth,
    };
    ensemble.settle_cover();
    Ok(ensemble)
}

fn check_node(node: &Node, features: usize, categories: usize) -> Result<(), CompactError> {
    let invalid = |what| Err(CompactError::Invalid(what));
    let flags = node.feature_flags & ((1 << FLAG_BITS) - 1);
    if flags & LEAF != 0 {
        return if node.feature_flags == LEAF && node.value.is_finite() {
            Ok(())
        } else {
            invalid("a leaf that is none")
        };
    }
    if flags > 0b1011 || flags >> 2 == 3 {
        return invalid("an unknown kind of split");
    }
    if node.feature() >= features {
        return invalid("a split on a feature that the model does not have");
    }
    if flags & CATEGORICAL != 0 {
        let (first, words) = category_range(node.value);
        if first.checked_add(words).is_none_or(|end| end > categories) {
            return invalid("a set of categories beyond the table");
        }
    } else if node.value.is_nan() {
        return invalid("a threshold that is not a number");
    }
    Ok(())
}

/// What is still to be read.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], CompactError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(CompactError::Truncated)?;
        self.0 = rest;
        Ok(taken)
    }

    fn u32(&mut self) -> Result<u32, CompactError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(CompactError::Truncated)?;
        self.0 = rest;
        Ok(u32::from_le_bytes(*taken))
    }

    fn u64(&mut self) -> Result<u64, CompactError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(CompactError::Truncated)?;
        self.0 = rest;
        Ok(u64::from_le_bytes(*taken))
    }

    fn u32s(&mut self, count: usize) -> Result<Vec<u32>, CompactError> {
        let bytes = self.take(count.checked_mul(4).ok_or(CompactError::Truncated)?)?;
        Ok(bytes.as_chunks().0.iter().map(|word| u32::from_le_bytes(*word)).collect())
    }
}
