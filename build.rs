//! Tells the tests whether the shared data sets lie beside the repository: those that need them are else ignored, by
//! name, and not counted as passed.

use std::path::Path;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(shared_data)");
    println!("cargo::rerun-if-changed=build.rs");
    // A path that is not there would be taken for changed in every build.
    let readme = Path::new("../shared/data/README.md");
    if readme.is_file() {
        println!("cargo::rerun-if-changed={}", readme.display());
        println!("cargo::rustc-cfg=shared_data");
    }
}
