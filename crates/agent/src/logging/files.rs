//! The thread that looks at files of logs five times a second, and remembers how far it came.

use super::{Desk, Measure};
use crate::config;
use crate::pipeline::now;
use anyhow::Result;
use event::LogFacility;
use logs::live::{Audit, Follower, Heard, Journal, Place};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

const REST: Duration = Duration::from_millis(200);
const KEEP: Duration = Duration::from_secs(5);
/// Bytes of one file in one look.
const BUDGET: usize = 1 << 20;
const MOST_FILES: usize = 32;

/// What is kept over a restart.
#[derive(Default, PartialEq, Clone, Serialize, Deserialize)]
struct Kept {
    journal: Option<u64>,
    files: BTreeMap<PathBuf, Place>,
}

enum Form {
    Syslog(LogFacility),
    /// What one program writes for itself.
    Own(String),
    Audit(Box<Audit>),
    Web(String),
}

struct Source {
    name: String,
    follower: Follower,
    form: Form,
    measure: Measure,
    quiet: u32,
}

pub fn start(config: config::Logs, desk: Arc<Desk>) -> Result<()> {
    std::thread::Builder::new().name("logs".into()).spawn(move || run(&config, &desk))?;
    Ok(())
}

fn run(config: &config::Logs, desk: &Desk) {
    let file = desk.shared.place.logs();
    let mut kept = read_kept(&file).unwrap_or_else(|error| {
        desk.shared.problem(format!("how far logs were read before is not known, so some lines were not: {error}"));
        Kept::default()
    });
    let mut journal = Journal::new(config.journal.clone(), kept.journal);
    let mut of_journal = Measure::new(desk);
    let mut sources = sources(config, desk, &kept);
    let (mut written, mut looked) = (Instant::now(), false);
    loop {
        let begun = Instant::now();
        let has_journal = journal_round(desk, &mut journal, &mut of_journal);
        for source in &mut sources {
            let is_syslog = matches!(source.form, Form::Syslog(_));
            if is_syslog && has_journal {
                desk.say(&source.name, |state| state.state = "left to the journal, which holds the same".into());
                continue;
            }
            source.round(desk);
        }
        if written.elapsed() >= KEEP || !looked {
            (written, looked) = (Instant::now(), true);
            let fresh = Kept {
                journal: journal.after(),
                files: sources
                    .iter()
                    .filter_map(|source| Some((source.follower.path().to_owned(), source.follower.place()?)))
                    .collect(),
            };
            if fresh != kept {
                keep(desk, &file, &fresh);
                kept = fresh;
            }
        }
        std::thread::sleep(REST.saturating_sub(begun.elapsed()).max(REST / 4));
    }
}

fn sources(config: &config::Logs, desk: &Desk, kept: &Kept) -> Vec<Source> {
    let auth = config.auth.iter().map(|path| (path, Form::Syslog(LogFacility::Auth)));
    let system = config.system.iter().map(|path| (path, Form::Syslog(LogFacility::Other)));
    let own = config.programs.iter().map(|(program, path)| (path, Form::Own(program.clone())));
    let audit = config.audit.iter().map(|path| (path, Form::Audit(Box::default())));
    let web = config.web.iter().map(|path| {
        let whole = path.to_string_lossy();
        let server = ["nginx", "apache2", "httpd"].into_iter().find(|name| whole.contains(name)).unwrap_or("web");
        (path, Form::Web(server.to_owned()))
    });
    auth.chain(audit)
        .chain(web)
        .chain(system)
        .chain(own)
        .take(MOST_FILES)
        .map(|(path, form)| Source {
            name: path.display().to_string(),
            follower: Follower::new(path.clone(), kept.files.get(path).copied()),
            form,
            measure: Measure::new(desk),
            quiet: 0,
        })
        .collect()
}

fn journal_round(desk: &Desk, journal: &mut Journal, measure: &mut Measure) -> bool {
    let mut heard: Vec<Heard> = Vec::new();
    let polled = journal.poll(&mut |one| heard.push(one));
    heard.into_iter().for_each(|one| measure.take(desk, one));
    measure.tend(desk);
    desk.say("journal", |state| {
        state.state = match &polled {
            Ok(true) => {
                format!("followed: {}", journal.path().map_or(String::new(), |path| path.display().to_string()))
            }
            Ok(false) => "not there".to_owned(),
            Err(error) => format!("cannot be read: {error}"),
        };
        state.counts = journal.counts;
        measure.show(state);
    });
    // One that cannot be read leaves the files to be followed.
    matches!(polled, Ok(true))
}

impl Source {
    fn round(&mut self, desk: &Desk) {
        let Source { follower, form, measure, quiet, .. } = self;
        let mut any = false;
        let polled = follower.poll(BUDGET, &mut |line| {
            any = true;
            match form {
                Form::Syslog(file) => {
                    logs::live::line(line, now(), *file).into_iter().for_each(|one| measure.take(desk, one));
                }
                Form::Own(program) => {
                    logs::live::own_line(line, program).into_iter().for_each(|one| measure.take(desk, one));
                }
                Form::Audit(audit) => audit.line(line, &mut |one| measure.take(desk, one)),
                Form::Web(server) => {
                    logs::live::request(line, server).into_iter().for_each(|one| measure.take(desk, one));
                }
            }
        });
        *quiet = if any { 0 } else { quiet.saturating_add(1) };
        if let (Form::Audit(audit), 5) = (form, *quiet) {
            audit.idle(&mut |one| measure.take(desk, one));
        }
        self.measure.tend(desk);
        desk.say(&self.name, |state| {
            state.state = match &polled {
                Ok(true) => "followed".to_owned(),
                Ok(false) => "not there".to_owned(),
                Err(error) => format!("cannot be read: {error}"),
            };
            state.counts = self.follower.counts;
            self.measure.show(state);
        });
    }
}

/// Nothing where nothing was kept yet.
fn read_kept(file: &std::path::Path) -> std::io::Result<Kept> {
    match std::fs::read(file) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes)?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Kept::default()),
        Err(error) => Err(error),
    }
}

fn keep(desk: &Desk, file: &std::path::Path, kept: &Kept) {
    let beside = file.with_extension("new");
    let written = serde_json::to_vec(kept).map_err(std::io::Error::from).and_then(|bytes| {
        std::fs::write(&beside, bytes)?;
        std::fs::rename(&beside, file)
    });
    if let Err(error) = written {
        desk.shared.problem(format!("how far logs were read cannot be kept: {error}"));
    }
}
