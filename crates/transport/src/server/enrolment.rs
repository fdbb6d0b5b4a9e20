//! The service that turns a host with a token into an agent, over TLS in which only the node has a certificate.

use super::connected::Shared;
use super::listener::Caller;
use super::seams::{Admission, AdmissionError, Applicant};
use crate::ca::{CertificateAuthority, draw_agent_id};
use crate::token::hash_secret;
use crate::v1::enrol_server::Enrol;
use event::HostId;
use event::text::clip;
use std::sync::Arc;
use tonic::{Request, Response, Status};
use wire::v1::{EnrolReply, EnrolRequest};

pub(super) struct Enrolment<A> {
    pub ca: Arc<CertificateAuthority>,
    pub admission: Arc<A>,
    pub shared: Arc<Shared>,
    pub certificate_days: i64,
}

#[tonic::async_trait]
impl<A: Admission> Enrol for Enrolment<A> {
    async fn enrol(&self, request: Request<EnrolRequest>) -> Result<Response<EnrolReply>, Status> {
        let caller = caller(&request)?;
        let request = request.into_inner();
        let agent = draw_agent_id();
        let host = HostId(valid_host(&request.host).map_err(|e| self.refuse(&caller, e))?);
        let (certificate_der, certificate) = self
            .ca
            .issue_agent(&request.csr_der, &agent, self.certificate_days)
            .map_err(|e| self.refuse(&caller, Status::invalid_argument(e.to_string())))?;
        let applicant = Applicant {
            token_hash: hash_secret(&request.secret),
            agent,
            certificate,
            host,
            host_name: clip(&request.host_name, 256).to_owned(),
            agent_version: clip(&request.agent_version, 64).to_owned(),
            address: caller.address,
        };
        let tenant = self.admission.admit(&applicant).await.map_err(|e| self.refuse(&caller, status(&e)))?;
        self.shared.stats.lock().enrolled += 1;
        tracing::info!(agent = %applicant.agent, host = applicant.host_name, address = %caller.address, "enrolled");
        Ok(Response::new(EnrolReply {
            agent: applicant.agent.0,
            tenant: tenant.0,
            certificate_der: certificate_der.to_vec().into(),
            ca_der: self.ca.certificate().to_vec().into(),
        }))
    }
}

impl<A> Enrolment<A> {
    fn refuse(&self, caller: &Caller, status: Status) -> Status {
        self.shared.refused(caller.address, &format!("enrolment: {}", status.message()));
        status
    }
}

pub(super) fn caller<T>(request: &Request<T>) -> Result<Caller, Status> {
    request.extensions().get::<Caller>().cloned().ok_or_else(|| Status::internal("the connection is not known"))
}

pub(super) fn status(error: &AdmissionError) -> Status {
    match error {
        AdmissionError::Refused(text) => Status::permission_denied(text),
        AdmissionError::Unavailable(detail) => {
            tracing::error!(detail, "cannot decide who may come in");
            Status::unavailable("the node cannot decide at the moment; try again")
        }
    }
}

fn valid_host(host: &str) -> Result<String, Status> {
    let good = !host.is_empty() && host.len() <= 64 && host.bytes().all(|b| b.is_ascii_hexdigit());
    good.then(|| host.to_ascii_lowercase())
        .ok_or_else(|| Status::invalid_argument("a host's id is up to 64 hex digits"))
}
