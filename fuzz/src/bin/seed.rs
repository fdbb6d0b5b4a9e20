//! Writes the corpus' inputs that are not text, made by our own writers: `seed FOLDER`. Run after a format has changed.

use event::{BootId, Column, Row};
use prost::Message as _;
use std::path::Path;

fn main() -> std::io::Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| concat!(env!("CARGO_MANIFEST_DIR"), "/corpus").into());
    let write = |target: &str, name: &str, bytes: &[u8]| {
        let folder = Path::new(&folder).join(target);
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join(name), bytes)
    };
    let row = row();
    let mut bytes = Vec::new();
    wire::encode_event(&row, &mut bytes);
    write("wire_record", "row", &bytes)?;
    let record = wire::RecordEncoder::new(BootId(7)).event(&row).to_vec();
    write("wire_record", "record", &record)?;
    let raw =
        wire::v1::Records { steps: vec![1, 1], records: vec![record.clone().into(), record.into()] }.encode_to_vec();
    write("wire_batch", "two", &[&[2 << 2][..], &raw].concat())?;
    for (name, message) in [
        ("empty", wire::v1::ClientMessage::default().encode_to_vec()),
        ("batch", raw),
        ("server", wire::v1::ServerMessage::default().encode_to_vec()),
    ] {
        write("wire_message", name, &message)?;
    }
    write("row_json", "row", &serde_json::to_vec(&row)?)?;
    write("spool_segment", "twenty", &fuzz::spool_seed())?;
    let [block, index] = integrity::fuzzing::samples();
    let raw = zstd::bulk::decompress(&block, 1 << 20)?;
    for (name, tag, bytes) in [("block", b"b", &block), ("index", b"i", &index), ("raw", b"r", &raw)] {
        write("baseline", name, &[&tag[..], bytes].concat())?;
    }
    for (name, kind) in [("exec", 1u16), ("fork", 2), ("exit", 3), ("file", 4), ("net", 5), ("act", 6)] {
        let mut record = vec![0u8; 400];
        record[16..18].copy_from_slice(&kind.to_ne_bytes());
        record[20] = 1;
        write("kernel_record", name, &record)?;
    }
    write("log_file", "evtx", &fuzz::event_log_seed())?;
    for (target, bytes) in fuzz::signature_seeds() {
        write(target, "seed", &bytes)?;
    }
    for entry in std::fs::read_dir(Path::new(&folder).join("model_text"))? {
        let text = std::fs::read_to_string(entry?.path())?;
        if let Ok(ensemble) = model::Ensemble::from_lightgbm(&text) {
            let file = ensemble.to_compact(b"{}").map_err(std::io::Error::other)?;
            write("model_file", "ensemble", &file)?;
        }
    }
    Ok(())
}

fn row() -> Row {
    let mut row = Row::default();
    row.set_text(Column::Action, "process-exec");
    row.set_text(Column::ProcessExecutable, "/usr/bin/true");
    row.set(Column::ProcessPid, event::Value::U64(42));
    row.set(Column::DestinationIp, event::Value::Ip(std::net::Ipv4Addr::LOCALHOST.into()));
    row.labels.insert("requested".into(), "true".into());
    row
}
