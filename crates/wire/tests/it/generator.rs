//! From [`event::Column`] to `event.proto`, from the `.proto` files to Rust: the messages for `wire`, the services for
//! `transport`. No `protoc`: protox compiles, prost and tonic write.

use event::{Column, ColumnType};
use std::fmt::Write as _;
use std::io::{Error, Result};
use std::path::Path;

/// Paths under `crates/` and their text.
pub fn generate() -> Result<Vec<(String, String)>> {
    let work = tempfile::tempdir()?;
    let proto = work.path().join("tamon/v1");
    std::fs::create_dir_all(&proto)?;
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("proto/tamon/v1");
    for file in ["alert", "host", "command", "record", "stream", "enrol"] {
        std::fs::copy(committed.join(format!("{file}.proto")), proto.join(format!("{file}.proto")))?;
    }
    let event_proto = event_proto();
    std::fs::write(proto.join("event.proto"), &event_proto)?;
    let files = protox::compile(["tamon/v1/stream.proto", "tamon/v1/enrol.proto"], [work.path()])
        .map_err(|e| Error::other(format!("{e:?}")))?;

    let mut messages = prost_build::Config::new();
    messages.btree_map(["."]).bytes(["."]).out_dir(work.path()).skip_debug([".tamon.v1.EnrolRequest"]);
    messages.compile_fds(files.clone())?;
    let messages = std::fs::read_to_string(work.path().join("tamon.v1.rs"))?;

    tonic_prost_build::configure().extern_path(".tamon.v1", "::wire::v1").out_dir(work.path()).compile_fds(files)?;
    let services = std::fs::read_to_string(work.path().join("tamon.v1.rs"))?;
    Ok(vec![
        ("wire/proto/tamon/v1/event.proto".into(), event_proto),
        ("wire/src/v1.rs".into(), messages),
        ("transport/src/v1.rs".into(), services),
    ])
}

fn event_proto() -> String {
    let mut out = String::from(
        "// Generated from event::Column by `cargo xtask codegen`; change the table, not this file.\n\
         syntax = \"proto3\";\npackage tamon.v1;\n\n\
         // An event laid flat under ECS names. Only what the event carries is set.\nmessage Event {\n",
    );
    for column in Column::ALL {
        let kind = match column.kind() {
            ColumnType::Text => "string",
            ColumnType::Unsigned => "uint64",
            ColumnType::Signed => "sint64",
            ColumnType::Boolean => "bool",
            ColumnType::Time => "sfixed64",
            ColumnType::Ip | ColumnType::Digest => "bytes",
        };
        let form = match column.kind() {
            ColumnType::Time => "; nanoseconds since the epoch, UTC",
            ColumnType::Ip => "; 4 or 16 bytes",
            ColumnType::Digest => "; 32 bytes",
            _ => "",
        };
        let _ = writeln!(out, "  // {}{form}", column.describe());
        let _ = writeln!(out, "  optional {kind} {} = {};", column.name(), column.number());
    }
    out.push_str("  // Facts outside the typed columns.\n  map<string, string> labels = 2047;\n}\n");
    out
}
