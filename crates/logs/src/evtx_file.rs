//! A Windows event log, chunk by chunk, through the `evtx` crate. A chunk is 64 KiB with checksums of its own, so a damaged
//! one costs what is in it and no more; what is damaged is told, and what can still be read of it is read.

use crate::flat::Flat;
use crate::{Reading, json, time};
use evtx::{EvtxChunkData, ParserSettings};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::sync::Arc;

const HEADER: u64 = 4096;
const CHUNK: usize = 65_536;

pub(crate) fn read(mut file: File, reading: &mut Reading<'_, '_>) -> std::io::Result<()> {
    let size = file.metadata()?.len();
    let mut head = [0; 48];
    let start = match file.read_exact(&mut head) {
        Ok(()) if head.starts_with(b"ElfFile\0") => {
            if size < HEADER {
                reading.outcome.fault("header", format!("{size} bytes; the header alone has {HEADER}"));
                return Ok(());
            }
            HEADER
        }
        // Chunks alone, as carving leaves them.
        _ if head.starts_with(b"ElfChnk\0") => 0,
        _ => {
            reading.outcome.fault("header", "no event log's header");
            return Ok(());
        }
    };
    file.seek(SeekFrom::Start(start))?;
    let settings = Arc::new(ParserSettings::new().indent(false));
    let mut record = Flat::default();
    let mut number = 0;
    loop {
        let mut data = vec![0; CHUNK];
        let mut length = 0;
        while length < CHUNK {
            match file.read(&mut data[length..])? {
                0 => break,
                n => length += n,
            }
        }
        if length == 0 {
            break;
        }
        let place = format!("chunk {number}");
        number += 1;
        let empty = data.iter().all(|byte| *byte == 0);
        if length < CHUNK && !empty {
            let reason = format!("the file ends in it, after {length} of {CHUNK} bytes; what is there is read");
            reading.outcome.fault(&place, reason);
        }
        if empty {
            continue;
        }
        if chunk(data, length == CHUNK, &place, &settings, &mut record, reading) {
            return Ok(());
        }
    }
    if start == HEADER {
        let said = u64::from(u16::from_le_bytes([head[42], head[43]]));
        if said > number {
            reading.outcome.fault("header", format!("it tells of {said} chunks; the file holds {number}"));
        }
    }
    Ok(())
}

/// Whether the caller wants no more.
fn chunk(
    data: Vec<u8>,
    whole: bool,
    place: &str,
    settings: &Arc<ParserSettings>,
    record: &mut Flat,
    reading: &mut Reading<'_, '_>,
) -> bool {
    let mut data = match EvtxChunkData::new(data, false) {
        Ok(data) => data,
        Err(error) => {
            reading.outcome.fault(place, error);
            return false;
        }
    };
    if !data.validate_header_checksum() {
        reading.outcome.fault(place, "its header's checksum is wrong; what can be read of it is read");
    } else if whole && !data.validate_data_checksum() {
        reading.outcome.fault(place, "its records' checksum is wrong; what can be read of them is read");
    }
    let mut chunk = match data.parse(settings.clone()) {
        Ok(chunk) => chunk,
        Err(error) => {
            reading.outcome.fault(place, error);
            return false;
        }
    };
    for found in chunk.iter() {
        let bytes = match found.and_then(evtx::EvtxRecord::into_json_bytes) {
            Ok(bytes) => bytes,
            Err(error) => {
                reading.outcome.fault(place, error);
                continue;
            }
        };
        if let Err(error) = json::object(&bytes.data, record) {
            reading.outcome.fault(format!("{place}, record {}", bytes.event_record_id), error);
            continue;
        }
        let id = record.get("EventRecordID").and_then(|id| id.parse().ok());
        record.number = id.unwrap_or(bytes.event_record_id);
        record.time = record.get("SystemTime").and_then(time::parse);
        json::settle(record);
        if reading.record(record).is_break() {
            return true;
        }
    }
    false
}
