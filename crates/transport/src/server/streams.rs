//! The service of enrolled agents: checks who calls, then hands the stream to a session of its own.

use super::config::ServerConfig;
use super::connected::Shared;
use super::enrolment::{caller, status};
use super::listener::Caller;
use super::publication::Shelf;
use super::seams::{Admission, Peer, Standing, Uplink};
use super::session::{Outgoing, Session};
use crate::ca::CertificateAuthority;
use crate::certificate::CertificateFacts;
use crate::v1::stream_server::Stream;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};
use wire::v1::{ClientMessage, FetchPiece, FetchRequest, RenewReply, RenewRequest, ServerMessage};
use wire::{Refusal, RefusalCode};

pub(super) struct Streams<A, U> {
    pub ca: Arc<CertificateAuthority>,
    pub admission: Arc<A>,
    pub uplink: Arc<U>,
    pub shared: Arc<Shared>,
    pub config: Arc<ServerConfig>,
    pub shelf: Shelf,
}

#[tonic::async_trait]
impl<A: Admission, U: Uplink> Stream for Streams<A, U> {
    type OpenStream = ReceiverStream<Result<ServerMessage, Status>>;
    type FetchStream = ReceiverStream<Result<FetchPiece, Status>>;

    async fn open(&self, request: Request<Streaming<ClientMessage>>) -> Result<Response<Self::OpenStream>, Status> {
        let caller = caller(&request)?;
        let certificate = self.certificate(&caller)?;
        let (out, replies) = mpsc::channel(64);
        let out = Outgoing::new(out, self.config.idle_timeout);
        match standing(&*self.admission, &certificate, &caller, self.shared.draw_session()).await {
            Ok(peer) => {
                let session = Session {
                    peer,
                    incoming: request.into_inner(),
                    out,
                    admission: self.admission.clone(),
                    uplink: self.uplink.clone(),
                    shared: self.shared.clone(),
                    config: self.config.clone(),
                };
                tokio::spawn(session.run());
            }
            Err(refusal) => {
                self.shared.refused(caller.address, &format!("stream: {}", refusal.code));
                out.refuse(refusal).await;
            }
        }
        Ok(Response::new(ReceiverStream::new(replies)))
    }

    async fn renew(&self, request: Request<RenewRequest>) -> Result<Response<RenewReply>, Status> {
        let peer = self.peer(&request).await?;
        let (der, facts) = self
            .ca
            .issue_agent(&request.into_inner().csr_der, &peer.agent, self.config.agent_certificate_days)
            .map_err(|e| Status::invalid_argument(e.to_string()))?;
        self.admission.renewed(&peer, &facts).await.map_err(|e| status(&e))?;
        let ca_der = self.ca.certificate().to_vec().into();
        Ok(Response::new(RenewReply { certificate_der: der.to_vec().into(), ca_der }))
    }

    async fn fetch(&self, request: Request<FetchRequest>) -> Result<Response<Self::FetchStream>, Status> {
        let peer = self.peer(&request).await?;
        let name = request.into_inner().name;
        let pieces = self.shelf.hand_out(&name).await?;
        tracing::debug!(agent = %peer.agent, name, "handing out a file");
        Ok(Response::new(pieces))
    }
}

impl<A: Admission, U> Streams<A, U> {
    /// Who calls outside of a stream, if it is admitted.
    async fn peer<R>(&self, request: &Request<R>) -> Result<Peer, Status> {
        let caller = caller(request)?;
        let certificate = self.certificate(&caller)?;
        standing(&*self.admission, &certificate, &caller, 0)
            .await
            .map_err(|refusal| Status::permission_denied(refusal.to_string()))
    }

    fn certificate(&self, caller: &Caller) -> Result<CertificateFacts, Status> {
        caller.certificate.clone().ok_or_else(|| {
            self.shared.refused(caller.address, "stream: no certificate");
            Status::unauthenticated("the stream needs the certificate that enrolment gives")
        })
    }
}

/// Who calls, or why not.
pub(super) async fn standing(
    admission: &impl Admission,
    certificate: &CertificateFacts,
    caller: &Caller,
    session: u64,
) -> Result<Peer, Refusal> {
    if certificate.not_after < crate::client::wall_clock() {
        return Err(Refusal::new(
            RefusalCode::Expired,
            format!("the certificate expired on {}", certificate.not_after),
        ));
    }
    let agent = &certificate.agent;
    match admission.standing(agent, certificate).await {
        Ok(Standing::Admitted { tenant, host }) => {
            let (certificate, address) = (certificate.clone(), caller.address);
            Ok(Peer { agent: agent.clone(), tenant, host, certificate, address, session })
        }
        Ok(Standing::Revoked { reason }) => Err(Refusal::new(RefusalCode::Revoked, reason)),
        Ok(Standing::Unknown) => {
            Err(Refusal::new(RefusalCode::UnknownAgent, format!("no agent {agent} is enrolled here")))
        }
        Err(error) => {
            tracing::error!(%agent, %error, "cannot tell an agent's standing");
            Err(Refusal::new(RefusalCode::Unavailable, "the node cannot tell this agent's standing at the moment"))
        }
    }
}
