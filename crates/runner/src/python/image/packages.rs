//! Folders of packages as archives.

use std::io;

use wasi_core::fs::{ArchiveWriter, Dir, File, Node, OpenOptions, RelativePath};
use wasi_core::types::{FdFlags, FileType, OFlags};
use wasi_core::{Errno, Result};

/// Zstandard's level: a person waits, once.
const LEVEL: i32 = 9;

/// How deep folders may be nested: links can make circles.
const DEEPEST: usize = 40;

/// The folders of bytecode, which is that of another Python or can be made again.
const BYTECODE: &str = "__pycache__";

/// The ends of names of native code, of which only the name is of use here.
const NATIVE: [&str; 4] = [".so", ".pyd", ".dylib", ".dll"];

/// Writes all that is in a folder, as the guest sees it, into an archive.
pub(super) fn pack(dir: &dyn Dir) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut writer = ArchiveWriter::new(&mut bytes, LEVEL);
    add(&mut writer, dir, "", 0)?;
    writer.finish()?;
    Ok(bytes)
}

fn add(writer: &mut ArchiveWriter<&mut Vec<u8>>, dir: &dyn Dir, above: &str, depth: usize) -> io::Result<()> {
    let mut names = dir
        .entries()
        .and_then(|entries| entries.map(|entry| Ok(entry?.name)).collect::<Result<Vec<_>>>())
        .map_err(|errno| failed(above, errno))?;
    names.sort();
    for name in names.iter().filter(|name| *name != BYTECODE) {
        let path = format!("{above}{name}");
        if depth == DEEPEST {
            return Err(io::Error::other(format!("{path} is nested too deep: more than {DEEPEST} folders")));
        }
        match open(dir, name) {
            Ok(Node::Dir(below)) => {
                writer.folder(&format!("{path}/"))?;
                add(writer, &*below, &format!("{path}/"), depth + 1)?;
            }
            Ok(Node::File(file)) if file.filetype() == FileType::RegularFile => {
                let is_native = NATIVE.iter().any(|end| name.ends_with(end));
                let content = if is_native { Ok(Vec::new()) } else { read(file) };
                writer.file(&path, &content.map_err(|errno| failed(&path, errno))?)?;
            }
            // Neither leads a link out of the folder, nor can a pipe be packed: the program found nothing there, too.
            Ok(Node::File(_)) | Err(Errno::Noent | Errno::Loop | Errno::Notcapable | Errno::Perm) => {}
            Err(errno) => return Err(failed(&path, errno)),
        }
    }
    Ok(())
}

fn failed(path: &str, errno: Errno) -> io::Error {
    io::Error::other(format!("{path}: {errno}"))
}

fn open(dir: &dyn Dir, name: &str) -> Result<Node> {
    let options = OpenOptions {
        follow: true,
        oflags: OFlags::empty(),
        read: true,
        write: false,
        fdflags: FdFlags::NONBLOCK,
    };
    dir.open(RelativePath::parse(name.as_bytes())?, options)
}

fn read(mut file: Box<dyn File>) -> Result<Vec<u8>> {
    let mut content = Vec::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(content),
            count => content.extend_from_slice(&buffer[..count]),
        }
    }
}
