//! Warns about a profile in which wasmi is optimised and yet slow, and names the lines that are missing.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let optimised = env::var("OPT_LEVEL").is_ok_and(|level| matches!(&*level, "2" | "3" | "s" | "z"));
    let asserting = env::var_os("CARGO_CFG_DEBUG_ASSERTIONS").is_some();
    // In all other profiles wasmi is fast, or not optimised at all, which is the user's choice.
    if optimised && asserting {
        let profile = if env::var("PROFILE").is_ok_and(|name| name == "release") { "release" } else { "dev" };
        println!(
            "cargo::warning=debug assertions make wasmi slow, even where it is optimised; add to Cargo.toml: \
             [profile.{profile}.package.\"*\"] debug-assertions = false, overflow-checks = false"
        );
    }
}
