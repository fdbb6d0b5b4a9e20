use crate::samples;
use event::{BootId, Column, ColumnType, CommandId, Row, Timestamp, Value};
use proptest::collection::vec;
use proptest::prelude::*;
use prost::Message;
use wire::*;

/// Against the message that prost made of the `.proto` file: what a reader in any language sees.
fn check_against_proto(row: &Row, bytes: &[u8]) {
    let message = v1::Event::decode(bytes).unwrap();
    assert_eq!(decode_row(&message.encode_to_vec()).unwrap(), *row, "prost's encoding of the same event");
    let text = |column| match row.get(column) {
        Some(Value::Str(text)) => Some(text.into_owned()),
        _ => None,
    };
    assert_eq!(message.process_command_line, text(Column::ProcessCommandLine));
    assert_eq!(message.process_target_executable, text(Column::TargetExecutable));
    assert_eq!(message.timestamp.map(|n| Value::Time(Timestamp(n))), row.get(Column::Time));
    assert_eq!(message.process_exit_code.map(Value::I64), row.get(Column::ProcessExitCode));
    assert_eq!(message.process_interactive.map(Value::Bool), row.get(Column::ProcessInteractive));
    assert_eq!(message.event_sequence.map(Value::U64), row.get(Column::Sequence));
    assert_eq!(message.labels, row.labels);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_event_is_what_the_proto_file_says(row in samples::row()) {
        let mut bytes = b"before".to_vec();
        encode_event(&row, &mut bytes);
        prop_assert_eq!(&decode_row(&bytes[6..]).unwrap(), &row);
        check_against_proto(&row, &bytes[6..]);
    }

    #[test]
    fn records_come_back(row in samples::row(), alert in samples::alert(), host in samples::host(), boot: u128) {
        let boot = BootId(boot);
        let mut encoder = RecordEncoder::new(boot);
        let check = |bytes: &[u8], body: RecordBody| {
            assert_eq!(Record::decode(bytes).unwrap(), Record { boot: Some(boot), body });
            v1::Record::decode(bytes).unwrap();
        };
        check(encoder.event(&row), RecordBody::Event(row));
        check(encoder.alert(&alert), RecordBody::Alert(Box::new(alert)));
        let mut host = host;
        let bytes = encoder.host(&host).to_vec();
        host.missing_protections.truncate(1024);
        check(&bytes, RecordBody::Host(Box::new(host)));
    }

    #[test]
    fn batches_come_back(after in 0..1000u64, records in vec((1..50u64, vec(any::<u8>(), 0..200)), 0..50)) {
        let mut sequence = after;
        let number = |(step, bytes): (u64, Vec<u8>)| {
            sequence += step;
            (sequence, bytes.into())
        };
        let batch = Batch { epoch: 9, after, records: records.into_iter().map(number).collect() };
        let packed = v1::Batch::decode(batch.pack().unwrap().encode_to_vec().as_slice()).unwrap();
        prop_assert_eq!(packed.last, batch.last());
        prop_assert_eq!(Batch::unpack(packed).unwrap(), batch);
    }
}

#[test]
fn every_type_of_column_is_covered() {
    let kinds = [ColumnType::Text, ColumnType::Unsigned, ColumnType::Signed, ColumnType::Boolean];
    let rest = [ColumnType::Time, ColumnType::Ip, ColumnType::Digest];
    for kind in kinds.into_iter().chain(rest) {
        assert!(Column::ALL.iter().any(|column| column.kind() == kind), "{kind:?}");
    }
}

#[test]
fn messages_come_back() {
    let command = |body| Command {
        id: CommandId::new("ab"),
        issued_by: "ana".into(),
        reason: "incident INC-1".into(),
        expires: Timestamp(5),
        body,
    };
    let quarantine = |entity_id, sha256| CommandBody::Quarantine { path: "/tmp/x".into(), entity_id, sha256 };
    for body in [
        CommandBody::KillTree { entity_id: "e".into(), pid: 1, start_ticks: u64::MAX },
        quarantine(None, None),
        quarantine(Some("e".into()), Some("00".repeat(32))),
        CommandBody::Restore { item: "i".into() },
        CommandBody::CollectProcesses,
        CommandBody::ListQuarantine,
        CommandBody::SetPolicy { version: 2, toml: "mode = \"observe\"".into() },
        CommandBody::Collect(Collect {
            look: Look::File,
            process: None,
            path: Some("/tmp/x".into()),
            max_items: 1,
            max_bytes: 2,
            max_milliseconds: 3,
        }),
        CommandBody::Collect(Collect {
            look: Look::Memory,
            process: Some(("e".into(), 7, u64::MAX)),
            path: None,
            max_items: 500,
            max_bytes: 0,
            max_milliseconds: 5_000,
        }),
        CommandBody::CollectStatus,
        CommandBody::ShowPolicy,
        CommandBody::SimulatePolicy { toml: "version = 1".into(), past: "[]".into(), acts: None },
        CommandBody::SimulatePolicy { toml: "version = 1".into(), past: "[]".into(), acts: Some("[]".into()) },
        CommandBody::AskLockdown { ask: "{\"do\":\"report\"}".into() },
        CommandBody::StartScan { paths: vec!["/srv".into()] },
        CommandBody::StopScan { job: "j".into() },
        CommandBody::ListScans,
        CommandBody::PreviewRestore { item: "i".into() },
        CommandBody::ListRules,
        CommandBody::SetQuiet { quiet: "[]".into() },
        CommandBody::Ping,
    ] {
        check_server(ServerMessage::Command(Box::new(command(body))));
    }
    check_server(ServerMessage::Ack { epoch: u64::MAX, last: 3 });
    check_server(ServerMessage::ResultReceived(CommandId::new("ab")));
    check_server(ServerMessage::Refused(Refusal::new(RefusalCode::OutOfOrder, "x")));
    for status in [
        CommandStatus::Done,
        CommandStatus::Failed,
        CommandStatus::Refused,
        CommandStatus::Expired,
        CommandStatus::Unsupported,
    ] {
        let (id, detail, json) = (CommandId::new("ab"), "d".into(), "[]".into());
        check_client(ClientMessage::Result(CommandResult { id, status, detail, json, time: Timestamp(1) }));
    }
    check_client(ClientMessage::Batch(Batch { epoch: 1, after: 2, records: vec![(3, "x".into())] }));
}

fn check_server(message: ServerMessage) {
    let bytes = v1::ServerMessage::from(message.clone()).encode_to_vec();
    assert_eq!(ServerMessage::read(v1::ServerMessage::decode(bytes.as_slice()).unwrap()), Ok(Some(message)));
}

fn check_client(message: ClientMessage) {
    let bytes = v1::ClientMessage::try_from(message.clone()).unwrap().encode_to_vec();
    assert_eq!(ClientMessage::read(v1::ClientMessage::decode(bytes.as_slice()).unwrap()), Ok(Some(message)));
}
