//! The console in a real browser against a real node, a real agent and the real self-test's incident.

use crate::world::World;
use crate::{build, paths, run};
use anyhow::Result;
use std::fs;
use std::process::Stdio;

pub fn e2e() -> Result<()> {
    let web = paths::root().join("web");
    build::console()?;
    run::run("build tamon for the browser tests", &mut run::cargo(&["build", "--workspace", "--tests"]))?;
    let world = World::start(paths::tamon("dev"), "e2e")?;
    run::run("self-test", world.tamon().args(["selftest", "--output", "json"]).stdout(Stdio::null()))?;
    let shots = paths::target().join("screenshots");
    fs::create_dir_all(&shots)?;
    let link = run::output(world.tamon().arg("login-link"))?;
    let result = run::run(
        "browser tests",
        build::npm(&web)?
            .args(["run", "e2e"])
            .env("TAMON_URL", &world.console)
            .env("TAMON_LOGIN_LINK", link.trim())
            .env("TAMON_LOGIN_TOKEN", link.trim().rsplit(['=', '#']).next().unwrap_or_default())
            .env("TAMON", paths::tamon("dev"))
            .env("TAMON_STATE", &world.state)
            .env("TAMON_SCREENSHOTS", &shots),
    );
    if result.is_err() {
        world.show_logs();
    }
    result
}
