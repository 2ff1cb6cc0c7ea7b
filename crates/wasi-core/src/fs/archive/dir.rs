//! A directory of an archive.

use super::data::Archive;
use super::file::ArchiveFile;
use super::index::{Index, Kind, MemberId};
use crate::errno::{Errno, Result};
use crate::fs::dir::{Dir, DirEntry, Entries, Node};
use crate::fs::open::OpenOptions;
use crate::fs::path::{NAME_MAX, RelativePath};
use crate::types::{FileType, Filestat, SetTime};

/// An open directory of an [`Archive`]. Every change is refused with [`Errno::Rofs`].
pub struct ArchiveDir {
    archive: Archive,
    id: MemberId,
}

impl Archive {
    /// Returns the top directory.
    pub fn dir(&self) -> ArchiveDir {
        ArchiveDir::new(self.clone(), Index::ROOT)
    }
}

impl ArchiveDir {
    pub(super) fn new(archive: Archive, id: MemberId) -> Self {
        Self { archive, id }
    }

    /// Returns the directory of this number, if it is one.
    pub(in crate::fs) fn at(archive: &Archive, id: MemberId) -> Option<Self> {
        let is_dir = matches!(archive.node(id).ok()?.kind, Kind::Dir(_));
        is_dir.then(|| Self::new(archive.clone(), id))
    }

    pub(in crate::fs) fn archive(&self) -> &Archive {
        &self.archive
    }

    pub(in crate::fs) fn id(&self) -> MemberId {
        self.id
    }

    /// Returns what `path` leads to, if anything, and whether it demands a directory. Archives have no links.
    fn find(&self, path: &str) -> Result<(Option<MemberId>, bool)> {
        let index = &self.archive.0.index;
        let mut dir = self.id;
        let mut components = path.split('/').filter(|part| !part.is_empty()).peekable();
        while let Some(name) = components.next() {
            match name {
                "." => {}
                ".." if dir == self.id => return Err(Errno::Perm),
                ".." => dir = self.archive.node(dir)?.parent,
                name if name.len() > NAME_MAX => return Err(Errno::Nametoolong),
                name => {
                    let found = index.child(dir, name);
                    if components.peek().is_none() {
                        return Ok((found, path.ends_with('/')));
                    }
                    dir = found.ok_or(Errno::Noent)?;
                    if !matches!(self.archive.node(dir)?.kind, Kind::Dir(_)) {
                        return Err(Errno::Notdir);
                    }
                }
            }
        }
        Ok((Some(dir), true))
    }

    fn filestat_of(&self, path: RelativePath<'_>) -> Result<Filestat> {
        let (found, wants_dir) = self.find(path.as_str())?;
        let filestat = self.archive.filestat(found.ok_or(Errno::Noent)?)?;
        if wants_dir && filestat.filetype != FileType::Directory { Err(Errno::Notdir) } else { Ok(filestat) }
    }
}

impl Dir for ArchiveDir {
    fn filestat(&self) -> Result<Filestat> {
        self.archive.filestat(self.id)
    }

    fn open(&self, path: RelativePath<'_>, options: OpenOptions) -> Result<Node> {
        options.check()?;
        let (found, wants_dir) = self.find(path.as_str())?;
        let Some(id) = found else {
            return options.check_missing(wants_dir).and(Err(Errno::Rofs));
        };
        let filestat = self.archive.filestat(id)?;
        options.check_found(filestat.filetype, wants_dir)?;
        if options.changes_content() {
            return Err(Errno::Rofs);
        }
        Ok(match &self.archive.node(id)?.kind {
            Kind::Dir(_) => Node::Dir(Box::new(Self::new(self.archive.clone(), id))),
            Kind::File(entry) => {
                Node::File(Box::new(ArchiveFile::open(&self.archive, id, entry, filestat, options.fdflags)?))
            }
        })
    }

    fn filestat_at(&self, path: RelativePath<'_>, _follow: bool) -> Result<Filestat> {
        self.filestat_of(path)
    }

    fn set_times_at(
        &self,
        path: RelativePath<'_>,
        _follow: bool,
        _atim: SetTime,
        _mtim: SetTime,
    ) -> Result<()> {
        self.filestat_of(path).and(Err(Errno::Rofs))
    }

    fn set_times(&self, _atim: SetTime, _mtim: SetTime) -> Result<()> {
        Err(Errno::Rofs)
    }

    fn entries(&self) -> Result<Entries> {
        Ok(Box::new(ArchiveEntries { archive: self.archive.clone(), id: self.id, next: 0 }))
    }

    fn create_dir(&self, _path: RelativePath<'_>) -> Result<()> {
        Err(Errno::Rofs)
    }

    fn remove_dir(&self, _path: RelativePath<'_>) -> Result<()> {
        Err(Errno::Rofs)
    }

    fn unlink(&self, _path: RelativePath<'_>) -> Result<()> {
        Err(Errno::Rofs)
    }

    fn read_link(&self, path: RelativePath<'_>) -> Result<String> {
        self.filestat_of(path).and(Err(Errno::Inval))
    }

    fn symlink(&self, _target: RelativePath<'_>, _path: RelativePath<'_>) -> Result<()> {
        Err(Errno::Rofs)
    }

    fn link(&self, _path: RelativePath<'_>, _new_dir: &dyn Dir, _new_path: RelativePath<'_>) -> Result<()> {
        Err(Errno::Rofs)
    }

    fn rename(&self, _path: RelativePath<'_>, _new_dir: &dyn Dir, _new_path: RelativePath<'_>) -> Result<()> {
        Err(Errno::Rofs)
    }

    fn reopen(&self) -> Result<Box<dyn Dir>> {
        Ok(Box::new(Self::new(self.archive.clone(), self.id)))
    }

    fn writable(&self) -> bool {
        false
    }
}

/// The names of one directory, sorted.
struct ArchiveEntries {
    archive: Archive,
    id: MemberId,
    next: usize,
}

impl ArchiveEntries {
    fn entry(&self) -> Result<Option<DirEntry>> {
        let Kind::Dir(children) = &self.archive.node(self.id)?.kind else { return Err(Errno::Notdir) };
        let Some(&child) = children.get(self.next) else { return Ok(None) };
        let Filestat { ino, filetype, .. } = self.archive.filestat(child)?;
        Ok(Some(DirEntry { name: self.archive.node(child)?.name.to_string(), ino, filetype }))
    }
}

impl Iterator for ArchiveEntries {
    type Item = Result<DirEntry>;

    fn next(&mut self) -> Option<Self::Item> {
        let entry = self.entry().transpose();
        self.next += 1;
        entry
    }
}
