//! Files that were named, not opened: removed, renamed, linked, their attributes changed. The sensor knows what the process
//! wrote; which file that is depends on links on the way.

use event::{Event, EventKind, FileOp};
use std::path::Path;

/// The names that an event is about, each with the same under the real name of its folder; only those that differ.
pub fn real(event: &Event) -> Vec<(&str, String)> {
    let EventKind::File(file) = &event.kind else { return Vec::new() };
    let opened = matches!(file.op, FileOp::OpenRead | FileOp::OpenWrite { .. } | FileOp::Create | FileOp::WriteClose);
    if opened {
        return Vec::new();
    }
    let from = match &file.op {
        FileOp::Rename { from } => Some(&**from),
        _ => None,
    };
    [Some(&*file.file.path), from]
        .into_iter()
        .flatten()
        .filter_map(|name| Some((name, in_real_folder(name)?)))
        .collect()
}

/// As this host's links lead: what another mount namespace makes of it is not known when it may be gone already.
fn in_real_folder(name: &str) -> Option<String> {
    let path = Path::new(name);
    let folder = path.parent()?;
    // As far as it is there: what a process sees in a mount namespace of its own may not be.
    let (there, known) = folder.ancestors().find_map(|above| Some((above.canonicalize().ok()?, above)))?;
    let real = there.join(folder.strip_prefix(known).ok()?).join(path.file_name()?).to_str()?.to_owned();
    (real != name).then_some(real)
}

#[cfg(test)]
mod tests {
    use super::*;
    use event::{File, FileEvent, Timestamp, Via};

    #[test]
    fn a_name_below_a_link_is_that_of_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().canonicalize().unwrap();
        std::fs::create_dir(base.join("real")).unwrap();
        std::os::unix::fs::symlink(base.join("real"), base.join("link")).unwrap();
        let event = |op, path: &Path| Event {
            sequence: 0,
            time: Timestamp(0),
            via: Via::Syscall,
            process: None,
            parent: None,
            kind: EventKind::File(FileEvent { op, file: File::at(path.to_str().unwrap()) }),
        };
        let through = base.join("link/x");
        let found = |op, path: &Path| real(&event(op, path)).into_iter().map(|(_, real)| real).collect::<Vec<_>>();
        assert_eq!(found(FileOp::Unlink, &through), [base.join("real/x").to_str().unwrap()]);
        assert!(found(FileOp::Unlink, &base.join("real/x")).is_empty());
        assert_eq!(found(FileOp::Unlink, &base.join("link/gone/x")), [base.join("real/gone/x").to_str().unwrap()]);
        assert!(found(FileOp::Create, &through).is_empty(), "what was opened is known by its real name");
    }
}
