//! Live updates: one channel to all open pages. A page that is too slow is told that it missed something, so that it loads
//! anew instead of showing a gap as peace.

use console_api::StreamEvent;
use std::sync::Arc;
use tokio::sync::broadcast;

const BACKLOG: usize = 1_024;

pub struct Live {
    sender: broadcast::Sender<Arc<StreamEvent>>,
}

impl Default for Live {
    fn default() -> Self {
        Live { sender: broadcast::Sender::new(BACKLOG) }
    }
}

impl Live {
    pub fn send(&self, event: StreamEvent) {
        // Nobody listening is no failure.
        let _ = self.sender.send(Arc::new(event));
    }

    pub fn subscribe(&self) -> broadcast::Receiver<Arc<StreamEvent>> {
        self.sender.subscribe()
    }

    pub fn listeners(&self) -> usize {
        self.sender.receiver_count()
    }
}
