//! The release binary, with every optimisation.

use crate::{build, packages};
use anyhow::Result;

pub fn dist() -> Result<()> {
    packages::ensure(packages::BUILD, false)?;
    build::console()?;
    let binary = build::binary("dist", false)?;
    println!("{}", binary.display());
    Ok(())
}
