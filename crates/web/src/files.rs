//! The files of a sandbox, for JavaScript: paths are absolute and mean what they mean to Python.
#![allow(unsafe_code, reason = "the names of exports")]

use std::io::IoSlice;

use wasi_core::fs::{Dir, File, Node, OpenOptions, RelativePath};
use wasi_core::types::{FdFlags, FileType, OFlags};
use wasi_core::{Errno, Result, WasiCtx};

use crate::buffer::{take, take_text};
use crate::state::with;

/// Reads a file into the answer. Returns its bytes, or a negated errno.
#[unsafe(no_mangle)]
extern "C" fn file_read(path: *mut u8, len: usize) -> i32 {
    ask(path, len, |dir, path| {
        let mut file = regular(dir, path, OFlags::empty(), false)?;
        read_all(&mut *file)
    })
}

/// Makes a file with these bytes, or replaces those of one.
#[unsafe(no_mangle)]
extern "C" fn file_write(path: *mut u8, len: usize, address: *mut u8, size: usize) -> i32 {
    let bytes = take(address, size);
    ask(path, len, |dir, path| {
        let mut file = regular(dir, path, OFlags::CREAT | OFlags::TRUNC, true)?;
        write_all(&mut *file, &bytes).map(|()| Vec::new())
    })
}

/// Lists a folder into the answer: a byte for the kind, the size in 8 bytes, and the name, ended by a NUL.
#[unsafe(no_mangle)]
extern "C" fn file_list(path: *mut u8, len: usize) -> i32 {
    ask(path, len, list)
}

/// Describes a file or folder as [`file_list`] does, links included.
#[unsafe(no_mangle)]
extern "C" fn file_stat(path: *mut u8, len: usize) -> i32 {
    ask(path, len, |dir, path| {
        let mut entry = Vec::new();
        describe(dir, path, path.as_str(), &mut entry)?;
        Ok(entry)
    })
}

/// Makes a folder. Those on the way must exist.
#[unsafe(no_mangle)]
extern "C" fn file_make_dir(path: *mut u8, len: usize) -> i32 {
    ask(path, len, |dir, path| dir.create_dir(path).map(|()| Vec::new()))
}

/// Removes a file, a link or an empty folder.
#[unsafe(no_mangle)]
extern "C" fn file_remove(path: *mut u8, len: usize) -> i32 {
    ask(path, len, |dir, path| {
        let removed = match dir.filestat_at(path, false)?.filetype {
            FileType::Directory => dir.remove_dir(path),
            _ => dir.unlink(path),
        };
        removed.map(|()| Vec::new())
    })
}

/// Finds the mount of an absolute path, and keeps what `act` returns as the answer.
fn ask(address: *mut u8, len: usize, act: impl FnOnce(&dyn Dir, RelativePath<'_>) -> Result<Vec<u8>>) -> i32 {
    let path = take_text(address, len);
    with(|state| {
        let found = state.ctx.as_ref().ok_or(Errno::Badf).and_then(|ctx| {
            let (dir, rest) = mount_of(ctx, &path)?;
            act(dir, RelativePath::parse(rest.as_bytes())?)
        });
        match found {
            Ok(answer) => {
                state.answer = answer;
                i32::try_from(state.answer.len()).unwrap_or(-i32::from(Errno::Fbig.raw()))
            }
            Err(errno) => -i32::from(errno.raw()),
        }
    })
}

/// Returns the innermost mount on a path, and the rest of the path; `.` for the mount itself.
fn mount_of<'a, 'p>(ctx: &'a WasiCtx, path: &'p str) -> Result<(&'a dyn Dir, &'p str)> {
    let ends = path.match_indices('/').map(|(end, _)| end).chain([path.len()]);
    let mut ends: Vec<usize> = ends.collect();
    ends.reverse();
    for end in ends {
        let name = path.get(..end).filter(|name| !name.is_empty()).unwrap_or("/");
        if let Some(dir) = ctx.preopen(name) {
            let rest = path.get(end..).unwrap_or_default().trim_start_matches('/');
            return Ok((dir, if rest.is_empty() { "." } else { rest }));
        }
    }
    Err(Errno::Noent)
}

fn regular(dir: &dyn Dir, path: RelativePath<'_>, oflags: OFlags, write: bool) -> Result<Box<dyn File>> {
    match dir.filestat_at(path, true) {
        Ok(found) if !matches!(found.filetype, FileType::RegularFile | FileType::Directory) => {
            return Err(Errno::Inval);
        }
        Ok(_) | Err(Errno::Noent) => {}
        Err(errno) => return Err(errno),
    }
    let options = OpenOptions { follow: true, oflags, read: !write, write, fdflags: FdFlags::empty() };
    match dir.open(path, options)? {
        Node::File(file) => Ok(file),
        Node::Dir(_) => Err(Errno::Isdir),
    }
}

fn list(dir: &dyn Dir, path: RelativePath<'_>) -> Result<Vec<u8>> {
    let oflags = OFlags::DIRECTORY;
    let options = OpenOptions { follow: true, oflags, read: true, write: false, fdflags: FdFlags::empty() };
    let Node::Dir(dir) = dir.open(path, options)? else { return Err(Errno::Notdir) };
    let mut names = dir.entries()?.map(|entry| Ok(entry?.name)).collect::<Result<Vec<_>>>()?;
    names.sort();
    let mut answer = Vec::new();
    for name in names {
        match describe(&*dir, RelativePath::parse(name.as_bytes())?, &name, &mut answer) {
            // Removed meanwhile.
            Err(Errno::Noent) => {}
            described => described?,
        }
    }
    Ok(answer)
}

fn describe(dir: &dyn Dir, path: RelativePath<'_>, name: &str, answer: &mut Vec<u8>) -> Result<()> {
    let found = dir.filestat_at(path, false)?;
    answer.push(found.filetype as u8);
    answer.extend(found.size.to_le_bytes());
    answer.extend(name.as_bytes());
    answer.push(0);
    Ok(())
}

fn read_all(file: &mut dyn File) -> Result<Vec<u8>> {
    let size = usize::try_from(file.filestat()?.size).map_err(|_| Errno::Nomem)?;
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(size).map_err(|_| Errno::Nomem)?;
    bytes.resize(size, 0);
    let mut filled = 0;
    while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read(rest)? {
            0 => break,
            count => filled += count,
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}

fn write_all(file: &mut dyn File, mut bytes: &[u8]) -> Result<()> {
    while !bytes.is_empty() {
        match file.write(&[IoSlice::new(bytes)])? {
            0 => return Err(Errno::Io),
            count => bytes = bytes.get(count..).ok_or(Errno::Io)?,
        }
    }
    Ok(())
}
