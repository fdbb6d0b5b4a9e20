//! `cargo xtask bench model`: what a judgement costs, by type of file: features, prediction, explanation; and what a model
//! weighs. The trees are random but of EMBER2024's size (500 trees of 64 leaves on 2,568 features): how long a walk takes does not
//! hang on what they learned. All times are of the processor, so that a busy machine measures the same. Where Python with LightGBM stands (`TAMON_LIGHTGBM_PYTHON`), it predicts and explains the same
//! rows with the same model in the same run, alternating; with thrember on its path, the original extractor reads the same files.

use model::{Card, Ensemble, Kind, Model, Scratch};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const TREES: usize = 500;
const LEAVES: usize = 64;
const ROUNDS: usize = 5;
const FILES_A_TYPE: usize = 40;
const LARGEST: u64 = 4 << 20;

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

    let kinds = files();
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
    peer(&model, &text, &rows, &kinds, &mut figures)?;
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
    let model = Model::load(include_bytes!("../../../content/models/python.model"))?;
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

const PEER: &str = r"
import sys, time, json, numpy as np, lightgbm as lgb
model, rows, width = sys.argv[1], sys.argv[2], int(sys.argv[3])
booster = lgb.Booster(model_file=model)
x = np.fromfile(rows, dtype='<f4').reshape(-1, width).astype(np.float64)
try:
    from thrember.features import PEFeatureExtractor
    extractor = PEFeatureExtractor()
except ImportError:
    extractor = None
print('ready', bool(extractor), flush=True)
for line in sys.stdin:
    word, _, path = line.strip().partition(' ')
    start = time.process_time()
    if word == 'predict':
        for row in x:
            booster.predict(row[None, :], num_threads=1)
    elif word == 'batch':
        booster.predict(x, num_threads=1)
    elif word == 'explain':
        for row in x[:20]:
            booster.predict(row[None, :], pred_contrib=True, num_threads=1)
    else:
        data = open(path, 'rb').read()
        start = time.process_time()
        extractor.feature_vector(data)
    print(time.process_time() - start, flush=True)
";

/// Python on the same rows and files, asked in turns with ours.
fn peer(
    model: &Model,
    text: &str,
    rows: &[Vec<f32>],
    kinds: &BTreeMap<&'static str, Vec<PathBuf>>,
    figures: &mut BTreeMap<String, f64>,
) -> Result<(), Box<dyn std::error::Error>> {
    let Some(python) = std::env::var_os("TAMON_LIGHTGBM_PYTHON") else {
        println!("peer: TAMON_LIGHTGBM_PYTHON names no Python with lightgbm; not measured");
        return Ok(());
    };
    let folder = tempfile::tempdir()?;
    let (model_path, rows_path) = (folder.path().join("model.txt"), folder.path().join("rows"));
    std::fs::write(&model_path, text)?;
    std::fs::write(&rows_path, rows.iter().flatten().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>())?;
    let mut child = Command::new(python)
        .args(["-c", PEER])
        .args([&model_path, &rows_path])
        .arg(model.layout().width().to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let (mut stdin, stdout) = (child.stdin.take().ok_or("no stdin")?, child.stdout.take().ok_or("no stdout")?);
    let mut lines = BufReader::new(stdout).lines();
    let ready = lines.next().ok_or("the peer ended")??;
    let mut ask = |what: &str| -> Result<f64, Box<dyn std::error::Error>> {
        writeln!(stdin, "{what}")?;
        Ok(lines.next().ok_or("the peer ended")??.parse()?)
    };
    let count = rows.len() as f64;
    let mut scratch = Scratch::default();
    let (mut single, mut batch, mut explain) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let mut out = [0.0];
        let start = cpu();
        for row in rows {
            assert!(model.ensemble().predict(row, &mut out).is_ok());
        }
        let ours = cpu() - start;
        single.push(ask("predict")? / ours);
        batch.push(ask("batch")? / ours);
        let start = cpu();
        for row in rows.iter().take(20) {
            model.judge_features(row, &mut scratch);
            std::hint::black_box(model.reasons(&mut scratch, Model::REASONS));
        }
        explain.push(ask("explain")? / (cpu() - start));
    }
    let (single, batch, explain) = (middle(single), middle(batch), middle(explain));
    println!(
        "peer LightGBM, {count} rows: ours is {single:.1} times as fast row by row, {batch:.2} in one batch, {explain:.2} at explaining"
    );
    figures.insert("lightgbm_row_ratio".into(), single);
    figures.insert("lightgbm_batch_ratio".into(), batch);
    figures.insert("lightgbm_explain_ratio".into(), explain);
    if ready.ends_with("True") {
        let mut row = Vec::new();
        for (kind, paths) in kinds {
            let mut ratios = Vec::new();
            for path in paths.iter().take(8) {
                let bytes = std::fs::read(path)?;
                let start = cpu();
                model.layout().extract(&bytes, &mut row);
                let ours = cpu() - start;
                ratios.push(ask(&format!("extract {}", path.display()))? / ours);
            }
            if !ratios.is_empty() {
                let ratio = middle(ratios);
                println!("peer thrember, {kind}: ours is {ratio:.0} times as fast");
                figures.insert(format!("thrember_{kind}_ratio"), ratio);
            }
        }
    }
    drop(stdin);
    child.wait()?;
    Ok(())
}

/// Files of this machine by type, spread evenly over the sorted list, so that a run can be repeated. Folders to look in for PE files may be
/// given as arguments.
fn files() -> BTreeMap<&'static str, Vec<PathBuf>> {
    let extra: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let mut found: BTreeMap<&'static str, Vec<PathBuf>> =
        ["elf", "pe", "script", "text"].map(|kind| (kind, Vec::new())).into();
    let usual = [
        "/usr/bin",
        "/usr/lib/x86_64-linux-gnu",
        "/usr/lib/python3",
        "/usr/share/doc",
        "/usr/share/perl5",
        "/usr/lib/grub",
    ];
    for folder in usual.iter().map(Path::new).chain(extra.iter().map(PathBuf::as_path)) {
        walk(folder, 0, &mut found);
    }
    for paths in found.values_mut() {
        paths.sort();
        let step = (paths.len() / FILES_A_TYPE).max(1);
        *paths = paths.iter().step_by(step).take(FILES_A_TYPE).cloned().collect();
    }
    found
}

fn walk(folder: &Path, depth: usize, found: &mut BTreeMap<&'static str, Vec<PathBuf>>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let Ok(meta) = std::fs::symlink_metadata(&path) else { continue };
        if meta.is_dir() && depth < 6 {
            walk(&path, depth + 1, found);
        } else if meta.is_file() && (64..LARGEST).contains(&meta.len()) {
            let mut head = [0; 4];
            let read = std::fs::File::open(&path).and_then(|mut file| std::io::Read::read_exact(&mut file, &mut head));
            let extension = path.extension().and_then(|extension| extension.to_str());
            let kind = match (&head, extension) {
                _ if read.is_err() => continue,
                (b"\x7fELF", _) => "elf",
                ([b'M', b'Z', ..], _) => "pe",
                ([b'#', b'!', ..], _) | (_, Some("py" | "pl" | "pm" | "sh")) => "script",
                (_, Some("txt" | "md" | "html")) => "text",
                _ => continue,
            };
            found.entry(kind).or_default().push(path);
        }
    }
}

/// LightGBM's text of random trees: thresholds where features of files lie, so that walks go both ways.
fn random_model(width: usize) -> String {
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as usize % below
    };
    let names: Vec<String> = (0..width).map(|index| format!("Column_{index}")).collect();
    let mut text = format!(
        "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\nmax_feature_idx={}\nobjective=binary sigmoid:1\nfeature_names={}\nfeature_infos={}\n\n",
        width - 1,
        names.join(" "),
        vec!["none"; width].join(" ")
    );
    for tree in 0..TREES {
        // Leaf-wise growth: each split takes the place of a random leaf.
        let (mut left, mut right, mut counts) = (vec![-1i64], vec![-2i64], vec![0u64; LEAVES - 1]);
        for split in 1..LEAVES - 1 {
            let leaf = -1 - random(split + 1) as i64;
            for child in left.iter_mut().chain(&mut right) {
                if *child == leaf {
                    *child = split as i64;
                }
            }
            left.push(leaf);
            right.push(-2 - split as i64);
        }
        let leaves: Vec<u64> = (0..LEAVES).map(|_| 100 + random(5000) as u64).collect();
        for split in (0..LEAVES - 1).rev() {
            let of = |child: i64, counts: &[u64]| {
                if child < 0 { leaves[(-1 - child) as usize] } else { counts[child as usize] }
            };
            counts[split] = of(left[split], &counts) + of(right[split], &counts);
        }
        let join = |values: &mut dyn Iterator<Item = String>| values.collect::<Vec<_>>().join(" ");
        let features: Vec<usize> = (0..LEAVES - 1).map(|_| random(width)).collect();
        let thresholds: Vec<f64> = features
            .iter()
            .map(|feature| match feature {
                0 => 100_000.0,
                1 => 6.0,
                7..=518 | 522..=617 => 0.004,
                _ => random(3) as f64 + 0.5,
            })
            .collect();
        let _ = write!(
            text,
            "Tree={tree}\nnum_leaves={LEAVES}\nnum_cat=0\nsplit_feature={}\nsplit_gain={}\nthreshold={}\ndecision_type={}\nleft_child={}\nright_child={}\nleaf_value={}\nleaf_weight={}\nleaf_count={}\ninternal_value={}\ninternal_weight={}\ninternal_count={}\nis_linear=0\nshrinkage=0.1\n\n\n",
            join(&mut features.iter().map(ToString::to_string)),
            join(&mut features.iter().map(|_| "1".into())),
            join(&mut thresholds.iter().map(ToString::to_string)),
            join(&mut features.iter().map(|_| "2".into())),
            join(&mut left.iter().map(ToString::to_string)),
            join(&mut right.iter().map(ToString::to_string)),
            join(&mut (0..LEAVES).map(|_| (random(2001) as f64 / 10_000.0 - 0.1).to_string())),
            join(&mut leaves.iter().map(ToString::to_string)),
            join(&mut leaves.iter().map(ToString::to_string)),
            join(&mut counts.iter().map(|_| "0".into())),
            join(&mut counts.iter().map(ToString::to_string)),
            join(&mut counts.iter().map(ToString::to_string)),
        );
    }
    text + "end of trees\n"
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
