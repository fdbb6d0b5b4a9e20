//! Writes `web/openapi.json`, from which the console's client is generated.

fn main() -> std::io::Result<()> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../web/openapi.json");
    std::fs::create_dir_all(concat!(env!("CARGO_MANIFEST_DIR"), "/../../web"))?;
    std::fs::write(path, console_api::openapi_json())
}
