//! zig as the C compiler and linker of a target: scripts that cargo and build scripts call.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use cpython::Zig;

use crate::Error;

/// The scripts for one target.
pub(crate) struct Tools {
    /// Compiles C, and links.
    pub(crate) cc: PathBuf,
    pub(crate) ar: PathBuf,
}

/// Writes the scripts into a folder.
///
/// zig is told the target by its own name for it, so rustc's name, which the crate `cc` gives, is left out. Its unwinder is
/// LLVM's, in place of gcc's.
pub(crate) fn write(zig: &Zig, target: &str, folder: &Path) -> Result<Tools, Error> {
    fs::create_dir_all(folder)?;
    let (program, cache) = (zig.program.display(), zig.cache.display());
    let environment = format!("export ZIG_GLOBAL_CACHE_DIR='{cache}' ZIG_LOCAL_CACHE_DIR='{cache}'");
    let cc = folder.join(format!("cc-{target}"));
    script(
        &cc,
        &format!(
            "{environment}\n\
             for word do\n    \
                 shift\n    \
                 case $word in\n        \
                     --target=*) ;;\n        \
                     -lgcc_s | -lgcc_eh | -lgcc) set -- \"$@\" -lunwind ;;\n        \
                     *) set -- \"$@\" \"$word\" ;;\n    \
                 esac\n\
             done\n\
             exec '{program}' cc -target {target} \"$@\"\n"
        ),
    )?;
    let ar = folder.join("ar");
    script(&ar, &format!("{environment}\nexec '{program}' ar \"$@\"\n"))?;
    Ok(Tools { cc, ar })
}

fn script(path: &Path, body: &str) -> Result<(), Error> {
    fs::write(path, format!("#!/bin/sh\n{body}"))?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
    Ok(())
}
