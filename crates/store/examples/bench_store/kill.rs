//! kill -9 under ingest: what the child was told as stored must be there, and nothing twice.

use crate::figures::Figures;
use crate::telemetry::Telemetry;
use crate::{BATCH, Failure, open, plan};
use event::{AgentId, TenantId};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use store::BatchId;

pub const CHILD: &str = "kill-child";
const ROUNDS: usize = 3;
/// Enough that a flush is under way at most kills.
const ACKS: usize = 170;

/// Appends for ever and says what it was told.
pub async fn child(dir: &Path) -> Result<(), Failure> {
    let (_control, store) = open(dir).await?;
    let agent = AgentId::new("killed");
    let mut next = store.last_stored(&agent, 1).map_or(0, |last| last + 1).saturating_sub(BATCH);
    let telemetry = Telemetry::new(5_000_000);
    loop {
        let id = BatchId { tenant: TenantId::default(), agent: agent.clone(), epoch: 1, first_seq: next };
        store.append(id, telemetry.rows(next..next + BATCH)).await?;
        next += BATCH;
        writeln!(std::io::stdout(), "{next}")?;
    }
}

pub async fn check(figures: &mut Figures) -> Result<(), Failure> {
    let dir = tempfile::tempdir()?;
    let mut acked = 0u64;
    for _ in 0..ROUNDS {
        let mut child =
            Command::new(std::env::current_exe()?).arg(CHILD).arg(dir.path()).stdout(Stdio::piped()).spawn()?;
        let told = BufReader::new(child.stdout.take().ok_or("no output of the child")?).lines();
        for line in told.take(ACKS) {
            acked = line?.parse()?;
        }
        child.kill()?;
        child.wait()?;
    }
    let (_control, store) = open(dir.path()).await?;
    let sql = "SELECT count(*), count(DISTINCT event_sequence), max(event_sequence) FROM events";
    let answer = store.hunt(&plan(sql)).await?.collect().await?;
    let cell = |i: usize| answer.rows[0][i].as_u64().unwrap_or_default();
    let (all, distinct, last) = (cell(0), cell(1), cell(2));
    figures.put("kill_acknowledged", acked as f64);
    figures.put("kill_lost", (acked.max(last + 1) - distinct) as f64);
    figures.put("kill_doubled", (all - distinct) as f64);
    store.close().await;
    Ok(())
}
