//! The thread that looks every second or more which processes compute without a pause, and hands what it finds to the
//! pipeline. Never waits for it: what finds the queue full is told again at the next, longer distance.

use crate::shared::{Counters, Shared};
use crossbeam_channel::{Receiver, bounded};
use event::Observation;
use sensor::LoadSampler;
use std::sync::Arc;

const QUEUE: usize = 256;

/// The queue's end that the pipeline reads. The thread ends when it is dropped.
pub fn start(shared: Arc<Shared>) -> std::io::Result<Receiver<Observation>> {
    let (queue, observations) = bounded(QUEUE);
    let work = move || {
        let mut sampler = LoadSampler::new();
        let mut gone = false;
        while !gone {
            let mut own = shared.scanner.iter().flat_map(|scanner| scanner.worker_pids()).collect::<Vec<_>>();
            own.push(std::process::id());
            let rest = sampler.round(&own, &mut |observation| match queue.try_send(observation) {
                Ok(()) => {}
                Err(crossbeam_channel::TrySendError::Full(_)) => Counters::add(&shared.counters.samples_shed, 1),
                Err(crossbeam_channel::TrySendError::Disconnected(_)) => gone = true,
            });
            match rest {
                Ok(rest) => std::thread::sleep(rest),
                Err(error) => {
                    shared.problem(format!("processor use is not watched: /proc cannot be listed: {error}"));
                    std::thread::sleep(std::time::Duration::from_secs(10));
                }
            }
        }
    };
    std::thread::Builder::new().name("sampler".into()).spawn(work)?;
    Ok(observations)
}
