//! Gives the shared library the name under which programs look for it.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let version = env::var("CARGO_PKG_VERSION_MAJOR").unwrap_or_default();
    match env::var("CARGO_CFG_TARGET_OS").as_deref() {
        Ok("macos") => {
            let name = format!("@rpath/libpython_wasm.{version}.dylib");
            println!("cargo::rustc-cdylib-link-arg=-Wl,-install_name,{name}");
        }
        _ => println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libpython_wasm.so.{version}"),
    }
}
