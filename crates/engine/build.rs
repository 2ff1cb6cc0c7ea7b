//! Says which lines a profile lacks in which wasmi runs slowly.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let optimised = env::var("OPT_LEVEL").is_ok_and(|level| matches!(&*level, "2" | "3" | "s" | "z"));
    let asserting = env::var_os("CARGO_CFG_DEBUG_ASSERTIONS").is_some();
    // Elsewhere wasmi is as fast as can be, or not optimised at all, which its user has chosen.
    if optimised && asserting {
        let profile = if env::var("PROFILE").is_ok_and(|name| name == "release") { "release" } else { "dev" };
        println!(
            "cargo::warning=debug assertions make wasmi slow, even where it is optimised; add to Cargo.toml: \
             [profile.{profile}.package.\"*\"] debug-assertions = false, overflow-checks = false"
        );
    }
}
