//! Resolves paths in a tree in memory.

use super::tree::{Content, Ino, Tree};
use crate::errno::{Errno, Result};
use crate::fs::path::{LINKS_MAX, LastLink, NAME_MAX};
use crate::types::FileType;

/// A name in a directory, and the inode that it stands for.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) dir: Ino,
    /// `.` for the directory itself, which is then `found`.
    pub(super) name: String,
    /// Whether the path ended in a slash or in `..`, and so demands a directory.
    pub(super) wants_dir: bool,
    pub(super) found: Option<Ino>,
}

impl Tree {
    /// Resolves `path` below the directory `root`. [`Errno::Perm`] if it leads out, [`Errno::Loop`] after
    /// more than 40 links.
    pub(super) fn find(&mut self, root: Ino, path: &str, last: LastLink) -> Result<Place> {
        let mut dir = root;
        let mut links = 0;
        let mut wants_dir = path.ends_with('/');
        // The rest of the path, in reverse order.
        let mut left: Vec<String> = components(path).rev().map(str::to_owned).collect();
        while let Some(name) = left.pop() {
            let is_last = left.is_empty();
            match &*name {
                "." => continue,
                ".." if dir == root => return Err(Errno::Perm),
                ".." => {
                    dir = self.parent(dir)?;
                    continue;
                }
                name if name.len() > NAME_MAX => return Err(Errno::Nametoolong),
                _ => {}
            }
            let found = self.names(dir)?.map.get(&name).copied();
            let target = match found.map(|ino| self.inode(ino)).transpose()?.map(|inode| &inode.content) {
                Some(Content::Link(target)) if !is_last || last.followed(wants_dir) => target,
                _ if is_last => return Ok(Place { dir, name, wants_dir, found }),
                Some(Content::Dir(_)) => {
                    dir = found.ok_or(Errno::Noent)?;
                    continue;
                }
                Some(_) => return Err(Errno::Notdir),
                None => return Err(Errno::Noent),
            };
            links += 1;
            if links > LINKS_MAX {
                return Err(Errno::Loop);
            }
            if target.starts_with('/') {
                return Err(Errno::Perm);
            }
            wants_dir |= is_last && target.ends_with('/');
            left.extend(components(target).rev().map(str::to_owned));
        }
        Ok(Place { dir, name: ".".to_owned(), wants_dir: true, found: Some(dir) })
    }

    /// Returns the inode at a place. [`Errno::Noent`] if the name is free, [`Errno::Notdir`] for `file/`.
    pub(super) fn existing(&self, place: &Place) -> Result<Ino> {
        let ino = place.found.ok_or(Errno::Noent)?;
        if place.wants_dir && self.filetype(ino)? != FileType::Directory {
            return Err(Errno::Notdir);
        }
        Ok(ino)
    }

    /// Checks that anything but a directory can be made at a place.
    pub(super) fn check_vacant(&self, place: &Place) -> Result<()> {
        match place.found {
            Some(_) => self.existing(place).and(Err(Errno::Exist)),
            None if place.wants_dir => Err(Errno::Noent),
            None => Ok(()),
        }
    }
}

/// Lists the components of a path, including `.`, which at the end demands a directory.
fn components(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty())
}
