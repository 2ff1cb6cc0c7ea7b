//! The C compiler, linker and C library for WASI: zig's, from its wheel on PyPI.

use std::env::consts::{ARCH, OS};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::error::{Error, IoContext as _};
use crate::fetch;
use crate::workshop::Workshop;

/// One wheel for each system that we build on, by sha256.
const WHEELS: [(&str, &str, &str); 4] = [
    ("linux", "x86_64", "ea6cc5d87b033cf0aedfbc8f9549a908cae6c50ac31f1698188fa48a74524b54"),
    ("linux", "aarch64", "b7c5f02fccd40f89b999ee16a1f5ddced56e6182370f8affe494bcf8a28cf07e"),
    ("macos", "x86_64", "4e0b4b9c02b8d0d220e9948010f860b62ff11d96abb39762eca5fa2ef3f7bc97"),
    ("macos", "aarch64", "09953b6af7f64168b915180a42774f520f92d86ef6331b28e33915c7e1f0bb23"),
];
const VERSION: &str = "0.17.1";

pub(super) fn run(shop: &mut Workshop<'_>) -> Result<(), Error> {
    let wheel = WHEELS.iter().find(|(os, arch, _)| (*os, *arch) == (OS, ARCH));
    let (_, _, sha256) = wheel.ok_or(Error::Machine { system: OS, machine: ARCH })?;
    fetch::wheel(shop, &format!("ziglang=={VERSION}"), sha256)?;
    let zig = shop.out().join("ziglang/zig");
    fs::set_permissions(&zig, fs::Permissions::from_mode(0o755)).on("make executable", &zig)
}

/// What stands in for the date and time of compilation, which zig forbids:
/// the release's.
const DATE: &str = "Jun 11 2025";
const TIME: &str = "00:00:00";

/// Options that come last on every command line and so win. zig turns every
/// `-O` into its own -O2; its clang obeys the one behind `-Xclang`. zig also
/// forces frame pointers and debug information.
///
/// CPython's `-fno-strict-overflow` means `-fwrapv-pointer`, too, and then no offset of a field is folded into
/// a load or a store: 8 % of the time.
const LAST: &str = "-O2 -Xclang -O3 -fomit-frame-pointer -fno-wrapv-pointer -g0";

/// Writes `cc`, `ar`, `ranlib` and the linker `ld` for WASI into `folder`. They name no path of
/// this machine in what they make.
pub(super) fn install(shop: &Workshop<'_>, folder: &Path) -> Result<(), Error> {
    fs::create_dir_all(folder).on("create", folder)?;
    let zig = shop.result("compiler").join("ziglang/zig");
    let (zig, cache) = (zig.display(), shop.shared("zig-cache"));
    let cache = cache.display();
    let work = shop.work().display();
    let environment = format!("export ZIG_GLOBAL_CACHE_DIR='{cache}' ZIG_LOCAL_CACHE_DIR='{cache}'");
    let first = format!(
        "-target wasm32-wasi -Wno-builtin-macro-redefined '-D__DATE__=\"{DATE}\"' \
         '-D__TIME__=\"{TIME}\"' -ffile-prefix-map='{work}'=/build"
    );
    for (name, command) in [
        ("cc", format!("cc {first} \"$@\" {LAST}")),
        ("ar", "ar \"$@\"".to_owned()),
        ("ranlib", "ranlib \"$@\"".to_owned()),
        ("ld", "wasm-ld \"$@\"".to_owned()),
    ] {
        let path = folder.join(name);
        let script = format!("#!/bin/sh\n{environment}\nexec '{zig}' {command}\n");
        fs::write(&path, script).on("write", &path)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).on("make executable", &path)?;
    }
    Ok(())
}
