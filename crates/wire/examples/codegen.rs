//! Makes anew what is generated from the vocabulary and the `.proto` files: `cargo xtask codegen`, or
//! `cargo run -p wire --example codegen`. The crate's test `generated_code_is_fresh` compares with what is committed.
#[path = "../tests/it/generator.rs"]
mod generator;

fn main() -> std::io::Result<()> {
    let crates = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for (path, text) in generator::generate()? {
        std::fs::write(crates.join(&path), text)?;
        println!("{path}");
    }
    Ok(())
}
