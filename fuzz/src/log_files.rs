//! Log files of other systems.

use crate::records::scratch;
use std::ops::ControlFlow;

const CHUNK: usize = 64 << 10;

/// The first letter says as what the rest is read; a chunk of a Windows event log is filled up with zeros.
pub fn fuzz_log_file(data: &[u8]) {
    let Some((letter, rest)) = data.split_first() else { return };
    let (format, length) = match letter {
        b'e' => (Some(logs::Format::Evtx), CHUNK),
        b'j' => (Some(logs::Format::Json), 0),
        b'a' => (Some(logs::Format::Auditd), 0),
        b'x' => (Some(logs::Format::Journal), 0),
        b's' => (Some(logs::Format::Syslog), 0),
        _ => (None, 0),
    };
    let mut bytes = rest.to_vec();
    bytes.resize(rest.len().max(length), 0);
    let folder = scratch();
    let path = folder.path().join("fuzz.log");
    std::fs::write(&path, bytes).expect("the scratch folder takes files");
    let mut records = 0;
    let outcome = logs::read(&path, format, &mut |record| {
        records += 1;
        assert!(record.iter().count() <= logs::limits::VALUES);
        ControlFlow::Continue(())
    });
    if let Ok(outcome) = outcome {
        assert_eq!(outcome.records, records, "each record is counted once");
    }
}

/// The first letter says of which log the rest is, as it grows: lines, an event of Docker, a file of the journal.
pub fn fuzz_live_log(data: &[u8]) {
    use logs::live;
    let Some((letter, rest)) = data.split_first() else { return };
    let fits = |heard: &live::Heard| assert!(heard.event.message.len() <= live::MESSAGE_BYTES);
    match letter {
        b'x' => {
            let folder = scratch();
            let machine = folder.path().join("machine");
            std::fs::create_dir(&machine).expect("the scratch folder takes folders");
            std::fs::write(machine.join("system.journal"), rest).expect("and files");
            let mut journal = live::Journal::new(vec![folder.path().to_owned()], Some(0));
            let _ = journal.poll(&mut |heard| fits(&heard));
        }
        b'd' => {
            let _ = live::docker(rest).map(|heard| heard.iter().for_each(fits));
        }
        b'a' => {
            let mut audit = live::Audit::default();
            rest.split(|byte| *byte == b'\n').for_each(|line| audit.line(line, &mut |heard| fits(&heard)));
            audit.idle(&mut |heard| fits(&heard));
        }
        b'w' => rest.split(|b| *b == b'\n').for_each(|line| live::request(line, "nginx").iter().for_each(fits)),
        _ => rest.split(|b| *b == b'\n').for_each(|line| {
            live::line(line, event::Timestamp(0), event::LogFacility::Other).iter().for_each(fits);
            live::own_line(line, "x").iter().for_each(fits);
        }),
    }
}

/// A chunk with one record that holds an empty fragment.
pub fn event_log_seed() -> Vec<u8> {
    let mut chunk = vec![0u8; 512];
    chunk[..8].copy_from_slice(b"ElfChnk\0");
    let fragment = [0x0f, 1, 1, 0, 0];
    let size = (24 + fragment.len() + 4) as u32;
    for (at, number) in [(8, 1u64), (16, 1), (24, 1), (32, 1)] {
        chunk[at..at + 8].copy_from_slice(&number.to_le_bytes());
    }
    for (at, number) in [(40, 128), (44, 512), (48, 512 + size)] {
        chunk[at..at + 4].copy_from_slice(&number.to_le_bytes());
    }
    chunk.extend(0x2a2au32.to_le_bytes());
    chunk.extend(size.to_le_bytes());
    chunk.extend(1u64.to_le_bytes());
    chunk.extend(133_000_000_000_000_000u64.to_le_bytes());
    chunk.extend(fragment);
    chunk.extend(size.to_le_bytes());
    [b"e".as_slice(), &chunk].concat()
}
