//! `cargo xtask bench model`: what a judgement costs, by type of file: features, prediction, explanation; and what a model
//! weighs. The trees are random but of EMBER2024's size (500 trees of 64 leaves on 2,568 features): how long a walk takes does not
//! hang on what they learned. All times are of the processor, so that a busy machine measures the same. Where Python with LightGBM stands (`TAMON_LIGHTGBM_PYTHON`), it predicts and explains the same
//! rows with the same model in the same run, alternating; with thrember on its path, the original extractor reads the same files.

mod files;
mod peer;
mod trees;

use model::{Card, Ensemble, Kind, Model, Scratch};
use std::collections::BTreeMap;
use std::path::PathBuf;
use trees::{TREES, random_model};

const ROUNDS: usize = 5;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut figures = BTreeMap::new();
    let full = model::layouts().into_iter().find(|layout| layout.id() == "ember-v3").ok_or("no layout ember-v3")?;
    let text = random_model(full.width());
    let ensemble = Ensemble::from_lightgbm(&text)?;
    let card = Card {
        name: "bench".into(),
        version: "0".into(),
        kind: Kind::AnyFile,
        layout: full.id().into(),
        points: Vec::new(),
        trained: String::new(),
        data: Vec::new(),
        licence: String::new(),
        caution: String::new(),
    };
    let model = Model::new(ensemble, card)?;
    let file = model.to_file()?;
    let load = median(ROUNDS, || {
        let start = cpu();
        let loaded = Model::load(&file).map(|model| model.ensemble().trees());
        assert!(loaded.is_ok());
        (cpu() - start) * 1e3
    });
    println!(
        "model: {TREES} trees, {} nodes: {} bytes as text, {} compact, loaded in {load:.1} ms",
        model.ensemble().nodes(),
        text.len(),
        file.len()
    );
    figures.insert("model_bytes".to_owned(), file.len() as f64);
    figures.insert("model_text_bytes".to_owned(), text.len() as f64);
    figures.insert("model_load_ms".to_owned(), load);

    let kinds = files::files();
    let mut rows = Vec::new();
    for (kind, paths) in &kinds {
        if paths.is_empty() {
            println!("{kind}: no such file on this machine, skipped");
            continue;
        }
        let contents: Vec<Vec<u8>> = paths.iter().filter_map(|path| std::fs::read(path).ok()).collect();
        rows.extend(measure(&model, kind, &contents, &mut figures));
    }
    own_layouts(&kinds, &mut figures);
    shipped(&kinds["script"], &mut figures)?;
    peer::peer(&model, &text, &rows, &kinds, &mut figures)?;
    let figures: serde_json::Map<String, serde_json::Value> =
        figures.into_iter().map(|(name, figure)| (name, ((figure * 1000.0).round() / 1000.0).into())).collect();
    println!("{}", serde_json::json!({ "bench": "model", "machine": machine(), "figures": figures }));
    Ok(())
}

/// Times each part on the same files; returns the rows.
fn measure(model: &Model, kind: &str, contents: &[Vec<u8>], figures: &mut BTreeMap<String, f64>) -> Vec<Vec<f32>> {
    let megabytes = contents.iter().map(Vec::len).sum::<usize>() as f64 / 1e6;
    let count = contents.len() as f64;
    let layout = model.layout();
    let mut rows = vec![Vec::new(); contents.len()];
    let features = median(ROUNDS, || {
        let start = cpu();
        contents.iter().zip(&mut rows).for_each(|(bytes, row)| layout.extract(bytes, row));
        cpu() - start
    });
    let mut scratch = Scratch::default();
    let predict = median(ROUNDS, || {
        let mut out = [0.0];
        let start = cpu();
        for row in &rows {
            assert!(model.ensemble().predict(row, &mut out).is_ok());
        }
        cpu() - start
    });
    let explain = median(ROUNDS, || {
        let mut spent = 0.0;
        for row in &rows {
            model.judge_features(row, &mut scratch);
            let start = cpu();
            std::hint::black_box(model.reasons(&mut scratch, Model::REASONS));
            spent += cpu() - start;
        }
        spent
    });
    println!(
        "{kind}: {count} files, {megabytes:.1} MB: features {:.0} µs a file ({:.2} ms a MB), prediction {:.1} µs, explanation {:.0} µs",
        features / count * 1e6,
        features / megabytes * 1e3,
        predict / count * 1e6,
        explain / count * 1e6,
    );
    figures.insert(format!("{kind}_features_us"), features / count * 1e6);
    figures.insert(format!("{kind}_features_ms_a_mb"), features / megabytes * 1e3);
    figures.insert(format!("{kind}_total_ms_a_mb"), (features + predict) / megabytes * 1e3);
    figures.insert(format!("{kind}_predict_us"), predict / count * 1e6);
    figures.insert(format!("{kind}_explain_us"), explain / count * 1e6);
    rows
}

/// The other layouts that this program has, on the files they are meant for.
fn own_layouts(kinds: &BTreeMap<&'static str, Vec<PathBuf>>, figures: &mut BTreeMap<String, f64>) {
    for layout in model::layouts().into_iter().filter(|layout| !layout.id().starts_with("ember")) {
        let kind = if layout.id().starts_with("elf") { "elf" } else { "script" };
        if layout.id().starts_with("command") || kinds[kind].is_empty() {
            continue;
        }
        let contents: Vec<Vec<u8>> = kinds[kind].iter().filter_map(|path| std::fs::read(path).ok()).collect();
        let megabytes = contents.iter().map(Vec::len).sum::<usize>() as f64 / 1e6;
        let mut row = Vec::new();
        let seconds = median(ROUNDS, || {
            let start = cpu();
            contents.iter().for_each(|bytes| layout.extract(bytes, &mut row));
            cpu() - start
        });
        let (file, each) = (seconds / contents.len() as f64 * 1e6, seconds / megabytes * 1e3);
        println!("layout {} on {kind}: {file:.0} µs a file ({each:.2} ms a MB)", layout.id());
        figures.insert(format!("layout_{}_us", layout.id()), file);
        figures.insert(format!("layout_{}_ms_a_mb", layout.id()), each);
    }
}

/// A whole judgement of scripts by a model that ships: features, score, and reasons where it comes to them.
fn shipped(scripts: &[PathBuf], figures: &mut BTreeMap<String, f64>) -> Result<(), Box<dyn std::error::Error>> {
    let model = Model::load(include_bytes!("../../../../content/models/python.model"))?;
    let contents: Vec<Vec<u8>> = scripts.iter().filter_map(|path| std::fs::read(path).ok()).collect();
    if contents.is_empty() {
        println!("no script on this machine, no judgement measured");
        return Ok(());
    }
    let megabytes = contents.iter().map(Vec::len).sum::<usize>() as f64 / 1e6;
    let mut scratch = Scratch::default();
    let seconds = median(ROUNDS, || {
        let start = cpu();
        contents.iter().for_each(|bytes| drop(std::hint::black_box(model.judge(bytes, &mut scratch))));
        cpu() - start
    });
    let (file, each) = (seconds / contents.len() as f64 * 1e6, seconds / megabytes * 1e3);
    println!("a script judged by the model that ships: {file:.0} µs a file ({each:.2} ms a MB)");
    figures.insert("script_judged_us".into(), file);
    figures.insert("script_judged_ms_a_mb".into(), each);
    Ok(())
}

fn median(rounds: usize, run: impl FnMut() -> f64) -> f64 {
    middle(std::iter::repeat_with(run).take(rounds).collect())
}

fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Seconds of processor time that this thread has had: other work on the machine does not count.
fn cpu() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

/// Processor and kernel, so that a figure can be placed.
fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map(|rest| rest.trim_start_matches([' ', '\t', ':']));
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{cores} x {}, Linux {}", model.unwrap_or("unknown processor"), kernel.trim())
}
