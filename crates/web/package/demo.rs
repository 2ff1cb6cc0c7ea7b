//! Puts the page together: static files that any server can serve.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Error;
use crate::npm::copy;

/// The files of the package that the page has from its first visit on.
const ASSETS: [&str; 6] =
    ["info.json", "core.wasm", "python.wasm", "python.image", "rest.wasm", "library.zip"];

/// What the terminal in the page is made of, below `node_modules/@xterm`.
const TERMINAL: [(&str, &str); 4] = [
    ("xterm/lib/xterm.mjs", "xterm.mjs"),
    ("xterm/css/xterm.css", "xterm.css"),
    ("addon-fit/lib/addon-fit.mjs", "addon-fit.mjs"),
    ("xterm/LICENSE", "xterm-license.txt"),
];

/// Writes the page to `place/demo`, and returns that.
pub(crate) fn build(source: &Path, place: &Path) -> Result<PathBuf, Error> {
    let demo = place.join("demo");
    let _old = fs::remove_dir_all(&demo);
    copy(source, &demo)?;
    for (from, to) in TERMINAL {
        copy(&place.join("tools/node_modules/@xterm").join(from), &demo.join(to))?;
    }
    let package = demo.join("python-wasm");
    copy(&place.join("package/dist/web"), &package.join("web"))?;
    copy(&place.join("package/dist/assets"), &package.join("assets"))?;
    let mut files: Vec<String> = ASSETS.iter().map(|name| format!("assets/{name}")).collect();
    scripts(&package, "web", &mut files)?;
    files.sort();
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for file in files.iter().map(|file| package.join(file)).chain(listed(&demo)?) {
        for byte in fs::read(file)? {
            // FNV-1a: another content is another version, that is all.
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
    }
    let list: Vec<String> = files.iter().map(|file| format!("'python-wasm/{file}'")).collect();
    let text = format!("self.VERSION = '{hash:016x}';\nself.PACKAGE = [{}];\n", list.join(", "));
    fs::write(demo.join("version.js"), text)?;
    Ok(demo)
}

/// Adds the scripts below a folder of the package.
fn scripts(package: &Path, folder: &str, files: &mut Vec<String>) -> Result<(), Error> {
    for entry in fs::read_dir(package.join(folder))? {
        let entry = entry?;
        let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            scripts(package, &name, files)?;
        } else if entry.path().extension().is_some_and(|extension| extension == "js") {
            files.push(name);
        }
    }
    Ok(())
}

/// Returns the page's own files, in order.
fn listed(demo: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    for entry in fs::read_dir(demo)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}
