//! Errors on their way out: every handler's failure becomes one RFC 9457 document. What a failure of ours is about stays in
//! the log; the caller gets a code and whether it is worth trying again.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use console_api::{Problem, ProblemCode};
use store::{ControlError, HuntFailure};

pub struct Failure(pub Box<Problem>);

pub type Answer<T> = Result<T, Failure>;

pub fn fail(code: ProblemCode, detail: impl Into<String>) -> Failure {
    Failure(Box::new(Problem::new(code, detail)))
}

pub fn not_found(what: &str) -> Failure {
    fail(ProblemCode::NotFound, format!("there is no such {what}"))
}

/// A failure of the node itself: logged whole, told in general.
pub fn internal(doing: &str, error: &dyn std::fmt::Display) -> Failure {
    tracing::error!(%error, doing, "request failed");
    fail(ProblemCode::Internal, format!("the node could not {doing}; its log says why"))
}

impl From<ControlError> for Failure {
    fn from(error: ControlError) -> Self {
        match error {
            ControlError::Exists { what } => fail(ProblemCode::Conflict, format!("there is already {what}")),
            error if error.is_retryable() => {
                tracing::warn!(%error, "control store unavailable");
                let mut failure = fail(ProblemCode::Unavailable, "the control store is busy or its disk is full");
                failure.0.retry_after = Some(2);
                failure
            }
            error => internal("use its control store", &error),
        }
    }
}

impl From<HuntFailure> for Failure {
    fn from(error: HuntFailure) -> Self {
        match &error {
            HuntFailure::TimeLimit(_) | HuntFailure::MemoryLimit => fail(ProblemCode::QueryLimit, error.to_string()),
            error if error.is_callers() => fail(ProblemCode::QueryInvalid, error.to_string()),
            HuntFailure::Closed => fail(ProblemCode::Unavailable, error.to_string()),
            error => internal("run the hunt", error),
        }
    }
}

impl From<hunt::HuntError> for Failure {
    fn from(error: hunt::HuntError) -> Self {
        use hunt::HuntError::*;
        let code = match &error {
            Empty | Syntax { .. } => ProblemCode::QueryInvalid,
            TooBig { .. } => ProblemCode::QueryLimit,
            _ => ProblemCode::QueryRefused,
        };
        let mut failure = fail(code, error.to_string());
        if let Some(position) = error.position() {
            failure.0.line = Some(position.line);
            failure.0.column = Some(position.column);
        }
        failure
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self.0).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.0.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}
