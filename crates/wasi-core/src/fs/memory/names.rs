//! Names in directories: making, removing and moving them.

use super::tree::{Content, Ino, Names, Tree};
use super::walk::Place;
use crate::errno::{Errno, Result};
use crate::types::FileType;

impl Tree {
    /// Returns the names of a directory, and takes them over from the lower one if that was not done yet.
    /// [`Errno::Notdir`] for anything else.
    pub(super) fn names(&mut self, dir: Ino) -> Result<&Names> {
        if let Some(path) = self.names_now(dir)?.unread.clone() {
            self.names_mut(dir)?.unread = None;
            if let Err(error) = self.read_in(dir, &path) {
                self.names_mut(dir)?.unread = Some(path);
                return Err(error);
            }
        }
        self.names_now(dir)
    }

    /// Returns the names of a directory that were taken over already.
    pub(super) fn names_now(&self, dir: Ino) -> Result<&Names> {
        match &self.inode(dir)?.content {
            Content::Dir(names) => Ok(names),
            _ => Err(Errno::Notdir),
        }
    }

    pub(super) fn names_mut(&mut self, dir: Ino) -> Result<&mut Names> {
        match &mut self.inode_mut(dir)?.content {
            Content::Dir(names) => Ok(names),
            _ => Err(Errno::Notdir),
        }
    }

    /// Returns the parent of a directory. The root is its own parent.
    pub(super) fn parent(&self, dir: Ino) -> Result<Ino> {
        Ok(self.names_now(dir)?.parent)
    }

    /// [`Errno::Noent`] for a directory that was removed while it was open.
    fn check_alive(&self, dir: Ino) -> Result<()> {
        if self.inode(dir)?.links == 0 { Err(Errno::Noent) } else { Ok(()) }
    }

    /// Makes an inode at a free place as a gift: neither its name nor its bytes are charged.
    pub(super) fn make_gift(&mut self, place: Place, content: Content) -> Result<Ino> {
        self.check_alive(place.dir)?;
        let ino = self.add(content);
        let inode = self.inode_mut(ino)?;
        inode.gift.names = 1;
        if let Content::File(bytes) = &inode.content {
            inode.gift.bytes = bytes.len() as u64;
        }
        self.put(place.dir, place.name, ino)?;
        Ok(ino)
    }

    /// Makes an inode at a free place, and charges its name.
    pub(super) fn make(&mut self, place: Place, content: Content) -> Result<Ino> {
        self.check_alive(place.dir)?;
        self.quota.add_file()?;
        let ino = self.add(content);
        self.put(place.dir, place.name, ino)?;
        Ok(ino)
    }

    /// Makes a symbolic link at a free place, and charges its name and its text.
    pub(super) fn make_link(&mut self, place: Place, target: &str) -> Result<Ino> {
        let text = target.len() as u64;
        self.quota.grow(text)?;
        let made = self.make(place, Content::Link(target.to_owned()));
        if made.is_err() {
            self.quota.shrink(text);
        }
        made
    }

    /// Gives an inode another name, at a free place, and charges it.
    pub(super) fn link(&mut self, place: Place, ino: Ino) -> Result<()> {
        self.check_alive(place.dir)?;
        self.quota.add_file()?;
        self.put(place.dir, place.name, ino)
    }

    /// Removes a name and refunds it. Removes the inode, too, if nothing else needs it.
    pub(super) fn unlink(&mut self, place: &Place) -> Result<()> {
        let ino = self.take(place.dir, &place.name)?;
        let inode = self.inode_mut(ino)?;
        if inode.gift.names > 0 {
            inode.gift.names -= 1;
        } else {
            self.quota.remove_file();
        }
        self.collect(ino);
        Ok(())
    }

    /// Moves a name to a free place or over another name
    /// ([POSIX `rename`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/rename.html)).
    pub(super) fn rename(&mut self, old: &Place, new: Place) -> Result<()> {
        if !self.check_rename(old, &new)? {
            return Ok(());
        }
        if new.found.is_some() {
            self.unlink(&new)?;
        }
        let moved = self.take(old.dir, &old.name)?;
        self.put(new.dir, new.name, moved)
    }

    /// Checks whether `old` may be moved to `new`. Returns whether that changes anything.
    fn check_rename(&mut self, old: &Place, new: &Place) -> Result<bool> {
        let moved = self.existing(old)?;
        if old.name == "." || new.name == "." {
            return Err(Errno::Busy);
        }
        let moves_dir = self.filetype(moved)? == FileType::Directory;
        if new.wants_dir && !moves_dir {
            return Err(Errno::Notdir);
        }
        if moves_dir && self.is_within(new.dir, moved)? {
            return Err(Errno::Inval);
        }
        self.check_alive(new.dir)?;
        let Some(target) = new.found else { return Ok(true) };
        if target == moved {
            return Ok(false);
        }
        if self.is_within(old.dir, target)? {
            // The target contains what would be moved over it, at whatever depth.
            return Err(Errno::Notempty);
        }
        match (moves_dir, self.filetype(target)? == FileType::Directory) {
            (true, false) => Err(Errno::Notdir),
            (false, true) => Err(Errno::Isdir),
            (true, true) if !self.names(target)?.map.is_empty() => Err(Errno::Notempty),
            _ => Ok(true),
        }
    }

    /// Whether `dir` is `ancestor` or somewhere below it.
    fn is_within(&self, mut dir: Ino, ancestor: Ino) -> Result<bool> {
        loop {
            let parent = self.parent(dir)?;
            if dir == ancestor || parent == dir {
                return Ok(dir == ancestor);
            }
            dir = parent;
        }
    }

    fn put(&mut self, dir: Ino, name: String, ino: Ino) -> Result<()> {
        self.names(dir)?;
        self.names_mut(dir)?.map.insert(name, ino);
        let inode = self.inode_mut(ino)?;
        inode.links += 1;
        if let Content::Dir(names) = &mut inode.content {
            names.parent = dir;
        }
        self.touch_status(ino);
        self.touch(dir);
        Ok(())
    }

    /// Takes a name out of a directory. The inode may have no name then: the caller names or collects it.
    fn take(&mut self, dir: Ino, name: &str) -> Result<Ino> {
        let ino = self.names_mut(dir)?.map.remove(name).ok_or(Errno::Noent)?;
        let inode = self.inode_mut(ino)?;
        inode.links = inode.links.saturating_sub(1);
        self.touch_status(ino);
        self.touch(dir);
        Ok(ino)
    }
}
