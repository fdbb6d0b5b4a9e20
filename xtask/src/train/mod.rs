//! `cargo xtask train`: the models of `content/models`, made anew from public data by one command.
//!
//! In: Debian packages of several architectures and releases (fetched by apt, unpacked by dpkg, never executed), the tables of
//! `../shared/data`, stand-in texts of our own, and EMBER2024 feature files where the operator has them. Out: `content/models`
//! and the model card `docs/MODEL.md`. Everything in between stands in a cache folder outside the checkout; each step keeps
//! what it made there, so that a run that was stopped goes on where it was. Seeds are fixed; nothing reads the clock.

mod debian;
mod features;
mod fit;

use crate::packages;
use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};

/// What training needs of Debian besides the build.
const NEEDED: &[&str] = &["dpkg", "xz-utils", "python3-venv"];
/// Of a trial: enough for each step to have something to do.
const QUICK_MEGABYTES: u64 = 10;

#[derive(Args)]
pub struct Options {
    /// Folder for downloads, feature tables and the Python environment; must be outside the checkout.
    #[arg(long)]
    pub cache: Option<PathBuf>,
    /// Folder with EMBER2024 feature files (`*.jsonl`), for models of PE and other types.
    #[arg(long)]
    pub ember: Option<PathBuf>,
    /// Megabytes of packages to fetch for each release and architecture.
    #[arg(long, default_value_t = 300)]
    pub megabytes: u64,
    /// Folder of the public tables; `../shared/data` by default.
    #[arg(long)]
    pub data: Option<PathBuf>,
    /// Day that the models say they were trained on.
    #[arg(long, default_value = "2026-11-25")]
    pub day: String,
    /// How far extraction stands back for other work on the machine.
    #[arg(long, default_value_t = 15)]
    pub nice: u8,
    /// Steps to run; all of them by default.
    #[arg(long = "step", value_enum)]
    pub steps: Vec<Step>,
    /// Go the whole road in some minutes: few packages of one release, a fraction of the trees. Models and card are worth nothing and
    /// go into the cache folder, never into the checkout.
    #[arg(long)]
    pub quick: bool,
    /// Install missing Debian packages without asking.
    #[arg(long)]
    pub yes: bool,
}

/// Where everything goes.
struct Places {
    /// Downloads, tables, what was fitted.
    work: PathBuf,
    /// The Python environment, which a trial shares.
    python: PathBuf,
    models: PathBuf,
    card: PathBuf,
    scores: PathBuf,
}

impl Places {
    fn of(cache: &Path, quick: bool) -> Result<Places> {
        let work = if quick { cache.join("quick") } else { cache.to_owned() };
        let (models, card, scores) = if quick {
            (work.join("models"), work.join("MODEL.md"), work.join("shipped_scores.tsv"))
        } else {
            let root = crate::paths::root();
            let scores = root.join("crates/model/tests/fixtures/shipped_scores.tsv");
            (root.join("content/models"), root.join("docs/MODEL.md"), scores)
        };
        for folder in [&work, &models] {
            std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        }
        Ok(Places { work, python: cache.join("venv"), models, card, scores })
    }
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Step {
    /// Choose and download packages.
    Fetch,
    /// Count imports for `common_imports.tsv`; only when asked for, since the features that follow change with it.
    Imports,
    /// Unpack them one after another and write their features.
    Features,
    /// Split, train, measure, write models and card.
    Fit,
}

pub fn train(options: &Options) -> Result<()> {
    let all = [Step::Fetch, Step::Features, Step::Fit];
    let wanted =
        |step: Step| if options.steps.is_empty() { all.contains(&step) } else { options.steps.contains(&step) };
    packages::ensure(NEEDED, options.yes)?;
    let places = Places::of(&cache(options)?, options.quick)?;
    if wanted(Step::Fetch) {
        let (releases, megabytes) = if options.quick {
            (&["bookworm"][..], options.megabytes.min(QUICK_MEGABYTES))
        } else {
            (debian::RELEASES, options.megabytes)
        };
        debian::fetch(&places.work, releases, megabytes * 1_000_000)?;
    }
    if options.steps.contains(&Step::Imports) {
        if options.quick {
            bail!("the imports of a trial are too few to say what is common");
        }
        features::common_imports(&places.work, options.nice)?;
    }
    if wanted(Step::Features) {
        features::extract(&places.work, options.nice)?;
    }
    if wanted(Step::Fit) {
        let data = options.data.clone().unwrap_or_else(crate::paths::shared_data);
        fit::fit(&places, &data, options.ember.as_deref(), &options.day, options.quick)?;
    }
    Ok(())
}

fn cache(options: &Options) -> Result<PathBuf> {
    let folder = match (&options.cache, std::env::var_os("XDG_CACHE_HOME"), std::env::var_os("HOME")) {
        (Some(given), ..) => given.clone(),
        (None, Some(base), _) => PathBuf::from(base).join("tamon/train"),
        (None, None, Some(home)) => PathBuf::from(home).join(".cache/tamon/train"),
        (None, None, None) => bail!("no home folder: give --cache"),
    };
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let folder = folder.canonicalize()?;
    if folder.starts_with(crate::paths::root()) {
        bail!("the cache holds gigabytes of others' programs; choose a folder outside the checkout");
    }
    Ok(folder)
}

/// FNV-1a: orders and splits by name, the same on every machine.
fn stable_hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

/// A child that must not take the machine from others.
fn nice(by: u8, program: &std::path::Path) -> std::process::Command {
    let mut command = std::process::Command::new("nice");
    command.args(["-n", &by.to_string()]).arg(program);
    command
}
