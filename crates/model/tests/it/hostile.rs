//! Model files of an enemy: an error, at once, and never a panic or a walk without end.

use crate::ensemble::fixture;
use model::ensemble::{CompactError, TextError, Walkway};
use model::{Ensemble, Model};
use proptest::prelude::*;
use std::sync::LazyLock;

/// The small model with one line put in place of another.
fn changed(from: &str, to: &str) -> Result<Ensemble, TextError> {
    let text = fixture("tiny.txt");
    assert!(text.contains(from), "{from:?} is not in the model");
    Ensemble::from_lightgbm(&text.replace(from, to))
}

#[test]
fn lying_texts() {
    let check = |from: &str, to: &str, expected: &str| {
        let error = changed(from, to).expect_err(to).to_string();
        assert!(error.contains(expected), "{to:?}: {error}");
    };
    check("tree\nversion", "forest\nversion", "not a LightGBM model");
    check("left_child=1 -1", "left_child=1 0", "reached twice");
    check("left_child=1 -1", "left_child=1 1", "reached twice");
    check("left_child=1 -1", "left_child=-1 -1", "hang on nothing");
    check("right_child=-2 -3", "right_child=-1 -3", "a leaf has two parents");
    check("left_child=1 -1", "left_child=1 -4", "no leaf");
    check("left_child=1 -1", "left_child=1 9", "no split");
    check("left_child=1 -1", "left_child=1", "left_child should hold 2");
    check("left_child=1 -1", "left_child=1 -1 -1", "left_child should hold 2");
    check("num_leaves=3", "num_leaves=99999999999", "more than");
    check("num_leaves=3", "num_leaves=0", "no leaves");
    check("num_leaves=3", "num_leaves=-3", "num_leaves");
    check("split_feature=0 1", "split_feature=0 2", "a feature that the model does not have");
    check("threshold=0.5 1.5", "threshold=0.5 nan", "not a number");
    check("leaf_value=0.1 0.2 0.3", "leaf_value=0.1 inf 0.3", "not finite");
    check("decision_type=2 2", "decision_type=2 12", "decision_type");
    check("decision_type=2 2", "decision_type=2 1", "without its set");
    check("is_linear=0", "is_linear=1", "linear");
    check("end of trees", "", "ends before");
    check("max_feature_idx=1", "max_feature_idx=18446744073709551615", "max_feature_idx");
    check("max_feature_idx=1", "max_feature_idx=1000000", "feature_names");
    check("num_tree_per_iteration=1", "num_tree_per_iteration=0", "num_tree_per_iteration");
    check("num_tree_per_iteration=1", "num_tree_per_iteration=2", "whole iterations");
    check("objective=binary sigmoid:1", "objective=binary sigmoid:nan", "objective");
    check("objective=binary sigmoid:1", "objective=oracle", "objective");
}

#[test]
fn a_chain_deeper_than_the_limit_is_an_error_and_not_an_overflow() {
    let leaves = 50_000;
    let numbers =
        |make: &dyn Fn(i64) -> i64, count: i64| (0..count).map(|i| make(i).to_string()).collect::<Vec<_>>().join(" ");
    let splits = leaves - 1;
    let text = format!(
        "tree\nnum_tree_per_iteration=1\nmax_feature_idx=0\nfeature_names=a\n\nTree=0\nnum_leaves={leaves}\nnum_cat=0\n\
         split_feature={}\nthreshold={}\nleft_child={}\nright_child={}\nleaf_value={}\n\nend of trees\n",
        numbers(&|_| 0, splits),
        numbers(&|i| i, splits),
        numbers(&|i| if i + 1 < splits { i + 1 } else { -1 - i - 1 }, splits),
        numbers(&|i| -1 - i, splits),
        numbers(&|i| i, leaves),
    );
    assert!(Ensemble::from_lightgbm(&text).unwrap_err().to_string().contains("deeper"));
}

/// The compact form with its checksum made right again.
fn resealed(mut file: Vec<u8>) -> Vec<u8> {
    if file.len() >= 12 {
        let sum = crc32fast::hash(&file[12..]).to_le_bytes();
        file[8..12].copy_from_slice(&sum);
    }
    file
}

#[test]
fn damaged_files() {
    let file = Ensemble::from_lightgbm(&fixture("categorical.txt")).unwrap().to_compact(b"{}").unwrap();
    assert_eq!(Ensemble::from_compact(b"").unwrap_err(), CompactError::NotAModel);
    assert_eq!(Ensemble::from_compact(&file[..10]).unwrap_err(), CompactError::Truncated);
    let mut other = file.clone();
    other[7] = b'9';
    assert_eq!(Ensemble::from_compact(&other).unwrap_err(), CompactError::Version('9'));
    let mut other = file.clone();
    *other.last_mut().unwrap() ^= 1;
    assert_eq!(Ensemble::from_compact(&other).unwrap_err(), CompactError::Checksum);
    let mut other = file.clone();
    other.push(0);
    assert_eq!(Ensemble::from_compact(&resealed(other)).unwrap_err(), CompactError::Trailing(1));
    for length in 12..file.len().min(3000) {
        assert!(Ensemble::from_compact(&resealed(file[..length].to_vec())).is_err(), "{length} bytes");
    }
    assert!(Model::load(&file).is_err(), "a card without fields");
}

/// What was accepted, however strange, must answer and end.
fn exercise(ensemble: &Ensemble) {
    for value in [0.0, -1.0, 1e30, f64::NAN] {
        let row = vec![value; ensemble.features()];
        let mut out = vec![0.0; ensemble.outputs()];
        ensemble.predict(&row, &mut out).unwrap();
        let mut contributions = vec![0.0; ensemble.outputs() * (ensemble.features() + 1)];
        let _ = ensemble.contributions(&row, &mut Walkway::default(), &mut contributions);
    }
}

static COMPACT: LazyLock<Vec<u8>> =
    LazyLock::new(|| Ensemble::from_lightgbm(&fixture("categorical.txt")).unwrap().to_compact(b"{}").unwrap());

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn mutated_compact_models(edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8), cut in any::<prop::sample::Index>(), whole in any::<bool>()) {
        let mut file = COMPACT.clone();
        for (at, byte) in edits {
            let at = at.index(file.len());
            file[at] = byte;
        }
        if !whole {
            file.truncate(cut.index(file.len()));
        }
        if let Ok((ensemble, _)) = Ensemble::from_compact(&resealed(file)) {
            exercise(&ensemble);
        }
    }

    #[test]
    fn mutated_texts(edits in proptest::collection::vec((any::<prop::sample::Index>(), "[-0-9 .=\n]"), 1..8)) {
        let mut text = fixture("tiny.txt").into_bytes();
        for (at, byte) in edits {
            let at = at.index(text.len());
            text[at] = byte.as_bytes()[0];
        }
        if let Ok(ensemble) = Ensemble::from_lightgbm(&String::from_utf8(text).unwrap()) {
            exercise(&ensemble);
        }
    }
}
