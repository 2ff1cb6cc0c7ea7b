//! A folder that JavaScript has: one of the machine, where Node grants it.
//!
//! JavaScript does one step at a time and follows no link: each name on a path is looked at here, and where a link leads
//! is decided here, so that neither a link nor `..` leads out. A name that somebody else replaces between two steps can
//! still mislead; a guest has no second thread that could.

use std::io::IoSlice;

use wasi_core::fs::{Dir, DirEntry, Entries, File, Node, OpenOptions, RelativePath};
use wasi_core::types::{FdFlags, FileType, Filestat, Mode, OFlags, SetTime, Whence};
use wasi_core::{Errno, Result};

use crate::imports;
use crate::stream::count;

/// What [`imports::folder`] is asked for. The input is a path below the folder, unless something else is said.
mod operation {
    /// The last answer again.
    pub(super) const AGAIN: u32 = 0;
    /// The attributes of a name itself: kind, 7 bytes, then size, inode and the three times in 8 bytes each.
    pub(super) const STAT: u32 = 1;
    /// The names: a byte for the kind, and the name ended by a NUL.
    pub(super) const LIST: u32 = 2;
    /// The text of a link.
    pub(super) const READ_LINK: u32 = 3;
    /// A handle, after a byte of flags (1 read, 2 write, 4 create, 8 exclusive, 16 truncate).
    pub(super) const OPEN: u32 = 4;
    /// Bytes: the input is handle and offset, 4 and 8 bytes.
    pub(super) const READ: u32 = 5;
    /// Bytes written: the input is handle and offset, and the bytes.
    pub(super) const WRITE: u32 = 6;
    /// The input is the handle.
    pub(super) const CLOSE: u32 = 7;
    /// The attributes of a handle.
    pub(super) const STAT_HANDLE: u32 = 8;
    /// The input is handle and size.
    pub(super) const RESIZE: u32 = 9;
    pub(super) const MAKE_DIR: u32 = 10;
    pub(super) const REMOVE_DIR: u32 = 11;
    pub(super) const UNLINK: u32 = 12;
    /// The input is two paths with a NUL between them.
    pub(super) const RENAME: u32 = 13;
    /// The input is the target and the path, with a NUL between them.
    pub(super) const SYMLINK: u32 = 14;
    /// The input is two paths with a NUL between them.
    pub(super) const LINK: u32 = 15;
    /// The input is two times of 8 bytes each, all ones for one that is kept, and the path.
    pub(super) const SET_TIMES: u32 = 16;
    /// The input is the handle.
    pub(super) const SYNC: u32 = 17;
}

/// How many links may be followed for one path.
const LINKS_MAX: u32 = 40;

/// The first room for an answer.
const ROOM: usize = 4096;

/// A folder of JavaScript's by its number, or one below it.
pub(crate) struct Folder {
    number: u32,
    /// Its path below the folder that was granted, without `.`, `..` and links; empty for that itself.
    path: String,
}

/// Where a path leads.
struct Place {
    path: String,
    /// What is there; `None` if nothing is.
    stat: Option<Filestat>,
    /// The path demands a directory.
    wants_dir: bool,
}

/// Asks, and returns the answer.
fn ask(operation: u32, number: u32, input: &[u8]) -> Result<Vec<u8>> {
    let mut answer = vec![0; ROOM];
    let len = count(imports::folder(operation, number, input, &mut answer))?;
    if len > answer.len() {
        answer.resize(len, 0);
        count(imports::folder(operation::AGAIN, number, &[], &mut answer))?;
    }
    answer.truncate(len);
    Ok(answer)
}

/// Reads attributes.
fn filestat(answer: &[u8], number: u32) -> Result<Filestat> {
    let mut fields = answer.chunks_exact(8).filter_map(|field| field.try_into().ok()).map(u64::from_le_bytes);
    let mut next = || fields.next().ok_or(Errno::Io);
    let kind = next()?;
    let (size, ino, atim, mtim, ctim) = (next()?, next()?, next()?, next()?, next()?);
    let filetype = match kind as u8 {
        1 => FileType::RegularFile,
        2 => FileType::Directory,
        3 => FileType::SymbolicLink,
        _ => FileType::Unknown,
    };
    let permissions = (kind >> 8) as u32 & 0o777;
    let mode = if permissions == 0 { Mode::of_new(filetype) } else { Mode::new(filetype, permissions) };
    Ok(Filestat { dev: (1 << 50) | u64::from(number), ino, filetype, nlink: 1, size, atim, mtim, ctim, mode })
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

fn two(first: &str, second: &str) -> Vec<u8> {
    [first.as_bytes(), b"\0", second.as_bytes()].concat()
}

impl Folder {
    pub(crate) fn new(number: u32) -> Self {
        Self { number, path: String::new() }
    }

    fn ask(&self, operation: u32, path: &str) -> Result<Vec<u8>> {
        ask(operation, self.number, path.as_bytes())
    }

    fn stat(&self, path: &str) -> Result<Option<Filestat>> {
        match self.ask(operation::STAT, path) {
            Ok(answer) => filestat(&answer, self.number).map(Some),
            Err(Errno::Noent) => Ok(None),
            Err(errno) => Err(errno),
        }
    }

    /// Follows a path name by name. [`Errno::Perm`] if it leads out of this directory.
    fn find(&self, path: RelativePath<'_>, follow: bool) -> Result<Place> {
        let base = self.path.split('/').filter(|name| !name.is_empty()).count();
        let mut done: Vec<String> =
            self.path.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        let mut rest: Vec<String> = path.as_str().rsplit('/').map(str::to_owned).collect();
        let mut wants_dir = matches!(rest.first().map(String::as_str), Some("" | "." | ".."));
        let mut links = 0;
        let mut stat = None;
        while let Some(name) = rest.pop() {
            let is_last = rest.iter().all(|name| name.is_empty() || name == ".");
            match name.as_str() {
                "" | "." => continue,
                ".." if done.len() == base => return Err(Errno::Perm),
                ".." => {
                    done.pop();
                    stat = None;
                    continue;
                }
                _ => done.push(name),
            }
            let here = done.join("/");
            stat = self.stat(&here)?;
            let Some(found) = stat else {
                return if is_last {
                    Ok(Place { path: here, stat: None, wants_dir })
                } else {
                    Err(Errno::Noent)
                };
            };
            let is_link = found.filetype == FileType::SymbolicLink;
            if is_link && (!is_last || follow || wants_dir) {
                links += 1;
                if links > LINKS_MAX {
                    return Err(Errno::Loop);
                }
                let target =
                    String::from_utf8(self.ask(operation::READ_LINK, &here)?).map_err(|_| Errno::Ilseq)?;
                if target.starts_with('/') {
                    return Err(Errno::Perm);
                }
                wants_dir |= is_last && target.ends_with('/');
                done.pop();
                stat = None;
                rest.extend(target.rsplit('/').map(str::to_owned));
            } else if !is_last && found.filetype != FileType::Directory {
                return Err(Errno::Notdir);
            }
        }
        let path = done.join("/");
        let stat = match stat {
            None => self.stat(&path)?,
            stat => stat,
        };
        if wants_dir && stat.is_some_and(|stat| stat.filetype != FileType::Directory) {
            return Err(Errno::Notdir);
        }
        Ok(Place { path, stat, wants_dir })
    }

    fn existing(&self, path: RelativePath<'_>, follow: bool) -> Result<(String, Filestat)> {
        let Place { path, stat, .. } = self.find(path, follow)?;
        Ok((path, stat.ok_or(Errno::Noent)?))
    }

    fn at(&self, path: String) -> Self {
        Self { number: self.number, path }
    }

    fn change(&self, operation: u32, input: &[u8]) -> Result<()> {
        ask(operation, self.number, input).map(drop)
    }

    /// Returns another folder of the same grant. [`Errno::Xdev`] for any other.
    fn sibling<'a>(&self, other: &'a dyn Dir) -> Result<&'a Self> {
        let other = (other as &dyn std::any::Any).downcast_ref::<Self>();
        other.filter(|other| other.number == self.number).ok_or(Errno::Xdev)
    }
}

impl Dir for Folder {
    fn filestat(&self) -> Result<Filestat> {
        self.stat(&self.path)?.ok_or(Errno::Noent)
    }

    fn open(&self, path: RelativePath<'_>, options: OpenOptions) -> Result<Node> {
        let OpenOptions { follow, oflags, read, write, fdflags } = options;
        let exclusive = oflags.contains(OFlags::CREAT | OFlags::EXCL);
        if oflags.contains(OFlags::CREAT | OFlags::DIRECTORY) {
            return Err(Errno::Inval);
        }
        if fdflags.intersects(FdFlags::DSYNC | FdFlags::RSYNC | FdFlags::SYNC) {
            return Err(Errno::Notsup);
        }
        let Place { path, stat, wants_dir } = self.find(path, follow && !exclusive)?;
        let changes = write || oflags.contains(OFlags::TRUNC);
        match stat.map(|stat| stat.filetype) {
            Some(_) if exclusive => return Err(Errno::Exist),
            Some(FileType::SymbolicLink) => return Err(Errno::Loop),
            Some(FileType::Directory) if changes || oflags.contains(OFlags::CREAT) => {
                return Err(Errno::Isdir);
            }
            Some(FileType::Directory) => return Ok(Node::Dir(Box::new(self.at(path)))),
            Some(_) if oflags.contains(OFlags::DIRECTORY) => return Err(Errno::Notdir),
            // A FIFO or a device of the host could keep the whole guest waiting.
            Some(FileType::RegularFile) => {}
            Some(_) => return Err(Errno::Notsup),
            None if !oflags.contains(OFlags::CREAT) => return Err(Errno::Noent),
            None if wants_dir => return Err(Errno::Isdir),
            None => {}
        }
        let bits = [
            read || !write,
            write,
            oflags.contains(OFlags::CREAT),
            exclusive,
            oflags.contains(OFlags::TRUNC),
        ];
        let flags = bits.iter().rev().fold(0, |flags, bit| flags << 1 | u8::from(*bit));
        let input = [&[flags], path.as_bytes()].concat();
        let handle = ask(operation::OPEN, self.number, &input)?;
        let handle = u32::from_le_bytes(handle.try_into().map_err(|_| Errno::Io)?);
        Ok(Node::File(Box::new(FolderFile { number: self.number, handle, offset: 0, flags: fdflags })))
    }

    fn filestat_at(&self, path: RelativePath<'_>, follow: bool) -> Result<Filestat> {
        self.existing(path, follow).map(|(_, stat)| stat)
    }

    fn set_times_at(&self, path: RelativePath<'_>, follow: bool, atim: SetTime, mtim: SetTime) -> Result<()> {
        let (path, stat) = self.existing(path, follow)?;
        if stat.filetype == FileType::SymbolicLink {
            return Err(Errno::Notsup);
        }
        self.at(path).set_times(atim, mtim)
    }

    fn set_times(&self, atim: SetTime, mtim: SetTime) -> Result<()> {
        let time = |time: SetTime| match time {
            SetTime::To(time) => time.to_le_bytes(),
            SetTime::Keep => [0xff; 8],
        };
        self.change(operation::SET_TIMES, &[&time(atim)[..], &time(mtim), self.path.as_bytes()].concat())
    }

    fn entries(&self) -> Result<Entries> {
        let answer = self.ask(operation::LIST, &self.path)?;
        let mut entries = Vec::new();
        for entry in answer.split(|byte| *byte == 0).filter(|entry| !entry.is_empty()) {
            let Some((kind, name)) = entry.split_first() else { continue };
            // As with a host's folder, a name that is not UTF-8 is not listed.
            let Ok(name) = std::str::from_utf8(name) else { continue };
            let Some(stat) = self.stat(&join(&self.path, name))? else { continue };
            let filetype = if *kind == 0 { FileType::Unknown } else { stat.filetype };
            entries.push(Ok(DirEntry { name: name.to_owned(), ino: stat.ino, filetype }));
        }
        Ok(Box::new(entries.into_iter()))
    }

    fn create_dir(&self, path: RelativePath<'_>) -> Result<()> {
        let place = self.find(path, false)?;
        if place.stat.is_some() {
            return Err(Errno::Exist);
        }
        self.change(operation::MAKE_DIR, place.path.as_bytes())
    }

    fn remove_dir(&self, path: RelativePath<'_>) -> Result<()> {
        let (path, stat) = self.existing(path, false)?;
        match stat.filetype {
            _ if path == self.path => Err(Errno::Inval),
            FileType::Directory => self.change(operation::REMOVE_DIR, path.as_bytes()),
            _ => Err(Errno::Notdir),
        }
    }

    fn unlink(&self, path: RelativePath<'_>) -> Result<()> {
        let (path, stat) = self.existing(path, false)?;
        match stat.filetype {
            FileType::Directory => Err(Errno::Isdir),
            _ => self.change(operation::UNLINK, path.as_bytes()),
        }
    }

    fn read_link(&self, path: RelativePath<'_>) -> Result<String> {
        let (path, stat) = self.existing(path, false)?;
        if stat.filetype != FileType::SymbolicLink {
            return Err(Errno::Inval);
        }
        String::from_utf8(self.ask(operation::READ_LINK, &path)?).map_err(|_| Errno::Ilseq)
    }

    fn symlink(&self, target: RelativePath<'_>, path: RelativePath<'_>) -> Result<()> {
        let place = self.find(path, false)?;
        if place.stat.is_some() {
            return Err(Errno::Exist);
        }
        self.change(operation::SYMLINK, &two(target.as_str(), &place.path))
    }

    fn link(&self, path: RelativePath<'_>, new_dir: &dyn Dir, new_path: RelativePath<'_>) -> Result<()> {
        let new = self.sibling(new_dir)?.find(new_path, false)?;
        let (path, stat) = self.existing(path, false)?;
        match (stat.filetype, new.stat) {
            (_, Some(_)) => Err(Errno::Exist),
            (FileType::RegularFile, None) => self.change(operation::LINK, &two(&path, &new.path)),
            _ => Err(Errno::Perm),
        }
    }

    fn rename(&self, path: RelativePath<'_>, new_dir: &dyn Dir, new_path: RelativePath<'_>) -> Result<()> {
        let sibling = self.sibling(new_dir)?;
        let new = sibling.find(new_path, false)?;
        let (old, _) = self.existing(path, false)?;
        if old == self.path || new.path == sibling.path {
            return Err(Errno::Busy);
        }
        self.change(operation::RENAME, &two(&old, &new.path))
    }

    fn reopen(&self) -> Result<Box<dyn Dir>> {
        Ok(Box::new(self.at(self.path.clone())))
    }
}

/// An open regular file of such a folder.
struct FolderFile {
    number: u32,
    handle: u32,
    offset: u64,
    flags: FdFlags,
}

impl FolderFile {
    fn place(&self, offset: u64) -> Vec<u8> {
        [&self.handle.to_le_bytes()[..], &offset.to_le_bytes()].concat()
    }

    fn change(&self, operation: u32, input: &[u8]) -> Result<()> {
        ask(operation, self.number, input).map(drop)
    }
}

impl Drop for FolderFile {
    fn drop(&mut self) {
        let _nobody_asks = self.change(operation::CLOSE, &self.handle.to_le_bytes());
    }
}

impl File for FolderFile {
    fn filetype(&self) -> FileType {
        FileType::RegularFile
    }

    fn filestat(&self) -> Result<Filestat> {
        filestat(&ask(operation::STAT_HANDLE, self.number, &self.handle.to_le_bytes())?, self.number)
    }

    fn fdflags(&self) -> FdFlags {
        self.flags
    }

    fn set_fdflags(&mut self, flags: FdFlags) -> Result<()> {
        if !(FdFlags::APPEND | FdFlags::NONBLOCK).contains(flags) {
            return Err(Errno::Notsup);
        }
        self.flags = flags;
        Ok(())
    }

    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let read = self.read_at(buffer, self.offset)?;
        self.offset += read as u64;
        Ok(read)
    }

    fn write(&mut self, buffers: &[IoSlice<'_>]) -> Result<usize> {
        if self.flags.contains(FdFlags::APPEND) {
            self.offset = self.filestat()?.size;
        }
        let written = self.write_at(buffers, self.offset)?;
        self.offset += written as u64;
        Ok(written)
    }

    fn read_at(&mut self, buffer: &mut [u8], offset: u64) -> Result<usize> {
        count(imports::folder(operation::READ, self.number, &self.place(offset), buffer))
    }

    fn write_at(&mut self, buffers: &[IoSlice<'_>], offset: u64) -> Result<usize> {
        let mut input = self.place(offset);
        input.extend(buffers.iter().flat_map(|buffer| buffer.iter()));
        count(imports::folder(operation::WRITE, self.number, &input, &mut []))
    }

    fn seek(&mut self, offset: i64, whence: Whence) -> Result<u64> {
        let base = match whence {
            Whence::Set => 0,
            Whence::Cur => self.offset,
            Whence::End => self.filestat()?.size,
        };
        self.offset = base.checked_add_signed(offset).ok_or(Errno::Inval)?;
        if i64::try_from(self.offset).is_err() {
            return Err(Errno::Overflow);
        }
        Ok(self.offset)
    }

    fn advise(&mut self, _offset: u64, _len: u64, _advice: wasi_core::types::Advice) -> Result<()> {
        Ok(())
    }

    fn set_size(&mut self, size: u64) -> Result<()> {
        self.change(operation::RESIZE, &self.place(size))
    }

    fn set_times(&mut self, _atim: SetTime, _mtim: SetTime) -> Result<()> {
        Err(Errno::Notsup)
    }

    fn sync(&mut self, _data_only: bool) -> Result<()> {
        self.change(operation::SYNC, &self.handle.to_le_bytes())
    }
}
