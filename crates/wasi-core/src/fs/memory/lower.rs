//! The lower directory of an overlay, which the tree reads when it needs to, and never changes.

use super::tree::{Content, Ino, LowerFile, Tree};
use crate::errno::{Errno, Result};
use crate::fs::dir::{Dir, Node};
use crate::fs::file::File;
use crate::fs::open::OpenOptions;
use crate::fs::path::RelativePath;
use crate::fs::read_only::ReadOnlyFile;
use crate::types::{FdFlags, FileType, OFlags};

/// The options for opening files and directories of the lower directory.
const LOOK: OpenOptions = OpenOptions {
    follow: false,
    oflags: OFlags::empty(),
    read: true,
    write: false,
    fdflags: FdFlags::empty(),
};

/// Bytes that are copied at once.
const CHUNK: usize = 64 << 10;

/// Joins a path and a name; `.` is the top.
pub(super) fn join(path: &str, name: &str) -> String {
    if path == "." { name.to_owned() } else { format!("{path}/{name}") }
}

/// Opens a directory below the lower one. [`Errno::Stale`] if it is not a directory any more.
pub(super) fn open_lower_dir(lower: &dyn Dir, path: &str) -> Result<Box<dyn Dir>> {
    match lower.open(RelativePath::parse(path.as_bytes())?, LOOK)? {
        Node::Dir(dir) => Ok(dir),
        Node::File(_) => Err(Errno::Stale),
    }
}

impl Tree {
    /// Takes over the names of the lower directory at `path`, as gifts. It does not read the directories and
    /// files that they stand for.
    pub(super) fn read_in(&mut self, dir: Ino, path: &str) -> Result<()> {
        let Some(lower) = &self.lower else { return Ok(()) };
        let opened = open_lower_dir(&**lower, path)?;
        let read_only = !lower.writable();
        let mut found = Vec::new();
        for entry in opened.entries()? {
            let name = entry?.name;
            let own = RelativePath::parse(name.as_bytes())?;
            let Some(stat) = present(opened.filestat_at(own, false))? else { continue };
            let at = join(path, &name);
            let content = match stat.filetype {
                FileType::Directory => Content::unread_dir(at),
                FileType::SymbolicLink => match present(opened.read_link(own))? {
                    Some(target) => Content::Link(target),
                    None => continue,
                },
                filetype => Content::Lower(LowerFile { path: at, filetype, size: stat.size }),
            };
            found.push((name, content, stat));
        }
        for (name, content, stat) in found {
            let mode = match stat.filetype {
                // What is read-only below can be changed here.
                FileType::RegularFile | FileType::Directory if read_only => stat.mode.writable(),
                FileType::RegularFile | FileType::Directory => stat.mode,
                _ => stat.mode.read_only(),
            };
            let ino = self.add_with(content, mode, stat.atim, stat.mtim, stat.ctim);
            let inode = self.inode_mut(ino)?;
            inode.links = 1;
            inode.gift.names = 1;
            match &mut inode.content {
                Content::Dir(names) => names.parent = dir,
                Content::Link(target) => inode.gift.bytes = target.len() as u64,
                _ => {}
            }
            self.names_mut(dir)?.map.insert(name, ino);
        }
        Ok(())
    }

    fn lower_file(&self, ino: Ino) -> Result<Option<&LowerFile>> {
        match &self.inode(ino)?.content {
            Content::Lower(file) => Ok(Some(file)),
            _ => Ok(None),
        }
    }

    /// Opens a file in the lower directory that was not written yet. `None` for all others.
    pub(super) fn open_lower(&self, ino: Ino) -> Result<Option<Box<dyn File>>> {
        self.open_lower_as(ino, LOOK)
    }

    fn open_lower_as(&self, ino: Ino, options: OpenOptions) -> Result<Option<Box<dyn File>>> {
        let (Some(file), Some(lower)) = (self.lower_file(ino)?, &self.lower) else { return Ok(None) };
        match lower.open(RelativePath::parse(file.path.as_bytes())?, options)? {
            Node::File(file) => Ok(Some(file)),
            Node::Dir(_) => Err(Errno::Stale),
        }
    }

    /// Opens a FIFO or device in the lower directory. These have no content to copy, so they can only be
    /// read.
    pub(super) fn open_lower_stream(&self, ino: Ino, options: OpenOptions) -> Result<Option<Box<dyn File>>> {
        match self.lower_file(ino)? {
            Some(file) if file.filetype != FileType::RegularFile => {}
            _ => return Ok(None),
        }
        if options.changes_content() {
            return Err(Errno::Perm);
        }
        let opened = self.open_lower_as(ino, OpenOptions { fdflags: options.fdflags, ..LOOK })?;
        Ok(opened.map(|file| Box::new(ReadOnlyFile::new(file)) as Box<dyn File>))
    }

    /// Makes a file ready to be written: copies it from below unless that was done, or makes it empty
    /// (`truncate`).
    pub(super) fn copy_up(&mut self, ino: Ino, truncate: bool) -> Result<()> {
        let Some(mut file) = self.open_lower(ino)? else {
            return if truncate && self.bytes(ino).is_ok() { self.resize(ino, 0) } else { Ok(()) };
        };
        let bytes = if truncate { Vec::new() } else { self.read_charged(&mut *file)? };
        self.inode_mut(ino)?.content = Content::file(bytes);
        if truncate {
            self.touch(ino);
        }
        Ok(())
    }

    /// Reads a whole file, wherever it is.
    pub(super) fn read_whole(&self, ino: Ino) -> Result<Vec<u8>> {
        match self.open_lower(ino)? {
            Some(mut file) => read_to_end(&mut *file, |_| Ok(())),
            None => Ok(self.bytes(ino)?.to_vec()),
        }
    }

    fn read_charged(&self, file: &mut dyn File) -> Result<Vec<u8>> {
        let mut charged = 0;
        let bytes = read_to_end(file, |len| {
            self.quota.grow(len)?;
            charged += len;
            Ok(())
        });
        if bytes.is_err() {
            self.quota.shrink(charged);
        }
        bytes
    }
}

/// Reads a whole file. Calls `charge` for each piece before it allocates memory.
fn read_to_end(file: &mut dyn File, mut charge: impl FnMut(u64) -> Result<()>) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut chunk = vec![0; CHUNK];
    loop {
        let len = file.read(&mut chunk)?;
        let Some(piece) = chunk.get(..len).filter(|piece| !piece.is_empty()) else { return Ok(bytes) };
        charge(len as u64)?;
        bytes.try_reserve(len).map_err(|_| Errno::Nospc)?;
        bytes.extend_from_slice(piece);
    }
}

/// Returns `None` for what is gone since it was listed, or has no form in WASI.
fn present<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(Errno::Noent | Errno::Ilseq) => Ok(None),
        Err(error) => Err(error),
    }
}
