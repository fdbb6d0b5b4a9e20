//! What agents and nodes send each other, and what the agent keeps on its disk.

use prost::Message as _;
use std::sync::OnceLock;
use wire::{Batch, ClientMessage, Record, ServerMessage, v1};

pub fn fuzz_wire_record(data: &[u8]) {
    if let Ok(row) = wire::decode_row(data) {
        // What was read once is written and read alike.
        let mut bytes = Vec::new();
        wire::encode_event(&row, &mut bytes);
        wire::decode_row(&bytes).expect("what we wrote can be read");
    }
    if let Ok(record) = Record::decode(data) {
        drop(record);
    }
}

/// The first byte says whether the rest is compressed already.
pub fn fuzz_wire_batch(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else { return };
    let zstd = if first & 1 == 0 { zstd::bulk::compress(rest, 1).unwrap_or_default() } else { rest.to_vec() };
    let raw_bytes = if first & 2 == 0 { rest.len() as u32 } else { 1 << 20 };
    let count = u32::from(first >> 2);
    let batch = v1::Batch { epoch: 1, after: 5, last: 5 + u64::from(count), count, raw_bytes, zstd: zstd.into() };
    if let Ok(batch) = Batch::unpack(batch) {
        batch.pack().expect("what was read can be packed again");
    }
}

pub fn fuzz_wire_message(data: &[u8]) {
    if let Ok(message) = v1::ClientMessage::decode(data)
        && let Ok(message) = ClientMessage::read(message)
    {
        drop(message);
    }
    if let Ok(message) = v1::ServerMessage::decode(data)
        && let Ok(message) = ServerMessage::read(message)
    {
        drop(message);
    }
}

pub fn fuzz_row_json(data: &[u8]) {
    if let Ok(row) = serde_json::from_slice::<event::Row>(data) {
        let text = serde_json::to_vec(&row).expect("a row can be written");
        assert_eq!(serde_json::from_slice::<event::Row>(&text).expect("and read again"), row);
    }
}

/// A segment's file with any content, opened as an agent does after a crash: read to its end, then written on.
pub fn fuzz_spool_segment(data: &[u8]) {
    let (name, others) = template();
    let folder = scratch();
    for (other, bytes) in others {
        std::fs::write(folder.path().join(other), bytes).expect("the scratch folder takes files");
    }
    std::fs::write(folder.path().join(name), data).expect("the scratch folder takes files");
    let Ok(spool) = spool::Spool::open(folder.path(), spool::SpoolConfig::default()) else { return };
    let mut next = spool.acked() + 1;
    while let Ok(records) = spool.read_from(next, 1 << 20)
        && let Some(last) = records.last()
    {
        assert!(last.seq >= next, "what is read goes on");
        next = last.seq + 1;
    }
    spool.append(spool::Priority::Normal, b"after the crash").expect("it takes what comes next");
}

/// A spool of ours: the name of its segment and its other files.
fn template() -> &'static (String, Vec<(String, Vec<u8>)>) {
    static TEMPLATE: OnceLock<(String, Vec<(String, Vec<u8>)>)> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let folder = scratch();
        write_spool(folder.path());
        let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(folder.path())
            .expect("it is there")
            .flatten()
            .filter(|entry| entry.path().is_file())
            .map(|entry| {
                let bytes = std::fs::read(entry.path()).expect("ours");
                (entry.file_name().to_string_lossy().into_owned(), bytes)
            })
            .collect();
        files.sort_by_key(|(_, bytes)| bytes.len());
        let (name, _) = files.pop().expect("a segment is the largest");
        (name, files)
    })
}

fn write_spool(folder: &std::path::Path) {
    let spool = spool::Spool::open(folder, spool::SpoolConfig::default()).expect("a new spool");
    for n in 0..20u8 {
        spool.append(spool::Priority::Normal, &[n; 40]).expect("it takes records");
    }
    spool.sync().expect("it can be made durable");
}

/// The segment that `template` made, for the corpus.
pub fn spool_seed() -> Vec<u8> {
    let folder = scratch();
    write_spool(folder.path());
    let mut bytes = std::fs::read(folder.path().join(&template().0)).unwrap_or_default();
    // Its place on the disk is taken beforehand; the rest is zeros.
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 16);
    bytes.truncate(end);
    bytes
}

/// In memory where the system has such a place.
pub(crate) fn scratch() -> tempfile::TempDir {
    let memory = std::path::Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.expect("a scratch folder")
}

/// What a live look at a host takes apart: mappings, log-ins, modules, sockets.
pub fn fuzz_live_look(data: &[u8]) {
    respond::collect::parse_anything(data);
}
