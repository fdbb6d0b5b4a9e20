//! Any call of the node's API.

use clap::Args;

#[derive(Args)]
pub struct ApiCall {
    #[arg(value_enum, ignore_case = true, requires = "path")]
    pub method: Option<ApiMethod>,
    /// Below /api/v1, with its query.
    pub path: Option<String>,
    /// JSON of the request, or `-` to read it from standard input.
    #[arg(long, short)]
    pub body: Option<String>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum ApiMethod {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}
