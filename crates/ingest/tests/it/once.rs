//! Every record once, whatever is sent again, cut differently, out of order, or falls between two kills.

use crate::world::*;
use ingest::Ingest;
use proptest::collection::vec;
use proptest::prelude::*;
use transport::RefusalCode;

#[derive(Clone, Debug)]
enum Move {
    /// The next batch of the chain, of so many records.
    Send(usize),
    /// A batch that was sent before, once more.
    Replay(prop::sample::Index),
    /// A batch from further on, as if those between were lost.
    Skip(usize),
    /// The node dies after so many writes and starts again; the agent resumes.
    Kill(usize),
    /// The agent connects anew.
    Reconnect,
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        6 => (1..12usize).prop_map(Move::Send),
        3 => any::<prop::sample::Index>().prop_map(Move::Replay),
        2 => (1..30usize).prop_map(Move::Skip),
        2 => (0..4usize).prop_map(Move::Kill),
        1 => Just(Move::Reconnect),
    ];
    vec(one, 1..60)
}

/// The agent's side of one stream.
struct Sender {
    all: Vec<u64>,
    chain: u64,
    sent: Vec<wire::Batch>,
}

impl Sender {
    fn next(&self, skip: usize, count: usize) -> wire::Batch {
        let mut left = self.all.iter().copied().filter(|n| *n > self.chain).collect::<Vec<_>>();
        let skipped: Vec<u64> = left.drain(..skip.min(left.len())).collect();
        let after = skipped.last().copied().unwrap_or(self.chain);
        batch(after, left.into_iter().take(count))
    }
}

fn check(all: Vec<u64>, moves: Vec<Move>) {
    let disk = Disk::default();
    run(async {
        let mut ingest = ingest(&disk);
        let mut sender = Sender { all: all.clone(), chain: ingest.resume(&agent(), 1).await.unwrap(), sent: vec![] };
        for step in moves {
            play(&disk, &mut ingest, &mut sender, step).await;
        }
        // Then all goes well.
        sender.chain = ingest.resume(&agent(), 1).await.unwrap();
        loop {
            let batch = sender.next(0, 7);
            if batch.records.is_empty() {
                break;
            }
            sender.chain = ingest.batch(&origin(), batch).await.unwrap();
        }
    });
    let kept = disk.0.lock().unwrap();
    let expected: Vec<String> =
        all.iter().map(|n| if n.is_multiple_of(10) { format!("a{n}") } else { format!("e{n}") }).collect();
    assert_eq!(kept.log, expected, "each once, in order");
}

async fn play(disk: &Disk, ingest: &mut Ingest<Disk>, sender: &mut Sender, step: Move) {
    match step {
        Move::Send(count) => {
            let batch = sender.next(0, count);
            sender.sent.push(batch.clone());
            let last = ingest.batch(&origin(), batch).await.unwrap();
            sender.chain = last;
        }
        Move::Replay(which) if !sender.sent.is_empty() => {
            let again = sender.sent[which.index(sender.sent.len())].clone();
            // From before a kill it may begin beyond what the store remembers; then it is refused, never half taken.
            match ingest.batch(&origin(), again).await {
                // After a kill the store remembers no alerts behind the last event: what comes again moves it on.
                Ok(last) => sender.chain = last,
                Err(refusal) => assert_eq!(refusal.code, RefusalCode::OutOfOrder),
            }
        }
        Move::Replay(_) => {}
        Move::Skip(skip) => {
            let batch = sender.next(skip, 5);
            if batch.after > sender.chain {
                let refusal = ingest.batch(&origin(), batch).await.unwrap_err();
                assert_eq!(refusal.code, RefusalCode::OutOfOrder);
            }
        }
        Move::Kill(writes) => {
            disk.0.lock().unwrap().room = Some(writes);
            let _ = ingest.batch(&origin(), sender.next(0, 25)).await;
            disk.0.lock().unwrap().room = None;
            *ingest = crate::world::ingest(disk);
            sender.chain = ingest.resume(&agent(), 1).await.unwrap();
        }
        Move::Reconnect => sender.chain = ingest.resume(&agent(), 1).await.unwrap(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn each_record_once_and_in_order(steps in vec(1..4u64, 1..120), moves in moves()) {
        let all = steps.into_iter().scan(0, |sequence, step| { *sequence += step; Some(*sequence) }).collect();
        check(all, moves);
    }
}

#[test]
fn two_streams_of_one_agent_do_not_double() {
    let disk = Disk::default();
    run(async {
        let ingest = std::sync::Arc::new(ingest(&disk));
        ingest.resume(&agent(), 1).await.unwrap();
        let streams: Vec<_> = (0..4)
            .map(|_| {
                let ingest = ingest.clone();
                tokio::spawn(async move {
                    for start in (0..200).step_by(20) {
                        ingest.batch(&origin(), batch(start, start + 1..=start + 20)).await.unwrap();
                        tokio::task::yield_now().await;
                    }
                })
            })
            .collect();
        for stream in streams {
            stream.await.unwrap();
        }
        let stats = ingest.stats();
        assert_eq!((stats.received, stats.stored, stats.alerts, stats.duplicates), (800, 180, 20, 600));
    });
    assert_eq!(disk.0.lock().unwrap().log.len(), 200);
}

#[test]
fn a_new_epoch_counts_anew_and_an_old_one_is_refused() {
    let disk = Disk::default();
    run(async {
        let ingest = ingest(&disk);
        ingest.resume(&agent(), 1).await.unwrap();
        ingest.batch(&origin(), batch(0, 1..=5)).await.unwrap();
        assert_eq!(ingest.resume(&agent(), 2).await.unwrap(), 0);
        let second = wire::Batch { epoch: 2, ..batch(0, 1..=5) };
        assert_eq!(ingest.batch(&origin(), second).await.unwrap(), 5);
        let refusal = ingest.batch(&origin(), batch(5, 6..=7)).await.unwrap_err();
        assert_eq!(refusal.code, RefusalCode::BadMessage);
        assert_eq!(ingest.resume(&agent(), 1).await.unwrap(), 5);
    });
    assert_eq!(disk.0.lock().unwrap().rows.len(), 10);
}
