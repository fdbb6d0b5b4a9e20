//! What processes send out: the thread that asks the kernel for the bytes of TCP connections, and gives them to the process that
//! opened each. Small amounts are summed until they are worth an event.

use crate::pipeline::now;
use crate::shared::Shared;
use crossbeam_channel::{Receiver, Sender, bounded};
use event::{Endpoint, Event, EventKind, NetworkOp, Process, Sent, Via};
use parking_lot::Mutex;
use sensor::{SentBytes, VolumeMeter};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

const QUEUE: usize = 1_024;
/// Connections whose opener is remembered.
const MOST: usize = 16_384;
const WORTH: u64 = 1 << 20;
const REST: Duration = Duration::from_secs(1);
const ASK: Duration = Duration::from_secs(30);
/// What did not come to [`WORTH`] within this is let go.
const PATIENCE: Duration = Duration::from_secs(600);

type Opened = (u16, Endpoint);

/// Who opened which connection.
#[derive(Default)]
struct Openers {
    by_place: HashMap<Opened, Arc<Process>>,
    order: VecDeque<Opened>,
}

/// The pipeline's end.
pub struct Volumes {
    openers: Arc<Mutex<Openers>>,
    pub events: Receiver<Box<Event>>,
}

impl Volumes {
    pub fn start(shared: Arc<Shared>) -> std::io::Result<Volumes> {
        let (events, queue) = bounded(QUEUE);
        let openers = Arc::<Mutex<Openers>>::default();
        let heard = Arc::clone(&openers);
        std::thread::Builder::new().name("volumes".into()).spawn(move || run(&shared, &heard, &events))?;
        Ok(Volumes { openers, events: queue })
    }

    pub fn offer(&self, event: &Event) {
        let (EventKind::Network(network), Some(process)) = (&event.kind, &event.process) else { return };
        let Some(to) = network.destination.filter(|to| network.op == NetworkOp::Connect && !to.ip.is_loopback()) else {
            return;
        };
        let mut openers = self.openers.lock();
        // Where the sensor does not know our port, the last who went there stands for it.
        for port in [network.source.map(|source| source.port), Some(0)].into_iter().flatten() {
            if openers.by_place.insert((port, to), Arc::clone(process)).is_none() {
                openers.order.push_back((port, to));
            }
        }
        while openers.order.len() > MOST {
            if let Some(oldest) = openers.order.pop_front() {
                openers.by_place.remove(&oldest);
            }
        }
    }
}

struct Sum {
    process: Arc<Process>,
    bytes: u64,
    began: Instant,
}

fn run(shared: &Shared, openers: &Mutex<Openers>, events: &Sender<Box<Event>>) {
    let mut meter = match VolumeMeter::open() {
        Ok(meter) => meter,
        Err(error) => return shared.problem(format!("what goes out is not measured: {error}")),
    };
    let mut sums: HashMap<(event::ProcessKey, Endpoint), Sum> = HashMap::new();
    let mut asked = Instant::now();
    loop {
        std::thread::sleep(REST);
        let mut sent: Vec<SentBytes> = Vec::new();
        meter.ended(&mut |one| sent.push(one));
        if asked.elapsed() >= ASK {
            asked = Instant::now();
            if let Err(error) = meter.ask(&mut |one| sent.push(one)) {
                shared.problem(format!("what goes out is not measured whole: {error}"));
            }
        }
        for one in sent {
            let opener = {
                let openers = openers.lock();
                let place = |port| openers.by_place.get(&(port, one.remote)).cloned();
                place(one.local.port).or_else(|| place(0))
            };
            let Some(process) = opener else { continue };
            let key = (process.key, one.remote);
            let sum = sums.entry(key).or_insert_with(|| Sum { process, bytes: 0, began: Instant::now() });
            sum.bytes += one.bytes;
            if sum.bytes < WORTH {
                continue;
            }
            let bytes = std::mem::take(&mut sum.bytes);
            let process = Arc::clone(&sum.process);
            let parent = process.parent.and_then(|parent| shared.enricher.process(&parent));
            let kind = EventKind::Sent(Sent { bytes, source: Some(one.local), destination: Some(one.remote) });
            let event = Event { sequence: 0, time: now(), via: Via::Syscall, process: Some(process), parent, kind };
            if events.try_send(Box::new(event)).is_err() {
                crate::shared::Counters::add(&shared.counters.samples_shed, 1);
            }
        }
        sums.retain(|_, sum| sum.began.elapsed() < PATIENCE);
    }
}
