//! Who may: each request is looked up in the contract's table of endpoints and held to it, in one place, before any handler
//! runs. A route that is not in the table is refused, so that none is ever open by forgetting.

use crate::node::Node;
use crate::peer::Peer;
use crate::problem::{Failure, fail};
use crate::{clock, secret};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use console_api::{Access, ProblemCode, Role};
use std::sync::Arc;

pub const COOKIE: &str = "tamon_session";

/// Who calls.
#[derive(Clone, Debug)]
pub struct Caller {
    pub name: String,
    pub role: Role,
    /// Address or `socket`.
    pub source: String,
    /// Of a browser; the socket has none.
    pub session: Option<String>,
}

pub async fn guard(State(node): State<Arc<Node>>, path: MatchedPath, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<Peer>().copied();
    match admit(&node, path.as_str(), request.method().clone(), request.headers().clone(), peer).await {
        Ok(Some(caller)) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Ok(None) => next.run(request).await,
        Err(failure) => failure.into_response(),
    }
}

async fn admit(
    node: &Node,
    path: &str,
    method: Method,
    headers: HeaderMap,
    peer: Option<Peer>,
) -> Result<Option<Caller>, Failure> {
    let name = if method == Method::HEAD { "GET" } else { method.as_str() };
    let Some(endpoint) = console_api::endpoint(name, path) else {
        return Err(fail(ProblemCode::MethodNotAllowed, format!("{method} is not for {path}")));
    };
    if let Some(Peer::Socket { uid }) = peer {
        let name = if uid == 0 { "root".to_owned() } else { format!("uid {uid}") };
        return Ok(Some(Caller { name, role: Role::Admin, source: "socket".into(), session: None }));
    }
    if endpoint.access == Access::Public {
        return Ok(None);
    }
    let least = match endpoint.access {
        Access::Socket => return Err(fail(ProblemCode::Forbidden, "only through the admin socket of the node's host")),
        Access::Analyst => Role::Analyst,
        Access::Admin => Role::Admin,
        Access::Viewer | Access::Public => Role::Viewer,
    };
    let caller = signed_in(node, &headers, peer).await?;
    if caller.role < least {
        return Err(fail(ProblemCode::Forbidden, format!("this needs the role {}", least.name())));
    }
    let reads = matches!(method, Method::GET | Method::HEAD);
    if !reads && !has_csrf(&headers, caller.session.as_deref().unwrap_or_default()) {
        return Err(fail(ProblemCode::CsrfMissing, "send the session's csrf value as X-CSRF-Token"));
    }
    Ok(Some(caller))
}

async fn signed_in(node: &Node, headers: &HeaderMap, peer: Option<Peer>) -> Result<Caller, Failure> {
    let refused = || fail(ProblemCode::NotSignedIn, "sign in first");
    let session = cookie(headers).ok_or_else(refused)?;
    let user = node.control.session_user(&secret::digest("session", &session), clock::now()).await?;
    let user = user.ok_or_else(refused)?;
    let source = peer.map(|peer| peer.source()).unwrap_or_default();
    Ok(Caller { role: role(user.role), name: user.name, source, session: Some(session) })
}

pub const fn role(role: store::Role) -> Role {
    match role {
        store::Role::Viewer => Role::Viewer,
        store::Role::Analyst => Role::Analyst,
        store::Role::Admin => Role::Admin,
    }
}

/// The session's secret from the request's cookies.
pub fn cookie(headers: &HeaderMap) -> Option<String> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let value = pairs.find(|(name, _)| *name == COOKIE)?.1;
    (value.len() == 64 && value.bytes().all(|b| b.is_ascii_hexdigit())).then(|| value.to_owned())
}

/// Made from the session's secret, so that it need not be kept; a page of another site can neither read nor guess it.
pub fn csrf(session: &str) -> String {
    secret::digest("csrf", session)
}

fn has_csrf(headers: &HeaderMap, session: &str) -> bool {
    let sent = headers.get("x-csrf-token").and_then(|value| value.to_str().ok());
    sent.is_some_and(|sent| secret::equal(sent, &csrf(session)))
}
