//! For the owner of the machine and for administrators: logins, enrolment, agents, users.

use super::{Body, Shared, audit, now, reason};
use crate::guard::{self, Caller};
use crate::node::Node;
use crate::problem::{Answer, fail, not_found};
use axum::Extension;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use console_api::*;
use event::AgentId;
use store::{AgentRecord, NewToken, User};
use transport::{EnrolmentToken as Token, Refusal, RefusalCode};

pub async fn one_time_login(
    State(node): Shared,
    Extension(caller): Extension<Caller>,
    Body(request): Body<OneTimeLoginRequest>,
) -> Answer<(StatusCode, Json<OneTimeLogin>)> {
    let username = request.username.unwrap_or_else(|| "admin".into());
    node.control.user(&username).await?.ok_or_else(|| not_found("user"))?;
    audit(&node, &caller, "login.create", &username, "").await?;
    let (token, expires) = node.logins.create(&username, now());
    let url = format!("{}/#token={token}", node.url());
    Ok((StatusCode::CREATED, Json(OneTimeLogin { username, token, url, expires: expires.into() })))
}

pub async fn enrolment_token(
    State(node): Shared,
    Extension(caller): Extension<Caller>,
    Body(request): Body<EnrolmentTokenRequest>,
) -> Answer<(StatusCode, Json<EnrolmentToken>)> {
    let valid = request.valid_seconds.unwrap_or(3_600);
    if !(60..=2_592_000).contains(&valid) {
        return Err(fail(ProblemCode::Invalid, "valid_seconds must be between 60 and 2592000"));
    }
    let token = Token::draw(node.ca);
    let created = now();
    let expires = created.plus_nanos(valid as i64 * crate::clock::SECOND);
    node.control
        .create_token(&NewToken {
            hash: token.hash().to_hex(),
            tenant: node.tenant.clone(),
            note: String::new(),
            created_by: caller.name.clone(),
            created,
            expires,
        })
        .await?;
    audit(&node, &caller, "enrolment.token", &token.hash().to_hex()[..12], "").await?;
    let answer =
        EnrolmentToken { token: token.to_string(), agent_address: node.agent_address(), expires: expires.into() };
    Ok((StatusCode::CREATED, Json(answer)))
}

pub async fn agents(State(node): Shared) -> Answer<Json<AgentList>> {
    let records = node.control.agents(&node.tenant).await?;
    Ok(Json(AgentList { items: records.iter().map(|record| entry(&node, record)).collect() }))
}

fn entry(node: &Node, record: &AgentRecord) -> AgentEntry {
    let member = node.fleet.by_agent(&record.id);
    AgentEntry {
        agent_id: record.id.0.clone(),
        host_id: Some(record.host.0.clone()),
        host_name: member.as_ref().map(|member| member.facts.name.clone()),
        enrolled: record.enrolled.into(),
        connected: member.is_some_and(|member| member.connected),
        revoked: record.revoked.is_some(),
    }
}

pub async fn revoke(
    State(node): Shared,
    Extension(caller): Extension<Caller>,
    Path(id): Path<String>,
    Body(request): Body<RevokeRequest>,
) -> Answer<Json<AgentEntry>> {
    let (why, id) = (reason(&request.reason)?, AgentId(id));
    node.control.agent(&id).await?.ok_or_else(|| not_found("agent"))?;
    audit(&node, &caller, "agent.revoke", id.as_str(), &why).await?;
    node.control.revoke_agent(&id, &why, now()).await?;
    if let Some(agents) = node.agents.get() {
        agents.drop_agent(&id, Refusal::new(RefusalCode::Revoked, why));
    }
    node.fleet.revoked(&id);
    let record = node.control.agent(&id).await?.ok_or_else(|| not_found("agent"))?;
    Ok(Json(entry(&node, &record)))
}

pub async fn users(State(node): Shared) -> Answer<Json<UserList>> {
    let users = node.control.users(&node.tenant).await?;
    Ok(Json(UserList { items: users.iter().map(shown).collect() }))
}

fn shown(user: &User) -> UserEntry {
    UserEntry {
        username: user.name.clone(),
        role: guard::role(user.role),
        created: user.created.into(),
        has_password: !user.password_hash.is_empty(),
    }
}

pub async fn create_user(
    State(node): Shared,
    Extension(caller): Extension<Caller>,
    Body(request): Body<UserCreate>,
) -> Answer<(StatusCode, Json<UserEntry>)> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if request.username.is_empty() || request.username.len() > 64 || !request.username.chars().all(fits) {
        return Err(fail(ProblemCode::Invalid, "a user name has 1 to 64 letters, digits, dots, dashes or underscores"));
    }
    let user = User {
        name: request.username,
        tenant: node.tenant.clone(),
        password_hash: String::new(),
        role: stored(request.role),
        language: "en".into(),
        created: now(),
        disabled: None,
    };
    audit(&node, &caller, "user.create", &user.name, request.role.name()).await?;
    node.control.create_user(&user).await?;
    Ok((StatusCode::CREATED, Json(shown(&user))))
}

const fn stored(role: Role) -> store::Role {
    match role {
        Role::Viewer => store::Role::Viewer,
        Role::Analyst => store::Role::Analyst,
        Role::Admin => store::Role::Admin,
    }
}

/// The first administrator, without a password: only a one-time login opens the door.
pub(crate) async fn ensure_admin(node: &Node) -> Result<bool, store::ControlError> {
    if !node.control.users(&node.tenant).await?.is_empty() {
        return Ok(false);
    }
    let admin = User {
        name: "admin".into(),
        tenant: node.tenant.clone(),
        password_hash: String::new(),
        role: store::Role::Admin,
        language: "en".into(),
        created: now(),
        disabled: None,
    };
    node.control.create_user(&admin).await?;
    Ok(true)
}
