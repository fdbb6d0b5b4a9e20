//! Signing in and out, and one's own preferences. Failures say nothing about which part was wrong and take the same time.

use super::{Body, Shared, audit, now, record};
use crate::guard::{self, COOKIE, Caller};
use crate::node::Node;
use crate::peer::Peer;
use crate::problem::{Answer, fail, internal};
use crate::{clock, password, secret};
use axum::Extension;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use console_api::{Me, MeUpdate, PasswordSignIn, Preferences, ProblemCode, SignIn, TokenSignIn};
use event::Timestamp;
use store::{Session, User};

pub async fn sign_in(
    State(node): Shared,
    peer: Option<Extension<Peer>>,
    Body(request): Body<SignIn>,
) -> Answer<Response> {
    let source = peer.map(|Extension(peer)| peer.source()).unwrap_or_default();
    let name = match &request {
        SignIn::Password(PasswordSignIn { username, .. }) => event::text::clip(username, 64).to_owned(),
        SignIn::Token(_) => "one-time login".to_owned(),
    };
    let keys = [format!("address {source}"), format!("user {name}")];
    if let Some(wait) = node.attempts.blocked(&keys, now()) {
        let mut failure = fail(ProblemCode::TooManyRequests, "too many failed attempts; wait and try again");
        failure.0.retry_after = Some(wait);
        return Err(failure);
    }
    let Some(user) = check(&node, request).await? else {
        node.attempts.failed(&keys, now());
        record(&node, &name, &source, "session.sign-in", &name, "refused", false).await?;
        return Err(fail(ProblemCode::BadCredentials, "the user, password or token is not right"));
    };
    node.attempts.succeeded(&keys);
    record(&node, &user.name, &source, "session.sign-in", &user.name, "", true).await?;
    open(&node, &user).await
}

async fn check(node: &Node, request: SignIn) -> Answer<Option<User>> {
    let user = match request {
        SignIn::Token(TokenSignIn { token }) => match node.logins.redeem(&token, now()) {
            Some(name) => node.control.user(&name).await?,
            None => None,
        },
        SignIn::Password(PasswordSignIn { username, password }) => {
            if password.len() > password::MAX_BYTES || username.len() > 64 {
                return Ok(None);
            }
            let user = node.control.user(&username).await?;
            let stored = user.as_ref().map(|user| user.password_hash.clone());
            let right = password::verify(password, stored).await.map_err(|e| internal("check a password", &e))?;
            user.filter(|_| right)
        }
    };
    Ok(user.filter(|user| user.disabled.is_none()))
}

async fn open(node: &Node, user: &User) -> Answer<Response> {
    let (session, created) = (secret::draw(), now());
    let hours = i64::try_from(node.config.sessions.hours).unwrap_or(12);
    let expires = created.plus_nanos(hours * 3_600 * clock::SECOND);
    let kept = Session { hash: secret::digest("session", &session), user: user.name.clone(), created, expires };
    node.control.create_session(&kept).await?;
    let me = me(node, user, &session, expires).await?;
    let secure = if node.config.console.tls_key.is_some() { "; Secure" } else { "" };
    let cookie = format!("{COOKIE}={session}; Path=/; HttpOnly; SameSite=Strict; Max-Age={}{secure}", hours * 3_600);
    let mut response = Json(me).into_response();
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

async fn me(node: &Node, user: &User, session: &str, expires: Timestamp) -> Answer<Me> {
    Ok(Me {
        username: user.name.clone(),
        role: guard::role(user.role),
        preferences: preferences(node, &user.name).await?,
        csrf: guard::csrf(session),
        expires: expires.into(),
        needs_password: user.password_hash.is_empty(),
    })
}

async fn preferences(node: &Node, user: &str) -> Answer<Preferences> {
    let text = node.control.setting(&node.tenant, &format!("preferences.{user}")).await?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

pub async fn show(State(node): Shared, Extension(caller): Extension<Caller>) -> Answer<Json<Me>> {
    Ok(Json(current(&node, &caller).await?))
}

async fn current(node: &Node, caller: &Caller) -> Answer<Me> {
    // The session's own end is not read back; the cookie's is, by the browser. This one is the latest it can be.
    let hours = i64::try_from(node.config.sessions.hours).unwrap_or(12);
    let expires = now().plus_nanos(hours * 3_600 * clock::SECOND);
    let session = caller.session.as_deref().unwrap_or_default();
    match node.control.user(&caller.name).await? {
        Some(user) if caller.session.is_some() => me(node, &user, session, expires).await,
        _ => Ok(Me {
            username: caller.name.clone(),
            role: caller.role,
            preferences: Preferences::default(),
            csrf: String::new(),
            expires: expires.into(),
            needs_password: false,
        }),
    }
}

pub async fn sign_out(
    State(node): Shared,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
) -> Answer<Response> {
    if let Some(session) = guard::cookie(&headers) {
        node.control.delete_session(&secret::digest("session", &session)).await?;
    }
    audit(&node, &caller, "session.sign-out", &caller.name, "").await?;
    let gone = format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, gone)]).into_response())
}

pub async fn update(
    State(node): Shared,
    Extension(caller): Extension<Caller>,
    Body(update): Body<MeUpdate>,
) -> Answer<Response> {
    let Some(user) = node.control.user(&caller.name).await? else {
        return Err(fail(ProblemCode::Invalid, "the admin socket's caller has no account of its own"));
    };
    let mut wanted = preferences(&node, &user.name).await?;
    wanted.language = update.language.unwrap_or(wanted.language);
    wanted.theme = update.theme.unwrap_or(wanted.theme);
    wanted.density = update.density.unwrap_or(wanted.density);
    let text = serde_json::to_string(&wanted).unwrap_or_default();
    node.control.set_setting(&node.tenant, &format!("preferences.{}", user.name), &text).await?;
    let Some(change) = update.password else {
        return Ok(Json(current(&node, &caller).await?).into_response());
    };
    let known = user.password_hash.is_empty()
        || password::verify(change.current.unwrap_or_default(), Some(user.password_hash.clone()))
            .await
            .map_err(|e| internal("check a password", &e))?;
    if !known {
        return Err(fail(ProblemCode::BadCredentials, "the current password is not right"));
    }
    if change.new.chars().count() < password::MIN_CHARS || change.new.len() > password::MAX_BYTES {
        let text = format!("a password has at least {} characters", password::MIN_CHARS);
        return Err(fail(ProblemCode::Invalid, text));
    }
    let password_hash = password::hash(change.new).await.map_err(|e| internal("hash a password", &e))?;
    let user = User { password_hash, ..user };
    // Ends every session of the user; this one goes on under a new secret.
    node.control.update_user(&user).await?;
    audit(&node, &caller, "user.password", &user.name, "").await?;
    open(&node, &user).await
}
