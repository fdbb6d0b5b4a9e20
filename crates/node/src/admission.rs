//! Who may come in as an agent: tokens and agents in the control store.

use crate::{clock, node::Node};
use event::{AgentId, TenantId};
use std::sync::Arc;
use store::{AgentRecord, AuditEntry, ControlError, TokenUse};
use transport::{Admission, AdmissionError, Applicant, CertificateFacts, Peer, Standing};

pub struct Gate(pub Arc<Node>);

impl Admission for Gate {
    async fn admit(&self, applicant: &Applicant) -> Result<TenantId, AdmissionError> {
        let now = clock::now();
        let hash = applicant.token_hash.to_hex();
        let used = self.0.control.use_token(&hash, &applicant.agent, now).await.map_err(unavailable)?;
        let tenant = match used {
            TokenUse::Accepted { tenant } => tenant,
            refused => return Err(self.refuse(applicant, &refused).await),
        };
        let agent = AgentRecord {
            id: applicant.agent.clone(),
            tenant: tenant.clone(),
            host: applicant.host.clone(),
            fingerprint: applicant.certificate.fingerprint.to_hex(),
            serial: applicant.certificate.serial.clone(),
            enrolled: now,
            expires: applicant.certificate.not_after,
            revoked: None,
            revoked_reason: None,
        };
        self.0.control.put_agent(&agent).await.map_err(unavailable)?;
        self.audit(applicant, "agent.enrol", "").await.map_err(unavailable)?;
        tracing::info!(agent = %applicant.agent, host = %applicant.host_name, "agent enrolled");
        Ok(tenant)
    }

    async fn standing(&self, agent: &AgentId, _: &CertificateFacts) -> Result<Standing, AdmissionError> {
        let Some(record) = self.0.control.agent(agent).await.map_err(unavailable)? else {
            return Ok(Standing::Unknown);
        };
        Ok(match record.revoked {
            Some(_) => Standing::Revoked { reason: record.revoked_reason.unwrap_or_default() },
            None => Standing::Admitted { tenant: record.tenant, host: record.host },
        })
    }

    async fn renewed(&self, peer: &Peer, certificate: &CertificateFacts) -> Result<(), AdmissionError> {
        let record = self.0.control.agent(&peer.agent).await.map_err(unavailable)?;
        let record = record.ok_or_else(|| AdmissionError::Refused("the agent is not known".into()))?;
        let renewed = AgentRecord {
            fingerprint: certificate.fingerprint.to_hex(),
            serial: certificate.serial.clone(),
            expires: certificate.not_after,
            ..record
        };
        self.0.control.put_agent(&renewed).await.map_err(unavailable)
    }
}

impl Gate {
    async fn refuse(&self, applicant: &Applicant, used: &TokenUse) -> AdmissionError {
        let why = match used {
            TokenUse::Expired => "the token has expired",
            TokenUse::AlreadyUsed { .. } => "the token was used before",
            TokenUse::Unknown | TokenUse::Accepted { .. } => "the token is not known",
        };
        if let Err(error) = self.audit(applicant, "agent.enrol-refused", why).await {
            tracing::error!(%error, "cannot audit a refused enrolment");
        }
        tracing::warn!(host = %applicant.host_name, address = %applicant.address, why, "enrolment refused");
        AdmissionError::Refused(why.into())
    }

    async fn audit(&self, applicant: &Applicant, action: &str, why: &str) -> Result<(), ControlError> {
        let detail = serde_json::json!({
            "source": applicant.address.ip().to_string(), "ok": why.is_empty(),
            "detail": format!("{} {why}", applicant.host_name).trim(),
        });
        let entry = AuditEntry {
            sequence: 0,
            tenant: self.0.tenant.clone(),
            time: clock::now(),
            actor: "agent".into(),
            action: action.into(),
            target: applicant.agent.0.clone(),
            detail: detail.to_string(),
        };
        self.0.control.append_audit(&entry).await.map(|_| ())
    }
}

fn unavailable(error: ControlError) -> AdmissionError {
    AdmissionError::Unavailable(error.to_string())
}
