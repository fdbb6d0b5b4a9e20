//! The release binary, with every optimisation.

use crate::{build, packages};
use anyhow::Result;

pub fn dist() -> Result<()> {
    packages::ensure(packages::BUILD, false)?;
    let binary = build::all("dist")?;
    println!("{}", binary.display());
    Ok(())
}
