//! Bytes that nobody of ours wrote, and agents and nodes of other versions.

use crate::samples;
use event::{Action, BootId, Column, Engine, Row, Severity, Value};
use proptest::collection::vec;
use proptest::prelude::*;
use prost::Message;
use wire::limits::*;
use wire::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_bytes_make_a_decoder_panic(bytes in vec(any::<u8>(), 0..600)) {
        let _ = decode_row(&bytes);
        let _ = Record::decode(&bytes);
        let zstd = zstd::bulk::compress(&bytes, 1).unwrap();
        for (zstd, raw_bytes) in [(zstd, bytes.len()), (bytes.clone(), 600)] {
            let (raw_bytes, count) = (raw_bytes as u32, 3);
            let _ = Batch::unpack(v1::Batch { epoch: 1, after: 1, last: 9, count, raw_bytes, zstd: zstd.into() });
        }
        if let Ok(message) = v1::ClientMessage::decode(bytes.as_slice()) {
            let _ = ClientMessage::read(message);
        }
        if let Ok(message) = v1::ServerMessage::decode(bytes.as_slice()) {
            let _ = ServerMessage::read(message);
        }
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn damaged_records_are_refused_or_read_but_never_fatal(alert in samples::alert(), at: prop::sample::Index, byte: u8) {
        let mut bytes = RecordEncoder::new(BootId(1)).alert(&alert).to_vec();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let _ = Record::decode(&bytes);
        let _ = Record::decode(&bytes[..at]);
    }
}

#[test]
fn a_bomb_does_not_go_off() {
    let zeros = vec![0; 64 * 1024 * 1024];
    let zstd = bytes::Bytes::from(zstd::bulk::compress(&zeros, 3).unwrap());
    assert!(zstd.len() < 100_000);
    let unpack = |raw_bytes: usize, count: u32| {
        let zstd = zstd.clone();
        Batch::unpack(v1::Batch { epoch: 1, after: 0, last: 1, count, raw_bytes: raw_bytes as u32, zstd })
    };
    assert_eq!(unpack(zeros.len(), 1), Err(UnpackError::TooLarge(zeros.len())));
    assert!(matches!(unpack(MAX_BATCH_RAW, 1), Err(UnpackError::Decompress(_))));
    assert_eq!(unpack(1, u32::MAX), Err(UnpackError::TooMany(u32::MAX as usize)));
}

fn packed(steps: Vec<u64>, records: Vec<bytes::Bytes>, last: u64) -> v1::Batch {
    let count = records.len() as u32;
    let raw = v1::Records { steps, records }.encode_to_vec();
    let zstd = zstd::bulk::compress(&raw, 1).unwrap().into();
    v1::Batch { epoch: 1, after: 5, last, count, raw_bytes: raw.len() as u32, zstd }
}

#[test]
fn numbers_that_do_not_rise_are_refused() {
    let two = || vec!["a".into(), "b".into()];
    assert!(Batch::unpack(packed(vec![1, 2], two(), 8)).is_ok());
    assert_eq!(Batch::unpack(packed(vec![1, 0], two(), 6)), Err(UnpackError::Sequence));
    assert_eq!(Batch::unpack(packed(vec![1, u64::MAX], two(), 6)), Err(UnpackError::Sequence));
    assert_eq!(Batch::unpack(packed(vec![1, 2], two(), 9)), Err(UnpackError::Sequence));
    assert_eq!(Batch::unpack(packed(vec![1], two(), 6)), Err(UnpackError::WrongCount(2, 2, 1)));
    let large = vec![vec![0; MAX_RECORD + 1].into()];
    assert_eq!(Batch::unpack(packed(vec![1], large, 6)), Err(UnpackError::RecordTooLarge(MAX_RECORD + 1)));
    let down = Batch { epoch: 1, after: 5, records: vec![(5, "a".into())] };
    assert_eq!(down.pack(), Err(PackError::OutOfOrder(5, 5)));
}

#[test]
fn a_few_bytes_do_not_become_megabytes() {
    // Each ancestor is two bytes on the wire and hundreds in memory.
    let ancestors = [13 << 3 | 2, 0].repeat(100_000);
    let mut record = vec![2 << 3 | 2];
    prost::encoding::encode_varint(ancestors.len() as u64, &mut record);
    record.extend(ancestors);
    assert!(matches!(Record::decode(&record), Err(RecordError::TooMany(..))));
}

#[test]
fn whatever_is_encoded_is_small_enough_to_be_taken() {
    let mut row = Row::default();
    for column in Column::ALL {
        row.set_text(*column, "é".repeat(100_000));
    }
    for n in 0..2000 {
        row.labels.insert(format!("label {n}"), "x".repeat(50_000));
    }
    row.labels.insert("n".repeat(5000), "x".into());
    let mut encoder = RecordEncoder::new(BootId(1));
    let Record { body: RecordBody::Event(back), .. } = Record::decode(encoder.event(&row)).unwrap() else {
        panic!("not an event");
    };
    assert!(back.text(Column::ProcessCommandLine).unwrap().len() <= MAX_TEXT);
    assert!(back.labels["wire_clipped"].contains("process_command_line"));
    let dropped: usize = back.labels["wire_dropped_labels"].parse().unwrap();
    assert!(dropped > 1000 && back.labels.len() <= MAX_LABELS);
    // A column that is not a text column came as text: kept, as a label.
    assert!(back.labels.contains_key("process_pid"));
}

#[test]
fn an_alert_of_any_size_goes_through() {
    let long = "x".repeat(40_000);
    let process = event::ProcessSnapshot {
        command_line: long.clone(),
        executable: long.clone(),
        package: Some(long.clone()),
        ..Default::default()
    };
    let finding = event::Finding {
        engine: Engine::Yara,
        rule_id: event::RuleId::new("r"),
        name: long.clone(),
        severity: Severity::High,
        techniques: Vec::new(),
        tactics: Vec::new(),
        detail: long.clone(),
        matched: vec![(long.clone(), long.clone()); 5],
        asks: Some(Action::Kill),
    };
    let mut alert = samples_alert();
    alert.lineage = vec![process; 300];
    alert.findings = vec![finding; 300];
    let mut encoder = RecordEncoder::new(BootId(1));
    let Record { body: RecordBody::Alert(back), .. } = Record::decode(encoder.alert(&alert)).unwrap() else {
        panic!("not an alert");
    };
    assert!(!back.lineage.is_empty() && !back.findings.is_empty());
    assert!(back.event.labels.contains_key("wire_clipped_alert"));
    assert_eq!(back.id, alert.id);
}

fn samples_alert() -> event::Alert {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    samples::alert().new_tree(&mut runner).unwrap().current()
}

#[test]
fn an_alert_of_a_newer_agent_is_shown_and_says_so() {
    let mut alert = samples_alert();
    alert.findings.clear();
    let bytes = RecordEncoder::new(BootId(1)).alert(&alert).to_vec();
    let mut message = match v1::Record::decode(bytes.as_slice()).unwrap().body {
        Some(v1::record::Body::Alert(alert)) => alert,
        _ => panic!("not an alert"),
    };
    message.severity = 9;
    message.findings =
        vec![v1::Finding { engine: 99, severity: 2, techniques: vec!["X1".into()], ..Default::default() }];
    let record = v1::Record { boot_id: Default::default(), body: Some(v1::record::Body::Alert(message)) };
    let mut bytes = record.encode_to_vec();
    bytes.extend([0xf8, 0x07, 1]); // field 127, a varint of the future
    let Record { body: RecordBody::Alert(back), boot: None } = Record::decode(&bytes).unwrap() else {
        panic!("not an alert");
    };
    assert_eq!(back.severity, Severity::Critical);
    assert_eq!(back.findings[0].severity, Severity::Low);
    let unknown = &back.event.labels["wire_unknown"];
    assert!(
        unknown.contains("severity 9") && unknown.contains("engine 99") && unknown.contains("technique X1"),
        "{unknown}"
    );
}

#[test]
fn columns_and_bodies_of_the_future_are_passed_over() {
    let mut row = Row::default();
    row.set(Column::ProcessPid, Value::U64(1));
    let mut bytes = Vec::new();
    encode_event(&row, &mut bytes);
    bytes.extend([0x92, 0x3f, 3, b'n', b'e', b'w']); // field 1010, text
    bytes.extend([0x98, 0x3f, 5]); // field 1011, a varint
    row.labels.insert("column_1010".into(), "new".into());
    assert_eq!(decode_row(&bytes), Ok(row));

    let newer = [0x4a, 2, 1, 2]; // field 9 of a record
    assert_eq!(Record::decode(&newer).unwrap().body, RecordBody::Unknown(9));
    assert_eq!(Record::decode(&[]), Err(RecordError::Empty));

    let command = v1::Command { id: "x".into(), ..Default::default() };
    let message = v1::ServerMessage { body: Some(v1::server_message::Body::Command(command)) };
    assert_eq!(ServerMessage::read(message), Err(CommandError::Unknown(event::CommandId::new("x"))));
    assert_eq!(ServerMessage::read(v1::ServerMessage { body: None }), Ok(None));
}

#[test]
fn a_known_column_of_the_wrong_type_is_an_error_that_names_it() {
    let check = |bytes: &[u8], words: &str| {
        let error = decode_row(bytes).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    };
    check(&[11 << 3 | 2, 1, b'x'], "process_pid: not a Unsigned");
    check(&[12 << 3, 1], "process_name: not a Text");
    check(&[12 << 3 | 2, 9, b'x'], "process_name: the bytes end");
    check(&[12 << 3 | 2, 1, 0xff], "process_name: not UTF-8");
    check(&[0x82, 0x03, 1, 7], "destination_ip: not a Ip");
    check(&[0x82, 0x01, 1, 7], "process_hash_sha256: not a Digest");
    check(&[0xff, 0xff], "not protobuf");
}
