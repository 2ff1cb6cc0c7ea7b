//! Compiles the TypeScript and packs the package.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Error;

/// The folders and files of `npm/` that the package has.
const PACKED: [&str; 4] = ["package.json", "README.md", "LICENSE", "bin"];

/// Compiles what is in `source` into `place/package`, and packs that. Returns the tarball.
pub(crate) fn build(source: &Path, place: &Path) -> Result<PathBuf, Error> {
    let tools = place.join("tools");
    fs::create_dir_all(&tools)?;
    install(source, &tools)?;
    let package = place.join("package");
    for name in PACKED {
        let from = if name == "LICENSE" { source.join("../../../LICENSE") } else { source.join(name) };
        copy(&from, &package.join(name))?;
    }
    for variant in ["node", "web"] {
        let config = source.join(format!("tsconfig.{variant}.json"));
        let out = package.join("dist").join(variant);
        let _old = fs::remove_dir_all(&out);
        run(Command::new(tools.join("node_modules/.bin/tsc"))
            .arg("--project")
            .arg(config)
            .arg("--outDir")
            .arg(&out)
            .arg("--typeRoots")
            .arg(tools.join("node_modules/@types")))?;
    }
    fs::write(package.join("dist/node/package.json"), "{\"type\": \"commonjs\"}\n")?;
    copy(&source.join("entry"), &package.join("dist/node/node"))?;
    let packed = run(Command::new("npm")
        .args(["pack", "--silent", "--pack-destination"])
        .arg(place)
        .current_dir(&package))?;
    let name = packed.lines().last().unwrap_or_default().trim().to_owned();
    Ok(place.join(name))
}

/// Installs the pinned tools, unless they are there.
fn install(source: &Path, tools: &Path) -> Result<(), Error> {
    let lock = fs::read_to_string(source.join("package-lock.json"))?;
    let installed = tools.join("installed.json");
    if fs::read_to_string(&installed).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    for name in ["package.json", "package-lock.json"] {
        copy(&source.join(name), &tools.join(name))?;
    }
    run(Command::new("npm").args(["ci", "--silent", "--no-audit", "--no-fund"]).current_dir(tools))?;
    fs::write(installed, lock)?;
    Ok(())
}

/// Copies a file or a folder.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    if !from.is_dir() {
        let failed = |error| format!("cannot copy {}: {error}", from.display());
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::copy(from, to).map_err(failed)?;
        return Ok(());
    }
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        copy(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

/// Runs a command to its good end and returns what it printed.
fn run(command: &mut Command) -> Result<String, Error> {
    let program = command.get_program().to_string_lossy().into_owned();
    let missing = |error| {
        format!("cannot run {program}: {error} (Node 20 or later has it: `apt-get install nodejs npm`)")
    };
    let output = command.output().map_err(missing)?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(text);
    }
    Err(format!("{command:?} failed:\n{text}{}", String::from_utf8_lossy(&output.stderr)).into())
}
