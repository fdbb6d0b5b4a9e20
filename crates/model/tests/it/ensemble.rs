//! Small models of every kind of split and objective, with LightGBM's own answers beside them (`tests/fixtures/make.py` makes both).

use model::Ensemble;
use model::ensemble::Walkway;
use std::path::PathBuf;

pub fn fixture(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[derive(serde::Deserialize)]
struct Answers {
    rows: Vec<Vec<Option<f64>>>,
    raw: Vec<Vec<f64>>,
    score: Vec<Vec<f64>>,
    contributions: Vec<Vec<f64>>,
}

#[track_caller]
fn near(what: &str, row: usize, got: &[f64], expected: &[f64], relative: f64) {
    assert_eq!(got.len(), expected.len());
    for (i, (got, expected)) in got.iter().zip(expected).enumerate() {
        let close = (got - expected).abs() <= relative * expected.abs().max(1.0);
        assert!(close, "{what}, row {row}, value {i}: {got} is not {expected}");
    }
}

fn check(name: &str) {
    let ensemble = Ensemble::from_lightgbm(&fixture(&format!("{name}.txt"))).unwrap();
    let answers: Answers = serde_json::from_str(&fixture(&format!("{name}.json"))).unwrap();
    let file = ensemble.to_compact(b"{\"a card\":1}").unwrap();
    let (again, card) = Ensemble::from_compact(&file).unwrap();
    assert_eq!(again, ensemble, "{name}: the compact form is another model");
    assert_eq!(card, b"{\"a card\":1}");
    let mut walkway = Walkway::default();
    for (i, row) in answers.rows.iter().enumerate() {
        let row: Vec<f64> = row.iter().map(|value| value.unwrap_or(f64::NAN)).collect();
        let mut raw = vec![0.0; ensemble.outputs()];
        ensemble.predict_raw(&row, &mut raw).unwrap();
        assert_eq!(raw, answers.raw[i], "{name}: raw score of row {i}");
        let mut score = raw.clone();
        ensemble.predict(&row, &mut score).unwrap();
        near(name, i, &score, &answers.score[i], 1e-12);
        let mut contributions = vec![0.0; ensemble.outputs() * (ensemble.features() + 1)];
        ensemble.contributions(&row, &mut walkway, &mut contributions).unwrap();
        near(&format!("{name}, contributions"), i, &contributions, &answers.contributions[i], 1e-9);
        let sums: Vec<f64> = contributions.chunks(ensemble.features() + 1).map(|values| values.iter().sum()).collect();
        near(&format!("{name}, sum of contributions"), i, &sums, &raw, 1e-9);
    }
}

#[test]
fn answers_are_lightgbms() {
    for name in [
        "binary",
        "binary-no-missing",
        "zero-missing",
        "ignore-missing",
        "categorical",
        "multiclass",
        "one-versus-all",
        "forest",
        "dart",
        "regression-sqrt",
        "poisson",
        "tweedie",
        "cross-entropy",
        "cross-entropy-lambda",
        "huber",
        "stump",
    ] {
        check(name);
    }
}

#[test]
fn a_row_of_the_wrong_width_is_an_error() {
    let ensemble = Ensemble::from_lightgbm(&fixture("binary.txt")).unwrap();
    let error = ensemble.predict(&[0.0f32; 7], &mut [0.0]).unwrap_err();
    assert_eq!(error.expected_features, 8);
    assert!(ensemble.predict(&[0.0f32; 8], &mut [0.0, 0.0]).is_err());
    assert!(ensemble.contributions(&[0.0f32; 8], &mut Walkway::default(), &mut [0.0; 10]).is_err());
}
