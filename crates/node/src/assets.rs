//! The console's built files, embedded. Compressed siblings (`app.js.br`, `app.js.gz`) are sent to browsers that take them; a
//! path that is no file is a page of the app. Without a built console, a page says how to get one.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use console_api::ProblemCode;
use rust_embed::{EmbeddedFile, RustEmbed};

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../web/dist"]
struct Files;

const MISSING: &str = "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Tamon</title>\n\
<h1>This node was built without its console</h1>\n\
<p>The API is here: <a href=\"/api/openapi.json\">/api/openapi.json</a>. To build the console, run \
<code>npm ci &amp;&amp; npm run build</code> in <code>web/</code> and build the node again, or start with <code>cargo xtask up</code>, \
which does both.</p>\n</html>\n";

pub async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if path.starts_with("api/") || path == "api" {
        return crate::problem::fail(ProblemCode::NotFound, "there is no such endpoint").into_response();
    }
    if !matches!(method, Method::GET | Method::HEAD) {
        return crate::problem::fail(ProblemCode::MethodNotAllowed, "files are only read").into_response();
    }
    let accepts = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if let Some(response) = file(path, accepts) {
        return response;
    }
    // A file by its look: an app's page in its place would only confuse the browser.
    if path.starts_with("assets/") {
        return crate::problem::fail(ProblemCode::NotFound, "there is no such file").into_response();
    }
    match file("index.html", accepts) {
        Some(page) => page,
        None => html(StatusCode::OK, MISSING),
    }
}

fn html(status: StatusCode, text: &'static str) -> Response {
    (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], text).into_response()
}

fn file(path: &str, accepts: &str) -> Option<Response> {
    let plain = Files::get(path)?;
    let takes =
        |encoding: &str| accepts.split(',').any(|part| part.split(';').next().is_some_and(|p| p.trim() == encoding));
    let packed = [("br", ".br"), ("gzip", ".gz")].into_iter().filter(|(encoding, _)| takes(encoding));
    let packed = packed.filter_map(|(encoding, end)| Some((encoding, Files::get(&format!("{path}{end}"))?))).next();
    let mime = mime(path);
    let (encoding, content) = match packed {
        Some((encoding, content)) => (Some(encoding), content),
        None => (None, plain),
    };
    Some(response(path, mime, encoding, content))
}

/// What a build of the console holds; anything else is bytes that a browser does not interpret.
fn mime(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn response(path: &str, mime: &'static str, encoding: Option<&'static str>, content: EmbeddedFile) -> Response {
    let mut response = Response::new(Body::from(content.data.into_owned()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(mime));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    // Vite puts a digest in the names of these.
    let lasting = path.starts_with("assets/");
    let caching = if lasting { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    response
}
