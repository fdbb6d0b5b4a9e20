//! Which segments there are, and which goes when there is no room.

use crate::record::Step;
use crate::segment::Segment;
use crate::{Counts, Priority, Seq, record};
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

/// The segment that is being written.
#[derive(Debug)]
pub(crate) struct Active {
    /// With what is still in the buffer.
    pub segment: Segment,
    /// Made by the first write.
    pub file: Option<Arc<File>>,
    pub buffer: Vec<u8>,
    /// As of the last write that got through.
    pub written_records: u32,
    pub written_last: Seq,
}

#[derive(Debug, Default)]
pub(crate) struct Stream {
    pub closed: BTreeMap<Seq, Segment>,
    pub active: Option<Active>,
}

#[derive(Debug, Default)]
pub(crate) struct Ledger {
    pub streams: [Stream; 3],
    /// Of closed segments.
    closed_bytes: u64,
}

impl Ledger {
    pub(crate) fn bytes(&self) -> u64 {
        let active = self.streams.iter().filter_map(|s| s.active.as_ref());
        self.closed_bytes + active.map(|a| a.segment.bytes + a.buffer.len() as u64).sum::<u64>()
    }

    pub(crate) fn segments(&self) -> usize {
        self.streams.iter().map(|s| s.closed.len() + usize::from(s.active.is_some())).sum()
    }

    pub(crate) fn close(&mut self, segment: Segment) {
        self.closed_bytes += segment.bytes;
        self.streams[segment.priority.index()].closed.insert(segment.first, segment);
    }

    /// Takes out the oldest segment of the lowest priority up to `most`; one being written only when no closed one is left.
    pub(crate) fn evict(&mut self, most: Priority) -> Option<Gone> {
        Priority::ALL.into_iter().filter(|p| *p <= most).find_map(|p| self.evict_from(p))
    }

    pub(crate) fn evict_closed(&mut self, priority: Priority) -> Option<Gone> {
        let (_, segment) = self.streams[priority.index()].closed.pop_first()?;
        self.closed_bytes -= segment.bytes;
        Some(Gone { segment, buffer: Vec::new() })
    }

    fn evict_from(&mut self, priority: Priority) -> Option<Gone> {
        self.evict_closed(priority).or_else(|| {
            let active = self.streams[priority.index()].active.take()?;
            Some(Gone { segment: active.segment, buffer: active.buffer })
        })
    }

    /// Takes out what is acknowledged as a whole; an open segment only once it is worth a new file.
    pub(crate) fn take_acked(&mut self, acked: Seq, worth: u64) -> Vec<Segment> {
        let mut out = Vec::new();
        for stream in &mut self.streams {
            while stream.closed.first_key_value().is_some_and(|(_, s)| s.last <= acked) {
                out.extend(stream.closed.pop_first().map(|(_, segment)| segment));
            }
            let done = |a: &mut Active| a.segment.last <= acked && a.buffer.is_empty() && a.segment.bytes >= worth;
            out.extend(stream.active.take_if(done).map(|a| Segment { bytes: 0, ..a.segment }));
        }
        self.closed_bytes -= out.iter().map(|s| s.bytes).sum::<u64>();
        out
    }

    /// Records held past `acked`.
    pub(crate) fn pending(&self, dir: &Path, acked: Seq, max_payload: usize) -> Counts {
        let mut counts = Counts::default();
        for (stream, priority) in self.streams.iter().zip(Priority::ALL) {
            for segment in stream.closed.values() {
                counts.add(priority, unacked(segment, &[], dir, acked, max_payload));
            }
            if let Some(active) = &stream.active {
                counts.add(priority, unacked(&active.segment, &active.buffer, dir, acked, max_payload));
            }
        }
        counts
    }

    pub(crate) fn find_mut(&mut self, priority: Priority, first: Seq) -> Option<&mut Segment> {
        let stream = &mut self.streams[priority.index()];
        match &mut stream.active {
            Some(active) if active.segment.first == first => Some(&mut active.segment),
            _ => stream.closed.get_mut(&first),
        }
    }
}

/// A segment taken out of the ledger; its file is still there.
pub(crate) struct Gone {
    pub segment: Segment,
    pub buffer: Vec<u8>,
}

/// Records of `segment` past `acked`. Only a segment that straddles `acked` is read, and of that what follows one mark.
pub(crate) fn unacked(segment: &Segment, buffer: &[u8], dir: &Path, acked: Seq, max_payload: usize) -> u64 {
    if acked < segment.first {
        return u64::from(segment.records);
    }
    if acked >= segment.last {
        return 0;
    }
    let mark = segment.mark_for(acked);
    let mut bytes = read_behind(segment, dir, mark.offset).unwrap_or_default();
    let buffered = buffer.len().saturating_sub((mark.offset.saturating_sub(segment.bytes)) as usize);
    bytes.extend_from_slice(&buffer[buffer.len() - buffered..]);
    let done = acked_in(&bytes, segment.salt, acked, max_payload);
    u64::from(segment.records) - (u64::from(mark.ordinal) + done).min(u64::from(segment.records))
}

fn read_behind(segment: &Segment, dir: &Path, offset: u64) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; segment.bytes.saturating_sub(offset) as usize];
    if !bytes.is_empty() {
        File::open(segment.path(dir))?.read_exact_at(&mut bytes, offset)?;
    }
    Ok(bytes)
}

fn acked_in(mut bytes: &[u8], salt: u32, acked: Seq, max_payload: usize) -> u64 {
    let mut done = 0;
    while !bytes.is_empty() {
        match record::step(bytes, salt, max_payload, true) {
            Step::Record(found) if found.seq > acked => break,
            Step::Record(found) => {
                done += 1;
                bytes = &bytes[found.encoded_len()..];
            }
            Step::Damage(n) => bytes = &bytes[n..],
            Step::More => break,
        }
    }
    done
}
