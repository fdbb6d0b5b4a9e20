//! [`Ingest`] as the transport's uplink: the origin of each stream is made at its hello and kept up to date.

use crate::{Ingest, Origin, Sink};
use event::HostFacts;
use transport::{Peer, Refusal, RefusalCode, Uplink};
use wire::{Batch, Command, CommandResult, Hello};

impl<S: Sink> Uplink for Ingest<S> {
    async fn connected(&self, peer: &Peer, hello: &Hello) -> Result<u64, Refusal> {
        let last = self.resume(&peer.agent, hello.epoch).await.map_err(|error| {
            tracing::error!(agent = %peer.agent, %error, "cannot tell where the agent is to go on");
            Refusal::new(RefusalCode::Unavailable, "the node's store cannot answer at the moment")
        })?;
        self.said(peer, hello.host.clone()).await;
        Ok(last)
    }

    async fn pending(&self, peer: &Peer) -> Vec<Command> {
        self.sink.pending(&self.origin(peer)).await
    }

    async fn batch(&self, peer: &Peer, batch: Batch) -> Result<u64, Refusal> {
        Ingest::batch(self, &self.origin(peer), batch).await
    }

    async fn status(&self, peer: &Peer, facts: HostFacts) {
        self.said(peer, facts).await;
    }

    async fn result(&self, peer: &Peer, result: CommandResult) -> Result<(), Refusal> {
        self.sink.result(&self.origin(peer), result).await.or_else(|error| match error {
            crate::SinkError::Unavailable(detail) => {
                tracing::error!(agent = %peer.agent, detail, "cannot keep a command's result");
                Err(Refusal::new(RefusalCode::Unavailable, "the node cannot keep a result at the moment"))
            }
            // Of a command that is not known here: the agent need not send it again.
            error => {
                tracing::warn!(agent = %peer.agent, %error, "a command's result is passed over");
                Ok(())
            }
        })
    }

    async fn disconnected(&self, peer: &Peer, why: &Refusal) {
        self.sink.gone(&self.origin(peer), &why.to_string()).await;
        self.origins.lock().remove(&peer.agent);
    }
}

impl<S: Sink> Ingest<S> {
    async fn said(&self, peer: &Peer, mut facts: HostFacts) {
        let origin = Origin::new(peer, &facts, (self.now)());
        self.origins.lock().insert(peer.agent.clone(), origin.clone());
        origin.fill_facts(&mut facts);
        self.sink.host(&origin, facts).await;
    }

    /// By the certificate alone when the stream was taken over a moment ago.
    fn origin(&self, peer: &Peer) -> Origin {
        let known = self.origins.lock().get(&peer.agent).cloned();
        known.filter(|origin| origin.tenant == peer.tenant && origin.host == peer.host).unwrap_or_else(|| Origin {
            agent: peer.agent.clone(),
            tenant: peer.tenant.clone(),
            host: peer.host.clone(),
            host_name: String::new(),
            skew_seconds: 0,
        })
    }
}
