//! Server-Sent Events to an open page. Ends with the session's right to read, checked as it goes, and with the node.

use super::{Shared, open_incidents, store_figures};
use crate::guard::Caller;
use crate::node::Node;
use crate::{clock, secret, stop};
use axum::Extension;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use console_api::{Lagged, OverviewDelta, StreamEvent};
use futures::stream::{self, Stream, StreamExt as _};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

const HEARTBEAT: Duration = Duration::from_secs(2);
/// Heartbeats between looks at whether the session still holds.
const CHECK_EVERY: u32 = 15;

pub async fn follow(
    State(node): Shared,
    Extension(caller): Extension<Caller>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let mut beat = tokio::time::interval(HEARTBEAT);
    beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let updates = node.live.subscribe();
    let reader = Reader { node, caller, updates, beat, beats: 0 };
    let events = stream::unfold(reader, |mut reader| async move {
        let event = reader.next().await?;
        Some((Ok(encoded(&event)), reader))
    });
    Sse::new(events.boxed()).keep_alive(KeepAlive::default())
}

struct Reader {
    node: Arc<Node>,
    caller: Caller,
    updates: Receiver<Arc<StreamEvent>>,
    beat: tokio::time::Interval,
    beats: u32,
}

impl Reader {
    async fn next(&mut self) -> Option<Arc<StreamEvent>> {
        let mut stopping = self.node.stopping.clone();
        tokio::select! {
            biased;
            () = stop::said(&mut stopping) => None,
            _ = self.beat.tick() => {
                self.beats += 1;
                let over = self.beats.is_multiple_of(CHECK_EVERY) && !self.may_read().await;
                (!over).then(|| Arc::new(StreamEvent::Overview(delta(&self.node))))
            }
            update = self.updates.recv() => match update {
                Ok(event) => Some(event),
                Err(RecvError::Lagged(missed)) => Some(Arc::new(StreamEvent::Lagged(Lagged { missed }))),
                Err(RecvError::Closed) => None,
            },
        }
    }

    async fn may_read(&self) -> bool {
        let Some(session) = &self.caller.session else { return true };
        let user = self.node.control.session_user(&secret::digest("session", session), clock::now()).await;
        // A store that cannot answer is no reason to throw everybody out.
        !matches!(user, Ok(None))
    }
}

fn encoded(event: &StreamEvent) -> Event {
    let named = Event::default().event(event.name());
    named.clone().json_data(event).unwrap_or(named)
}

fn delta(node: &Node) -> OverviewDelta {
    OverviewDelta {
        ingest: node.figures.view(),
        store: store_figures(node),
        connected: node.fleet.connected(),
        open_incidents: open_incidents(node),
    }
}
