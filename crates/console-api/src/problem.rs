//! Errors as RFC 9457 `application/problem+json`. `code` never changes its meaning; `detail` is for people.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
pub struct Problem {
    /// `urn:tamon:problem:` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    pub detail: String,
    pub code: ProblemCode,
    /// Where in the text the error stands (SQL): 1-based.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u64>,
    /// Seconds until it is worth trying again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
}

macro_rules! codes {
    ($($variant:ident $name:tt $status:literal $title:literal;)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, Serialize, ToSchema)]
        pub enum ProblemCode { $(#[serde(rename = $name)] $variant,)* }
        impl ProblemCode {
            pub const ALL: &'static [ProblemCode] = &[$(ProblemCode::$variant,)*];
            pub const fn name(self) -> &'static str { match self { $(ProblemCode::$variant => $name,)* } }
            pub const fn status(self) -> u16 { match self { $(ProblemCode::$variant => $status,)* } }
            pub const fn title(self) -> &'static str { match self { $(ProblemCode::$variant => $title,)* } }
        }
    };
}

codes! {
    BadRequest "bad_request" 400 "The request cannot be read";
    NotSignedIn "not_signed_in" 401 "Not signed in";
    BadCredentials "bad_credentials" 401 "User, password or token is wrong";
    Forbidden "forbidden" 403 "Not allowed";
    CsrfMissing "csrf_missing" 403 "The request lacks its CSRF token";
    NotFound "not_found" 404 "Not found";
    MethodNotAllowed "method_not_allowed" 405 "Method not allowed";
    Conflict "conflict" 409 "It changed meanwhile";
    BodyTooLarge "body_too_large" 413 "The body is too large";
    Invalid "invalid" 422 "A value is not acceptable";
    QueryRefused "query_refused" 422 "The query is not allowed";
    QueryInvalid "query_invalid" 422 "The query has an error";
    QueryLimit "query_limit" 422 "The query went past its limits";
    TooManyRequests "too_many_requests" 429 "Too many attempts";
    Internal "internal" 500 "The node failed";
    Unavailable "unavailable" 503 "Not ready";
    Timeout "timeout" 504 "It took too long";
}

impl Problem {
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Problem {
        Problem {
            kind: format!("urn:tamon:problem:{}", code.name()),
            title: code.title().to_owned(),
            status: code.status(),
            detail: detail.into(),
            code,
            line: None,
            column: None,
            retry_after: None,
        }
    }
}
