//! The handlers, a file for each part of the contract, and the router that holds them to the contract's table.

mod actions;
mod admin;
mod alerts;
mod asking;
mod attack;
mod audit;
mod backtest;
mod baselines;
mod case_files;
mod events;
mod exporting;
mod hosts;
mod hunting;
mod incidents;
mod integrity;
mod lockdown;
mod malware;
mod meta;
mod overview;
mod page;
mod policies;
mod quarantine;
mod recovery;
mod rules;
mod saved;
mod session;
mod stored_alerts;
mod stream;
mod tuning;
mod watch;

pub(crate) use admin::ensure_admin;
pub(crate) use overview::{host_summary, open_incidents, store_figures};

use crate::guard::{self, Caller};
use crate::node::Node;
use crate::problem::{Failure, fail};
use crate::{assets, headers};
use axum::Router;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Request};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, patch, post, put};
use console_api::ProblemCode;
use event::Timestamp;
use std::sync::Arc;
use std::time::Duration;
use store::AuditEntry;

/// No body of ours is longer.
const MAX_BODY: usize = 256 * 1024;
/// The longest that any answer but the stream may take; a hunt's own limit is shorter.
const LONGEST: Duration = Duration::from_secs(310);

type Shared = axum::extract::State<Arc<Node>>;

pub fn router(node: Arc<Node>) -> Router {
    let router = Router::new()
        .route("/api/v1/session", post(session::sign_in).get(session::show).delete(session::sign_out))
        .route("/api/v1/me", patch(session::update))
        .route("/api/v1/overview", get(overview::show))
        .route("/api/v1/incidents", get(incidents::list))
        .route("/api/v1/incidents/{id}", get(incidents::show).patch(incidents::update))
        .route("/api/v1/incidents/{id}/actions", post(incidents::act))
        .route("/api/v1/incidents/{id}/investigate", post(incidents::investigate))
        .route("/api/v1/incidents/{id}/export", get(exporting::incident))
        .route("/api/v1/incidents/{id}/files", post(case_files::take))
        .route("/api/v1/incidents/{id}/files/{number}", get(case_files::show))
        .route("/api/v1/commands/{id}", get(incidents::command))
        .route("/api/v1/alerts", get(alerts::list))
        .route("/api/v1/alerts/{id}", get(alerts::show))
        .route("/api/v1/hosts", get(hosts::list))
        .route("/api/v1/hosts/{id}", get(hosts::show))
        .route("/api/v1/hosts/{id}/processes", get(hosts::processes))
        .route("/api/v1/hosts/{id}/events", get(events::of_host))
        .route("/api/v1/events", get(events::list))
        .route("/api/v1/baselines", get(baselines::show))
        .route("/api/v1/integrity", get(integrity::list))
        .route("/api/v1/integrity/report", get(integrity::report))
        .route("/api/v1/integrity/summary", get(integrity::summary))
        .route("/api/v1/hunt", post(hunting::run))
        .route("/api/v1/hunt/schema", get(hunting::schema))
        .route("/api/v1/rules/backtest", post(backtest::run))
        .route("/api/v1/rules/history", get(tuning::history))
        .route("/api/v1/rules/suppressions", get(tuning::list).post(tuning::create))
        .route("/api/v1/rules/suppressions/{id}/accept", post(tuning::accept))
        .route("/api/v1/rules/suppressions/{id}/remove", post(tuning::remove))
        .route("/api/v1/rules/node", get(watch::list).post(watch::add))
        .route("/api/v1/rules/node/{name}", get(watch::show).delete(watch::remove))
        .route("/api/v1/indicators", post(watch::add_indicators))
        .route("/api/v1/rules", get(rules::list))
        .route("/api/v1/rules/test", post(rules::test))
        .route("/api/v1/rules/{id}", get(rules::show))
        .route("/api/v1/attack", get(attack::matrix))
        .route("/api/v1/attack/layer", get(attack::layer))
        .route("/api/v1/actions", post(actions::act))
        .route("/api/v1/malware/scanners", get(malware::scanners))
        .route("/api/v1/scans", get(malware::scans).post(malware::start))
        .route("/api/v1/scans/{id}/stop", post(malware::stop))
        .route("/api/v1/lockdown", get(lockdown::list))
        .route("/api/v1/hosts/{id}/lockdown", get(lockdown::report).post(lockdown::change))
        .route("/api/v1/hosts/{id}/lockdown/consequence", post(lockdown::consequence))
        .route("/api/v1/policies", get(policies::list))
        .route("/api/v1/policies/check", post(policies::check))
        .route("/api/v1/policies/simulate", post(policies::simulate))
        .route("/api/v1/policies/{name}", get(policies::show).put(policies::write))
        .route("/api/v1/policies/{name}/versions/{version}", get(policies::version))
        .route("/api/v1/policies/{name}/rollout", post(policies::roll_out))
        .route("/api/v1/hosts/{id}/policy", get(policies::in_force))
        .route("/api/v1/recovery", get(recovery::list).post(recovery::roll_back))
        .route("/api/v1/commands/{id}/rollback", get(recovery::report))
        .route("/api/v1/quarantine/{id}/preview", get(malware::preview_restore))
        .route("/api/v1/saved-queries", get(saved::list).post(saved::create))
        .route("/api/v1/saved-queries/{id}", put(saved::update))
        .route("/api/v1/saved-queries/{id}", delete(saved::remove))
        .route("/api/v1/quarantine", get(quarantine::list))
        .route("/api/v1/quarantine/{id}/restore", post(quarantine::restore))
        .route("/api/v1/audit", get(audit::list))
        .route("/api/v1/stream", get(stream::follow))
        .route("/api/v1/admin/one-time-login", post(admin::one_time_login))
        .route("/api/v1/admin/enrolment-tokens", post(admin::enrolment_token))
        .route("/api/v1/admin/agents", get(admin::agents))
        .route("/api/v1/admin/agents/{id}/revoke", post(admin::revoke))
        .route("/api/v1/admin/users", get(admin::users).post(admin::create_user))
        .route("/api/openapi.json", get(meta::openapi))
        .route("/healthz", get(meta::health))
        .route("/readyz", get(meta::ready))
        .route("/metrics", get(meta::metrics));
    router
        .route_layer(middleware::from_fn_with_state(Arc::clone(&node), guard::guard))
        .fallback(assets::serve)
        .method_not_allowed_fallback(refuse_method)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(middleware::from_fn(limit_time))
        .layer(middleware::from_fn(headers::harden))
        .with_state(node)
}

async fn refuse_method() -> Failure {
    fail(ProblemCode::MethodNotAllowed, "this path does not know that method")
}

async fn limit_time(request: Request, next: Next) -> Response {
    match tokio::time::timeout(LONGEST, next.run(request)).await {
        Ok(response) => response,
        Err(_) => fail(ProblemCode::Timeout, "the node did not finish in time").into_response(),
    }
}

/// A JSON body; what does not fit comes back as a problem that says where.
struct Body<T>(T);

impl<S: Send + Sync, T: serde::de::DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Failure;
    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        match axum::Json::<T>::from_request(request, state).await {
            Ok(axum::Json(value)) => Ok(Body(value)),
            Err(JsonRejection::BytesRejection(error)) if error.status() == 413 => {
                Err(fail(ProblemCode::BodyTooLarge, format!("at most {MAX_BODY} bytes")))
            }
            Err(JsonRejection::JsonDataError(error)) => Err(fail(ProblemCode::Invalid, error.body_text())),
            Err(error) => Err(fail(ProblemCode::BadRequest, error.body_text())),
        }
    }
}

/// Query parameters, likewise.
struct Query<T>(T);

impl<S: Send + Sync, T: serde::de::DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut axum::http::request::Parts, state: &S) -> Result<Self, Failure> {
        let query: Result<axum::extract::Query<T>, QueryRejection> =
            axum::extract::Query::from_request_parts(parts, state).await;
        query.map(|axum::extract::Query(value)| Query(value)).map_err(|e| fail(ProblemCode::BadRequest, e.body_text()))
    }
}

/// Keeps who did what. When that cannot be kept the request fails: nothing is done unseen.
async fn audit(node: &Node, caller: &Caller, action: &str, target: &str, detail: &str) -> Result<(), Failure> {
    record(node, &caller.name, &caller.source, action, target, detail, true).await
}

pub(crate) async fn record(
    node: &Node,
    actor: &str,
    source: &str,
    action: &str,
    target: &str,
    detail: &str,
    ok: bool,
) -> Result<(), Failure> {
    let detail = serde_json::json!({ "source": source, "ok": ok, "detail": event::text::clip(detail, 2_000) });
    node.control
        .append_audit(&AuditEntry {
            sequence: 0,
            tenant: node.tenant.clone(),
            time: crate::clock::now(),
            actor: actor.to_owned(),
            action: action.to_owned(),
            target: event::text::clip(target, 500).to_owned(),
            detail: detail.to_string(),
        })
        .await?;
    Ok(())
}

/// A reason that somebody can read later.
fn reason(text: &str) -> Result<String, Failure> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err(fail(ProblemCode::Invalid, "a reason is needed")),
        1..=1_000 => Ok(text.to_owned()),
        _ => Err(fail(ProblemCode::Invalid, "the reason is longer than 1000 characters")),
    }
}

fn limit(asked: Option<u32>, usual: u32, most: u32) -> Result<usize, Failure> {
    let limit = asked.unwrap_or(usual);
    if (1..=most).contains(&limit) {
        return Ok(limit as usize);
    }
    Err(fail(ProblemCode::Invalid, format!("limit must be between 1 and {most}")))
}

fn now() -> Timestamp {
    crate::clock::now()
}
