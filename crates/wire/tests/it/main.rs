mod generator;
mod hostile;
mod round_trip;
mod samples;

#[test]
fn generated_code_is_fresh() {
    let crates = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for (path, text) in generator::generate().unwrap() {
        let committed = std::fs::read_to_string(crates.join(&path)).unwrap_or_default();
        assert!(committed == text, "{path} is stale: run `cargo xtask codegen`");
    }
}
