//! The same rows and files asked of LightGBM and of EMBER2024's extractor, in Python, in turns with ours.

use crate::{ROUNDS, cpu, middle};
use model::{Model, Scratch};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

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
pub fn peer(
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
