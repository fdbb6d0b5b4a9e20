//! Policies that the node keeps: names with numbered versions, and which version each host was given. One writer at a time;
//! all of it lies in the control store's settings.

use crate::clock;
use console_api::{Command, CommandStatus, PolicyState};
use event::{TenantId, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use store::{ControlError, ControlStore};
use tokio::sync::Mutex;

const INDEX: &str = "policies";
/// Kept of one policy; the oldest go.
const MOST_VERSIONS: usize = 50;
const MOST_POLICIES: usize = 100;

#[derive(Debug, thiserror::Error)]
pub enum PolicyStoreError {
    #[error(transparent)]
    Control(#[from] ControlError),
    #[error("what is kept of policies cannot be read or written: {0}")]
    Json(#[from] serde_json::Error),
    /// Another version came in the meantime; or the policy is there already, or not at all.
    #[error("{0}")]
    Conflict(String),
    #[error("there are {MOST_POLICIES} policies; no more are kept")]
    Full,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Version {
    pub version: u64,
    pub time: Timestamp,
    pub by: String,
    pub reason: String,
    pub text: String,
}

/// What a host was given last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Given {
    pub policy: String,
    pub version: u64,
    pub state: PolicyState,
    pub detail: String,
    pub at: Timestamp,
    /// Who gave it and why, for when it must be sent again.
    pub by: String,
    pub reason: String,
    /// The order under way.
    pub command: String,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Index {
    names: Vec<String>,
    /// The last number that was given out.
    last: u64,
    given: BTreeMap<String, Given>,
}

pub struct Policies {
    control: ControlStore,
    tenant: TenantId,
    turn: Mutex<()>,
}

impl Policies {
    pub fn new(control: ControlStore, tenant: TenantId) -> Policies {
        Policies { control, tenant, turn: Mutex::default() }
    }

    async fn index(&self) -> Result<Index, PolicyStoreError> {
        let text = self.control.setting(&self.tenant, INDEX).await?;
        Ok(text.map_or_else(|| Ok(Index::default()), |text| serde_json::from_str(&text))?)
    }

    async fn put_index(&self, index: &Index) -> Result<(), PolicyStoreError> {
        Ok(self.control.set_setting(&self.tenant, INDEX, &serde_json::to_string(index)?).await?)
    }

    pub async fn names(&self) -> Result<Vec<String>, PolicyStoreError> {
        Ok(self.index().await?.names)
    }

    /// By host id.
    pub async fn given(&self) -> Result<BTreeMap<String, Given>, PolicyStoreError> {
        Ok(self.index().await?.given)
    }

    /// Newest first; empty when there is no such policy.
    pub async fn versions(&self, name: &str) -> Result<Vec<Version>, PolicyStoreError> {
        let text = self.control.setting(&self.tenant, &setting(name)).await?;
        Ok(text.map_or_else(|| Ok(Vec::new()), |text| serde_json::from_str(&text))?)
    }

    pub async fn version(&self, name: &str, version: u64) -> Result<Option<Version>, PolicyStoreError> {
        Ok(self.versions(name).await?.into_iter().find(|one| one.version == version))
    }

    /// `base`: the version that was edited; None for a policy that must be new.
    pub async fn write(
        &self,
        name: &str,
        base: Option<u64>,
        text: String,
        by: &str,
        reason: String,
    ) -> Result<u64, PolicyStoreError> {
        let _turn = self.turn.lock().await;
        let mut index = self.index().await?;
        let mut versions = self.versions(name).await?;
        let newest = versions.first().map(|one| one.version);
        if newest != base {
            return Err(PolicyStoreError::Conflict(match newest {
                Some(newest) => format!("version {newest} of it is there by now"),
                None => "there is no such policy any more".into(),
            }));
        }
        if newest.is_none() && index.names.len() >= MOST_POLICIES {
            return Err(PolicyStoreError::Full);
        }
        index.last += 1;
        let version = Version { version: index.last, time: clock::now(), by: by.into(), reason, text };
        versions.insert(0, version);
        versions.truncate(MOST_VERSIONS);
        if !index.names.iter().any(|known| known == name) {
            index.names.push(name.to_owned());
            index.names.sort();
        }
        // The number first: a version that was not kept leaves a gap, never two of one number.
        self.put_index(&index).await?;
        self.control.set_setting(&self.tenant, &setting(name), &serde_json::to_string(&versions)?).await?;
        Ok(index.last)
    }

    pub async fn give(&self, host: &str, given: Given) -> Result<(), PolicyStoreError> {
        let _turn = self.turn.lock().await;
        let mut index = self.index().await?;
        index.given.insert(host.to_owned(), given);
        self.put_index(&index).await
    }

    /// A host answered an order that gave it a policy. An order that another one has taken the place of changes nothing.
    pub async fn settled(&self, command: &Command) -> Result<(), ControlError> {
        let state = match command.status {
            CommandStatus::Done => PolicyState::InForce,
            CommandStatus::Failed => PolicyState::Refused,
            _ => return Ok(()),
        };
        let _turn = self.turn.lock().await;
        let kept = async {
            let mut index = self.index().await?;
            if let Some(given) = index.given.get_mut(&command.host_id).filter(|given| given.command == command.id) {
                (given.state, given.at) = (state, clock::now());
                given.detail = command.detail.clone().unwrap_or_default();
                self.put_index(&index).await?;
            }
            Ok(())
        };
        match kept.await {
            Err(PolicyStoreError::Control(error)) => Err(error),
            Err(error) => {
                tracing::error!(%error, "what became of a policy cannot be kept");
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }
}

fn setting(name: &str) -> String {
    format!("policy.{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn world() -> (Policies, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let control = ControlStore::open(&folder.path().join("control.db")).await.unwrap();
        (Policies::new(control, TenantId::default()), folder)
    }

    #[tokio::test]
    async fn versions_are_numbered_over_all_policies_and_an_edit_of_an_old_one_is_refused() {
        let (policies, _folder) = world().await;
        let write = async |name: &str, base, text: &str| {
            policies.write(name, base, text.to_owned(), "ana", "because".to_owned()).await
        };
        assert_eq!(write("web", None, "a").await.unwrap(), 1);
        assert_eq!(write("db", None, "b").await.unwrap(), 2);
        assert_eq!(write("web", Some(1), "c").await.unwrap(), 3);
        for base in [None, Some(1), Some(2)] {
            assert!(matches!(write("web", base, "d").await, Err(PolicyStoreError::Conflict(_))), "{base:?}");
        }
        assert!(matches!(write("gone", Some(1), "d").await, Err(PolicyStoreError::Conflict(_))));
        assert_eq!(policies.names().await.unwrap(), ["db", "web"]);
        let texts: Vec<String> = policies.versions("web").await.unwrap().into_iter().map(|one| one.text).collect();
        assert_eq!(texts, ["c", "a"]);
        for n in 0..MOST_VERSIONS as u64 + 5 {
            let base = if n == 0 { 3 } else { n + 3 };
            write("web", Some(base), "e").await.unwrap();
        }
        assert_eq!(policies.versions("web").await.unwrap().len(), MOST_VERSIONS);
    }
}
