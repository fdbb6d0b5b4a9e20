//! What is generated is committed; this makes it anew. Each generator's crate has a test that says when it is stale.

use crate::{build, paths, run};
use anyhow::Result;

pub fn codegen() -> Result<()> {
    run::run("protobuf code", &mut run::cargo(&["run", "-q", "-p", "wire", "--example", "codegen"]))?;
    run::run("API document", &mut run::cargo(&["run", "-q", "-p", "console-api", "--example", "openapi"]))?;
    let web = paths::root().join("web");
    build::install_modules(&web)?;
    run::run("console's client", build::npm(&web)?.args(["run", "codegen"]))
}
