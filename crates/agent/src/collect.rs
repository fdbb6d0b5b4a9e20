//! Looking at the host when the node asks: what may be looked at is [`respond::collect`]; what only the agent knows is added here,
//! which processes its sensor believes alive and which package owns a file.

use crate::shared::Shared;
use anyhow::{Context as _, Result, bail};
use enrich::PackageFiles;
use event::ProcessKey;
use respond::collect::{Known, Limits, Look, Owner, collect};
use std::path::Path;
use std::time::{Duration, Instant};
use wire::CommandStatus;

/// The table, as one JSON document.
pub fn obey(shared: &Shared, order: &wire::Collect) -> Result<(CommandStatus, String, String)> {
    let look = look(shared, order)?;
    let limits = Limits {
        items: usize::try_from(order.max_items).unwrap_or(usize::MAX),
        bytes: order.max_bytes,
        time: Duration::from_millis(order.max_milliseconds.into()),
    };
    let living: Vec<u32> = match look {
        Look::HiddenProcesses => shared.enricher.living().iter().map(|process| process.key.tgid).collect(),
        _ => Vec::new(),
    };
    // Read only where files are looked at: the lists of a whole distribution are some megabytes.
    let mut packages = None;
    let mut package = |path: &Path| {
        let text = path.to_str()?;
        let packages = packages.get_or_insert_with(|| {
            let mut files = PackageFiles::new("/".as_ref());
            files.refresh();
            files
        });
        let package = packages.of(text)?.package;
        let changed = std::fs::File::open(path)
            .is_ok_and(|file| enrich::verify("/".as_ref(), &package, text, &file) == enrich::Verified::Changed);
        Some(Owner { package: package.name.to_string(), changed })
    };
    let started = Instant::now();
    let collected = collect(&look, limits, &mut Known { living: &living, package: &mut package })?;
    let detail = format!("{} rows in {} ms", collected.rows.len(), started.elapsed().as_millis());
    tracing::info!(?look, rows = collected.rows.len(), truncated = collected.truncated, "looked at this host");
    Ok((CommandStatus::Done, detail, serde_json::to_string(&collected)?))
}

fn look(shared: &Shared, order: &wire::Collect) -> Result<Look> {
    let process = || process(shared, order);
    Ok(match order.look {
        wire::Look::Memory => Look::Memory(process()?.context("whose memory is not said")?),
        wire::Look::OpenFiles => Look::OpenFiles(process()?.context("whose files is not said")?),
        wire::Look::Sockets => Look::Sockets(process()?),
        wire::Look::Persistence => Look::Persistence,
        wire::Look::Modules => Look::Modules,
        wire::Look::HiddenProcesses => Look::HiddenProcesses,
        wire::Look::KernelHooks => Look::KernelHooks,
        wire::Look::Logins => Look::Logins,
        wire::Look::File => Look::File(order.path.as_deref().context("which file is not said")?.into()),
    })
}

/// Of this boot, or else of another life of the host: then it has ended, and the look says so.
fn process(shared: &Shared, order: &wire::Collect) -> Result<Option<ProcessKey>> {
    let Some((entity, pid, start_ticks)) = &order.process else { return Ok(None) };
    let key = ProcessKey { boot: shared.host.boot, tgid: *pid, start_ticks: *start_ticks };
    if key.entity_id() != *entity {
        bail!("{entity} is not a process of this boot");
    }
    Ok(Some(key))
}
