//! The other names of this program.

use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::ExitCode;

use crate::{Failure, say};

const NAMES: [&str; 3] = ["z++", "zar", "zranlib"];

/// Makes a link of each name in `folder`, or else beside this program. A link that leads elsewhere is replaced,
/// another file is not.
pub(crate) fn make(folder: Option<&Path>) -> Result<ExitCode, Failure> {
    let own = env::current_exe().map_err(|error| format!("error: cannot find this program: {error}"))?;
    let beside = own.parent().unwrap_or(Path::new("."));
    let folder = folder.unwrap_or(beside);
    // Beside each other they may be moved together.
    let same = matches!((folder.canonicalize(), beside.canonicalize()), (Ok(one), Ok(other)) if one == other);
    let target = match own.file_name() {
        Some(name) if same => Path::new(name),
        _ => own.as_path(),
    };
    for name in NAMES {
        let link = folder.join(name);
        let failed = |error| format!("error: cannot make the link {}: {error}", link.display());
        if fs::symlink_metadata(&link).is_ok_and(|found| found.is_symlink()) {
            fs::remove_file(&link).map_err(failed)?;
        }
        symlink(target, &link).map_err(failed)?;
        say(&format!("{} is there", link.display()));
    }
    Ok(ExitCode::SUCCESS)
}
