//! Compiles each `bpf/*.bpf.c` with clang to an object that `src/objects.rs` carries.

use libbpf_cargo::SkeletonBuilder;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

fn main() {
    let sources = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("../../bpf");
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it"));
    println!("cargo:rerun-if-changed={}", sources.display());
    println!("cargo:rerun-if-changed={}", sources.join("include").display());
    println!("cargo:rerun-if-env-changed=TAMON_CLANG");
    let clang = clang();
    for entry in fs::read_dir(&sources).expect("bpf/ is there") {
        let path = entry.expect("bpf/ can be read").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if let Some(stem) = name.strip_suffix(".bpf.c") {
            compile(&clang, &path, &out.join(format!("{stem}.bpf.o")));
        }
    }
}

/// clang 19 is what the objects are tried with; another can be named.
fn clang() -> String {
    let named = env::var("TAMON_CLANG").ok();
    let runs = |name: &String| Command::new(name).arg("--version").output().is_ok();
    named.into_iter().chain(["clang-19", "clang"].map(String::from)).find(runs).unwrap_or_else(|| {
        panic!("no clang found: apt-get install clang-19 (or set TAMON_CLANG)");
    })
}

fn compile(clang: &str, source: &Path, object: &Path) {
    let warnings =
        ["-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter", "-Wno-unused-function", "-Wno-sign-compare"];
    SkeletonBuilder::new()
        .source(source)
        .clang(clang)
        .clang_args(warnings.into_iter().chain(["-mcpu=v3"]))
        .obj(object)
        .build()
        .unwrap_or_else(|error| panic!("{}: {error:#}", source.display()));
}
