//! Against a model: any sequence of appends, syncs, reads, acknowledgements and restarts gives what a plain list would give,
//! and under a cap every record is pending, acknowledged or counted as lost.

use crate::small;
use proptest::prelude::*;
use spool::{Priority, Spool, SpoolConfig};

#[derive(Clone, Debug)]
enum Step {
    Append(Priority, usize),
    Sync,
    Read(prop::sample::Index, usize),
    Ack(prop::sample::Index),
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => (0..3usize, 0..900usize).prop_map(|(p, len)| Step::Append(Priority::ALL[p], len)),
        2 => Just(Step::Sync),
        2 => (any::<prop::sample::Index>(), 0..5000usize).prop_map(|(from, max)| Step::Read(from, max)),
        1 => any::<prop::sample::Index>().prop_map(Step::Ack),
        1 => Just(Step::Reopen),
    ]
}

type Held = (u64, Priority, Vec<u8>);

fn expected(model: &[Held], from: u64, max: usize) -> Vec<Held> {
    let (mut out, mut bytes) = (Vec::new(), 0);
    for record in model.iter().filter(|r| r.0 >= from) {
        if !out.is_empty() && bytes + record.2.len() > max {
            break;
        }
        bytes += record.2.len();
        out.push(record.clone());
    }
    out
}

fn read(spool: &Spool, from: u64, max: usize) -> Vec<Held> {
    spool.read_from(from, max).unwrap().into_iter().map(|r| (r.seq, r.priority, r.payload)).collect()
}

fn run(steps: Vec<Step>, config: SpoolConfig, capped: bool) {
    let dir = tempfile::tempdir().unwrap();
    let mut spool = Spool::open(dir.path(), config.clone()).unwrap();
    let mut model: Vec<Held> = Vec::new();
    let (mut last, mut acked, mut lost) = (0, 0, 0);
    for (n, step) in steps.into_iter().enumerate() {
        match step {
            Step::Append(priority, len) => {
                let payload = vec![n as u8; len];
                let Ok(seq) = spool.append(priority, &payload) else { continue };
                assert!(seq > last);
                last = seq;
                model.push((seq, priority, payload));
            }
            Step::Sync => spool.sync().unwrap(),
            Step::Read(from, max) if !capped => {
                let from = acked + 1 + from.index((last - acked + 2) as usize) as u64;
                assert_eq!(read(&spool, from, max), expected(&model, from, max));
            }
            Step::Read(..) => {}
            Step::Ack(to) => {
                let to = to.index(last as usize + 1) as u64;
                spool.ack(to).unwrap();
                acked = acked.max(to);
                model.retain(|r| r.0 > acked);
                assert_eq!(spool.acked(), acked);
            }
            Step::Reopen => {
                let before = (spool.epoch(), spool.next_seq(), spool.stats().pending);
                lost += spool.stats().evicted.total();
                drop(spool);
                spool = Spool::open(dir.path(), config.clone()).unwrap();
                assert_eq!((spool.epoch(), spool.next_seq(), spool.stats().pending), before);
            }
        }
        assert!(spool.stats().bytes <= config.max_bytes + 256);
    }
    let held = read(&spool, acked + 1, usize::MAX);
    let stats = spool.stats();
    assert_eq!((stats.corrupt.total(), stats.torn_tails, stats.write_errors), (0, 0, 0));
    assert_eq!(stats.pending.total(), held.len() as u64);
    lost += stats.evicted.total();
    if capped {
        assert!(held.iter().all(|r| model.contains(r)));
        // What was evicted before it was acknowledged is counted too, though the model forgot it.
        assert!(lost >= (model.len() - held.len()) as u64, "{lost} counted");
    } else {
        assert_eq!((held, lost), (model, 0));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn behaves_as_a_list(steps in prop::collection::vec(step(), 1..200)) {
        run(steps, SpoolConfig { max_bytes: 64 << 20, ..small() }, false);
    }

    #[test]
    fn accounts_for_all_under_a_cap(steps in prop::collection::vec(step(), 1..200)) {
        run(steps, SpoolConfig { max_bytes: 24 << 10, segment_bytes: 2048, ..small() }, true);
    }
}
