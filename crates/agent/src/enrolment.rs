//! How a host becomes an agent, and how it remembers which node it belongs to.

use crate::host::Host;
use crate::place::Place;
use crate::shared::Shared;
use anyhow::{Context as _, Result};
use event::AgentId;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use transport::{EnrolmentToken, Identity, NewHost, Publication};

/// Asks the node with a one-time token and keeps the identity that it gives. Blocks at most about half a minute.
pub fn enrol(state: &Path, node: &str, token: &str) -> Result<AgentId> {
    let place = Place::new(state, &state.join("run"));
    place.create()?;
    let token: EnrolmentToken = token.parse()?;
    let host = Host::read()?;
    let applicant = NewHost { host: host.id, name: host.name, agent_version: env!("CARGO_PKG_VERSION").into() };
    let identity = transport::enrol(node, &token, &applicant)?;
    let agent = identity.agent().clone();
    std::fs::write(place.node_file(), node).context("cannot remember the node's address")?;
    // Last, since this file is what makes the host enrolled.
    identity.save(&place.identity_file())?;
    Ok(agent)
}

/// Identity and the node's address; None when the host was never enrolled.
pub fn enrolled(place: &Place) -> Result<Option<(Identity, String)>> {
    let Some(identity) = Identity::load(&place.identity_file())? else {
        return Ok(None);
    };
    let node = match std::fs::read_to_string(place.node_file()) {
        Ok(node) => node.trim().to_owned(),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            anyhow::bail!("enrolled, but {} is missing", place.node_file().display())
        }
        Err(error) => return Err(error).context("cannot read the node's address"),
    };
    Ok(Some((identity, node)))
}

/// What [`publication`] reads.
pub fn identity_files(state: &Path) -> Vec<PathBuf> {
    let place = Place::new(state, &state.join("run"));
    vec![place.identity_file(), place.node_file()]
}

/// What this host's node publishes for its agents.
pub fn publication(state: &Path) -> Result<Publication> {
    let place = Place::new(state, &state.join("run"));
    let Some((identity, node)) = enrolled(&place)? else {
        anyhow::bail!("this host is not enrolled: there is no node to ask");
    };
    Ok(Publication::open(&node, &identity)?)
}

/// A certificate near its end is renewed at start; until its end the old one goes on being good, so a node that does not
/// answer now is asked again at the next start.
pub fn renewed(shared: &Shared, identity: Identity, node: &str) -> Identity {
    if !identity.wants_renewal(crate::pipeline::now()) {
        return identity;
    }
    let fresh = transport::renew(node, &identity).map_err(anyhow::Error::from);
    match fresh.and_then(|fresh| Ok(fresh.save(&shared.place.identity_file()).map(|()| fresh)?)) {
        Ok(fresh) => fresh,
        Err(error) => {
            shared.problem(format!("the agent's certificate ends soon and could not be renewed: {error:#}"));
            identity
        }
    }
}
