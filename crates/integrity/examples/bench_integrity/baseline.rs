//! A baseline of one tree: Tamon and AIDE in turns, each of the same attributes and with SHA-256 of every content, over files
//! that were read once before.

use crate::{Figures, median};
use anyhow::{Context, Result, bail};
use integrity::{Home, Scope, TakeOptions, Taken};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

pub fn run(tree: &str, rounds: usize, figures: &mut Figures) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    // The first brings the files into memory, and is not counted.
    let first = take(tree, &folder.path().join("first"))?;
    let has_aide = Command::new("aide").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if !has_aide {
        println!("AIDE is not here: `apt-get install aide` to measure against it");
    }
    for round in 0..rounds {
        let (seconds, _) = take(tree, &folder.path().join(format!("round{round}")))?;
        ours.push(seconds);
        if has_aide {
            theirs.push(aide(tree, folder.path())?);
        }
        println!("round {}: tamon {:.1} s, AIDE {:.1} s", round + 1, ours[round], theirs.last().unwrap_or(&f64::NAN));
    }
    let (_, taken) = first;
    figures.insert("baseline_files", taken.files as f64);
    figures.insert("baseline_mb", taken.bytes as f64 / 1e6);
    figures.insert("baseline_size_kb", taken.size as f64 / 1e3);
    figures.insert("baseline_s", median(ours.clone()));
    if has_aide {
        figures.insert("aide_s", median(theirs.clone()));
        figures.insert("aide_ratio", median(theirs.iter().zip(&ours).map(|(aide, tamon)| aide / tamon).collect()));
    }
    Ok(())
}

fn take(tree: &str, to: &Path) -> Result<(f64, Taken)> {
    let start = Instant::now();
    let home = Home::create(to)?;
    let taken = integrity::take(&home, &Scope::of([tree.to_owned()], []), &TakeOptions::default())?;
    Ok((start.elapsed().as_secs_f64(), taken))
}

fn aide(tree: &str, folder: &Path) -> Result<f64> {
    let config = folder.join("aide.conf");
    let database = folder.join("aide.db");
    let attributes = "p+ftype+i+l+n+u+g+s+m+c+acl+xattrs+sha256";
    let text =
        format!("database_out=file:{}\ngzip_dbout=no\nlog_level=error\n{tree} {attributes}\n", database.display());
    std::fs::write(&config, text)?;
    let start = Instant::now();
    let output = Command::new("aide").arg("--init").arg("--config").arg(&config).output().context("aide")?;
    let seconds = start.elapsed().as_secs_f64();
    // Its exit status counts warnings; the database says whether it worked.
    if std::fs::metadata(&database).map_or(0, |meta| meta.len()) == 0 {
        bail!("aide: {} {}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    std::fs::remove_file(database)?;
    Ok(seconds)
}
