//! Puts pip into the standard library: the wheel that CPython's source has for `ensurepip`.

use std::fs;
use std::path::Path;

use crate::error::{Error, IoContext as _};
use crate::tree;
use crate::workshop::Workshop;

/// The wheel, below the source.
const WHEEL: &str = "Lib/ensurepip/_bundled/pip-25.1.1-py3-none-any.whl";

/// What nothing in the sandbox can ask for, by the beginnings of paths: programs for Windows, certificates, which
/// TLS alone would need, and modules of vendored packages that pip never imports, or only on other systems.
const LEFT_OUT: [&str; 12] = [
    "certifi/cacert.pem",
    "distlib/database.py",
    "distlib/index.py",
    "distlib/locators.py",
    "distlib/manifest.py",
    "distlib/markers.py",
    "distlib/metadata.py",
    "distlib/version.py",
    "distlib/wheel.py",
    "urllib3/contrib/_securetransport/",
    "urllib3/contrib/pyopenssl.py",
    "urllib3/contrib/securetransport.py",
];

/// pip's configuration for all users, below the prefix: nothing is fetched, kept or asked for, and no user but one
/// could install anything.
const CONFIGURATION: &str = "\
[global]
disable-pip-version-check = true
no-cache-dir = true
retries = 0
[install]
root-user-action = ignore
";

/// Puts pip into the prefix `root`, whose modules are in `site_packages`.
pub(super) fn install(shop: &mut Workshop<'_>, root: &Path, site_packages: &Path) -> Result<(), Error> {
    let path = root.join("pip.conf");
    fs::write(&path, CONFIGURATION).on("write", &path)?;
    let whole = shop.work().join("pip");
    let mut unzip = shop.command("python3");
    unzip.args(["-m", "zipfile", "-e"]).arg(shop.result("source").join(WHEEL)).arg(&whole);
    shop.run(&mut unzip)?;
    tree::copy(&whole, site_packages, is_wanted)
}

fn is_wanted(file: &Path) -> bool {
    let vendored = file.strip_prefix("pip/_vendor").unwrap_or(file).to_string_lossy();
    file.extension().is_none_or(|extension| extension != "exe")
        && !LEFT_OUT.iter().any(|start| vendored.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_sandbox_cannot_use_is_left_out() {
        for left_out in ["pip/_vendor/distlib/t64.exe", "pip/_vendor/certifi/cacert.pem"] {
            assert!(!is_wanted(Path::new(left_out)), "{left_out}");
        }
        for wanted in ["pip/__main__.py", "pip/_vendor/distlib/scripts.py", "pip-25.1.1.dist-info/METADATA"] {
            assert!(is_wanted(Path::new(wanted)), "{wanted}");
        }
    }
}
