//! The general dimensions of files that the test makes, held against what the original extractor gave for the same bytes
//! (`tests/fixtures/make_ember.py`).

use model::layouts;
use proptest::prelude::*;

fn general() -> &'static dyn model::Layout {
    layouts().into_iter().find(|layout| layout.id() == "ember-v3-general").unwrap()
}

fn extract(bytes: &[u8]) -> Vec<f32> {
    let mut row = Vec::new();
    general().extract(bytes, &mut row);
    row
}

/// Non-zero dimensions that the original gave.
#[derive(serde::Deserialize)]
struct Expected {
    name: String,
    hex: String,
    repeat: usize,
    vector: std::collections::BTreeMap<usize, f64>,
}

#[test]
fn vectors_are_the_originals() {
    let cases: Vec<Expected> = serde_json::from_str(&crate::ensemble::fixture("ember-general.json")).unwrap();
    assert!(cases.len() > 10);
    for case in cases {
        let unit: Vec<u8> =
            (0..case.hex.len() / 2).map(|i| u8::from_str_radix(&case.hex[2 * i..2 * i + 2], 16).unwrap()).collect();
        let row = extract(&unit.repeat(case.repeat));
        for (index, value) in row.iter().enumerate() {
            let expected = case.vector.get(&index).copied().unwrap_or(0.0) as f32;
            assert_eq!(*value, expected, "{}: {} ({index})", case.name, general().name(index));
        }
    }
}

#[test]
fn an_empty_file_has_a_vector_of_zeros() {
    assert_eq!(extract(b""), vec![0.0; 696]);
}

#[test]
fn names_are_unique_and_words_stand_for_every_dimension() {
    for layout in layouts() {
        let names: std::collections::BTreeSet<_> = (0..layout.width()).map(|index| layout.name(index)).collect();
        assert_eq!(names.len(), layout.width(), "{}", layout.id());
        for name in &names {
            assert!(
                !name.contains([' ', ',', ':', '[', ']', '{', '}', '"']),
                "{name:?} cannot stand in LightGBM's file"
            );
        }
        for index in 0..layout.width() {
            for value in [0.0, 1.0, 1e9] {
                let words = layout.words(index, value);
                assert!(
                    !words.key.is_empty() && !words.en.is_empty() && !words.ja.is_empty(),
                    "{}",
                    layout.name(index)
                );
                assert_eq!(
                    words.key,
                    layout.words(index, 0.5).key,
                    "{}: the key depends on the value",
                    layout.name(index)
                );
            }
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_have_finite_features(bytes in proptest::collection::vec(any::<u8>(), 0..6000)) {
        for layout in layouts() {
            let mut row = vec![1.0; 3];
            layout.extract(&bytes, &mut row);
            prop_assert_eq!(row.len(), layout.width());
            prop_assert!(row.iter().all(|value| value.is_finite()));
        }
    }
}
