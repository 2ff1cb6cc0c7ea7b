//! The archive of a target's programs: `python-wasm-VERSION-TARGET.tar.xz`.

use std::fs;
use std::path::{Path, PathBuf};

use liblzma::write::XzEncoder;
use tar::{Builder, EntryType, Header};

use crate::checks::{ask, calculates, names_no_folder};
use crate::{Error, Target, Workspace};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The time of every file in an archive: that of CPython's release, as in the module. The same files make the same bytes.
const TIME: u64 = 1_749_600_000;

/// xz's preset with the smallest result that needs 64 MiB to unpack.
const PRESET: u32 = 9;

/// A file in an archive.
struct File {
    name: String,
    bytes: Vec<u8>,
    mode: u32,
}

/// Builds the programs for a target and writes their archive into a folder. Returns its path.
pub fn archive(workspace: &Workspace, target: Target, folder: &Path) -> Result<PathBuf, Error> {
    let built = workspace.build(target, "python-wasm", &["native"])?;
    let python = built.join("python-wasm");
    calculates(target, &python)?;
    // By itself: the same call for both would build wasi-run with the second engine, which it cannot use.
    workspace.build(target, "wasi-run", &[])?;
    let mut files = Vec::new();
    for name in ["python-wasm", "wasi-run"] {
        let program = built.join(name);
        let bytes = fs::read(&program)?;
        names_no_folder(workspace, &bytes, name)?;
        files.push(File { name: name.to_owned(), bytes, mode: 0o755 });
        let mut text = |path: String, arguments: &[&str]| {
            let bytes = ask(target, &program, arguments)?;
            files.push(File { name: path, bytes, mode: 0o644 });
            Ok::<_, Error>(())
        };
        text(format!("man/man1/{name}.1"), &["--manual"])?;
        text(format!("completions/bash/{name}"), &["--completions", "bash"])?;
        text(format!("completions/fish/{name}.fish"), &["--completions", "fish"])?;
        text(format!("completions/zsh/_{name}"), &["--completions", "zsh"])?;
    }
    files.push(File {
        name: "LICENSES.txt".into(),
        bytes: ask(target, &python, &["--licenses"])?,
        mode: 0o644,
    });
    for name in ["LICENSE", "README.md", "CHANGELOG.md"] {
        files.push(File { name: name.into(), bytes: fs::read(workspace.home.join(name))?, mode: 0o644 });
    }
    let top = format!("python-wasm-{VERSION}-{}", target.triple);
    let path = folder.join(format!("{top}.tar.xz"));
    fs::write(&path, packed(&top, files)?)?;
    Ok(path)
}

/// Packs files, in the order of their names, below a folder of this name.
fn packed(top: &str, mut files: Vec<File>) -> Result<Vec<u8>, Error> {
    files.sort_by(|one, other| one.name.cmp(&other.name));
    let mut tar = Builder::new(XzEncoder::new(Vec::new(), PRESET));
    for file in files {
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::Regular);
        header.set_size(file.bytes.len() as u64);
        header.set_mode(file.mode);
        header.set_mtime(TIME);
        header.set_uid(0);
        header.set_gid(0);
        header.set_username("root")?;
        header.set_groupname("root")?;
        tar.append_data(&mut header, format!("{top}/{}", file.name), &*file.bytes)?;
    }
    Ok(tar.into_inner()?.finish()?)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use liblzma::read::XzDecoder;

    use super::*;

    fn file(name: &str, mode: u32) -> File {
        File { name: name.into(), bytes: name.into(), mode }
    }

    #[test]
    fn the_same_files_make_the_same_bytes_in_any_order() {
        let one = packed("top", vec![file("a", 0o755), file("b/c", 0o644)]).unwrap();
        let other = packed("top", vec![file("b/c", 0o644), file("a", 0o755)]).unwrap();
        assert_eq!(one, other);
    }

    #[test]
    fn an_archive_has_its_files_below_one_folder_with_their_modes() {
        let packed = packed("top", vec![file("b/c", 0o644), file("a", 0o755)]).unwrap();
        let mut archive = tar::Archive::new(XzDecoder::new(&*packed));
        let mut found = Vec::new();
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            let header = entry.header();
            let path = entry.path().unwrap().to_string_lossy().into_owned();
            found.push((path, header.mode().unwrap(), header.mtime().unwrap(), text));
        }
        let expected = |path: &str, mode, text: &str| (path.to_owned(), mode, TIME, text.to_owned());
        assert_eq!(found, [expected("top/a", 0o755, "a"), expected("top/b/c", 0o644, "b/c")]);
    }
}
