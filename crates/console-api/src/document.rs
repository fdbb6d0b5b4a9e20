//! The OpenAPI 3.1 document, made from the table of endpoints and the types that stand in it.

use crate::endpoints::{Access, ENDPOINTS, Endpoint};
use crate::problem::{Problem, ProblemCode};
use utoipa::openapi::path::{HttpMethod, OperationBuilder, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{ComponentsBuilder, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    Content, Info, License, OpenApi, OpenApiBuilder, PathItem, PathsBuilder, Ref, RefOr, Required, ResponseBuilder,
    Schema,
};
use utoipa::{IntoParams, PartialSchema, ToSchema};

pub type Query = fn() -> Vec<Parameter>;
type Collect = fn(&mut Vec<(String, RefOr<Schema>)>);

/// A body by the name of its type, and how to find that type's schemas.
#[derive(Clone, Copy)]
pub struct Body {
    pub name: fn() -> String,
    pub collect: Collect,
}

pub(crate) const fn body<T: ToSchema>() -> Option<Body> {
    Some(Body { name: || T::name().into_owned(), collect: collect::<T> })
}

pub(crate) const fn nothing() -> Option<Body> {
    None
}

pub(crate) fn none() -> Vec<Parameter> {
    Vec::new()
}

pub(crate) fn query<T: IntoParams>() -> Vec<Parameter> {
    T::into_params(|| Some(ParameterIn::Query))
}

fn collect<T: ToSchema>(into: &mut Vec<(String, RefOr<Schema>)>) {
    into.push((T::name().into_owned(), <T as PartialSchema>::schema()));
    T::schemas(into);
}

/// The whole contract.
pub fn openapi() -> OpenApi {
    let mut info = Info::new("Tamon node", env!("CARGO_PKG_VERSION"));
    info.description = Some("The console's contract. The command line speaks it too, over the admin socket.".into());
    let mut license = License::new("Apache-2.0");
    license.identifier = Some("Apache-2.0".into());
    info.license = Some(license);
    let paths = ENDPOINTS.iter().fold(PathsBuilder::new(), |paths, e| paths.path(e.path, item(e)));
    OpenApiBuilder::new().info(info).paths(paths.build()).components(Some(components())).build()
}

/// The document as it is served and committed: pretty JSON with a line break at its end.
pub fn openapi_json() -> String {
    let mut text = openapi().to_pretty_json().expect("an OpenAPI document is plain data");
    text.push('\n');
    text
}

fn components() -> utoipa::openapi::Components {
    let mut schemas = Vec::new();
    collect::<Problem>(&mut schemas);
    for endpoint in ENDPOINTS {
        [endpoint.request, endpoint.response].into_iter().flatten().for_each(|body| (body.collect)(&mut schemas));
    }
    collect::<incident::schema::SeverityName>(&mut schemas);
    let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new("tamon_session")));
    let components = ComponentsBuilder::new().schemas_from_iter(schemas).security_scheme("session", cookie);
    let refused = REFUSALS.into_iter().map(|status| (refusal_name(status), refusal(&meaning(status))));
    refused.fold(components, |components, (name, response)| components.response(name, response)).build()
}

/// What an endpoint may be refused with because of what stands in the table; `default` is for everything else.
const REFUSALS: [u16; 6] = [400, 401, 403, 404, 413, 422];

fn refusals(endpoint: &Endpoint) -> impl Iterator<Item = u16> {
    let (signed, body) = (endpoint.access != Access::Public, endpoint.request.is_some());
    let (query, path) = (!(endpoint.query)().is_empty(), endpoint.path.contains('{'));
    let signs_in = endpoint.id == "sign_in";
    REFUSALS.into_iter().filter(move |status| match status {
        400 | 422 => body || query,
        401 => signed || signs_in,
        403 => signed,
        404 => path,
        _ => body,
    })
}

fn refusal_name(status: u16) -> String {
    format!("Problem{status}")
}

/// Every code of a status, with what it means.
fn meaning(status: u16) -> String {
    let codes = ProblemCode::ALL.iter().filter(|code| code.status() == status);
    codes.map(|code| format!("`{}`: {}", code.name(), code.title())).collect::<Vec<_>>().join("; ")
}

fn refusal(description: &str) -> utoipa::openapi::Response {
    let content = Content::new(Some(Ref::from_schema_name("Problem")));
    ResponseBuilder::new().description(description).content("application/problem+json", content).build()
}

fn item(endpoint: &Endpoint) -> PathItem {
    let mut operation = OperationBuilder::new()
        .operation_id(Some(endpoint.id))
        .tag(endpoint.tag)
        .summary(Some(endpoint.summary))
        .parameters(Some(path_parameters(endpoint.path)))
        .parameters(Some((endpoint.query)()));
    if let Some(request) = endpoint.request {
        let content = Content::new(Some(reference(&request)));
        operation = operation.request_body(Some(
            RequestBodyBuilder::new().content("application/json", content).required(Some(Required::True)).build(),
        ));
    }
    let mut success = ResponseBuilder::new().description(endpoint.summary);
    if let Some(response) = endpoint.response {
        success = success.content(endpoint.media, Content::new(Some(reference(&response))));
    }
    operation = operation.response(endpoint.success.to_string(), success.build());
    for status in refusals(endpoint) {
        operation = operation.response(status.to_string(), Ref::from_response_name(refusal_name(status)));
    }
    operation = operation.response("default", refusal("Anything else that went wrong"));
    if endpoint.access != Access::Public {
        operation = operation.security(SecurityRequirement::new("session", Vec::<String>::new()));
    }
    PathItem::new(method(endpoint.method), operation.build())
}

fn reference(body: &Body) -> Ref {
    Ref::from_schema_name((body.name)())
}

fn path_parameters(path: &str) -> Vec<Parameter> {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let text = || ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).build();
    names
        .map(|name| {
            let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Path);
            parameter.required(Required::True).schema(Some(text())).build()
        })
        .collect()
}

fn method(name: &str) -> HttpMethod {
    match name {
        "POST" => HttpMethod::Post,
        "PUT" => HttpMethod::Put,
        "PATCH" => HttpMethod::Patch,
        "DELETE" => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}
