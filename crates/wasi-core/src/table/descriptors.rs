//! The numbers of open files and directories.

use crate::errno::{Errno, Result};
use crate::fs::{File, Fork};
use crate::types::Fd;

use super::descriptor::{Descriptor, OpenDir, OpenFile, Origin};

/// All descriptors of one context.
///
/// Several numbers can stand for one open file, as after POSIX's `dup`. They share its offset, and closing
/// the last one closes the file.
pub(crate) struct Table {
    /// The index in `open` for each number.
    pub(super) numbers: Vec<Option<usize>>,
    pub(super) open: Vec<Option<Entry>>,
    pub(super) limit: u32,
}

/// An open file or directory, and how many numbers stand for it.
pub(super) struct Entry {
    pub(super) descriptor: Descriptor,
    pub(super) numbers: u32,
}

impl Table {
    pub(crate) fn new(limit: u32) -> Self {
        Self { numbers: Vec::new(), open: Vec::new(), limit }
    }

    /// Gives a descriptor the lowest free number. [`Errno::Mfile`] if all are taken.
    pub(crate) fn insert(&mut self, descriptor: Descriptor) -> Result<Fd> {
        let fd = self.lowest_free()?;
        let open = Some(Entry { descriptor, numbers: 1 });
        let index = self.open.iter().position(Option::is_none).unwrap_or(self.open.len());
        match self.open.get_mut(index) {
            Some(slot) => *slot = open,
            None => self.open.push(open),
        }
        self.name(fd, index);
        Ok(fd)
    }

    /// Whether a number is free. A call asks before it makes something for a new descriptor.
    pub(crate) fn has_room(&self) -> bool {
        self.lowest_free().is_ok()
    }

    /// Lists everything that is open, each once.
    pub(crate) fn descriptors(&self) -> impl Iterator<Item = &Descriptor> {
        self.open.iter().flatten().map(|open| &open.descriptor)
    }

    /// Returns what a number stands for. [`Errno::Badf`] if it is not open.
    pub(crate) fn get(&self, fd: Fd) -> Result<&Descriptor> {
        let open = self.open.get(self.index(fd)?).and_then(Option::as_ref);
        open.map(|open| &open.descriptor).ok_or(Errno::Badf)
    }

    /// Returns what a number stands for, for a change. [`Errno::Badf`] if it is not open.
    pub(crate) fn get_mut(&mut self, fd: Fd) -> Result<&mut Descriptor> {
        let index = self.index(fd)?;
        let open = self.open.get_mut(index).and_then(Option::as_mut);
        open.map(|open| &mut open.descriptor).ok_or(Errno::Badf)
    }

    /// Frees a number, and closes the file if no other number stands for it. [`Errno::Badf`] if it is not
    /// open.
    pub(crate) fn close(&mut self, fd: Fd) -> Result<()> {
        let index = self.index(fd)?;
        if let Some(number) = self.numbers.get_mut(fd.0 as usize) {
            *number = None;
        }
        if let Some(slot) = self.open.get_mut(index) {
            match slot {
                Some(open) if open.numbers > 1 => open.numbers -= 1,
                slot => *slot = None,
            }
        }
        Ok(())
    }

    /// Moves `from` to `to`, and closes what was open there. [`Errno::Badf`] unless both are open.
    pub(crate) fn renumber(&mut self, from: Fd, to: Fd) -> Result<()> {
        self.index(to)?;
        if self.duplicate_to(from, to)? { self.close(from) } else { Ok(()) }
    }

    /// Makes the lowest free number stand for the file of `fd`, too. [`Errno::Badf`] if `fd` is not open,
    /// [`Errno::Mfile`] if all numbers are taken.
    pub(crate) fn duplicate(&mut self, fd: Fd) -> Result<Fd> {
        self.index(fd)?;
        let to = self.lowest_free()?;
        self.duplicate_to(fd, to)?;
        Ok(to)
    }

    /// Makes `to` stand for the file of `fd`, too, and closes what was open there. Returns `false` if they
    /// are the same number. [`Errno::Badf`] if `fd` is not open, or `to` is not below the limit.
    pub(crate) fn duplicate_to(&mut self, fd: Fd, to: Fd) -> Result<bool> {
        let index = self.index(fd)?;
        if to.0 >= self.limit {
            return Err(Errno::Badf);
        }
        if fd == to {
            return Ok(false);
        }
        if let Some(Some(open)) = self.open.get_mut(index) {
            open.numbers += 1;
        }
        match self.close(to) {
            Ok(()) | Err(Errno::Badf) => {}
            Err(errno) => return Err(errno),
        }
        self.name(to, index);
        Ok(true)
    }

    /// Returns the table of a fork: the same numbers for the same files. `granted` returns the streams and
    /// sockets.
    pub(crate) fn fork(
        &self,
        fork: &mut Fork,
        granted: &mut impl FnMut(Origin) -> Option<Box<dyn File>>,
    ) -> Result<Self> {
        let open = self.open.iter().map(|open| {
            open.as_ref().map(|open| {
                Ok(Entry { descriptor: open.descriptor.fork(fork, granted)?, numbers: open.numbers })
            })
        });
        let open = open.map(Option::transpose).collect::<Result<_>>()?;
        Ok(Self { numbers: self.numbers.clone(), open, limit: self.limit })
    }

    fn index(&self, fd: Fd) -> Result<usize> {
        self.numbers.get(fd.0 as usize).copied().flatten().ok_or(Errno::Badf)
    }

    fn lowest_free(&self) -> Result<Fd> {
        let number = self.numbers.iter().position(Option::is_none).unwrap_or(self.numbers.len());
        match u32::try_from(number) {
            Ok(number) if number < self.limit => Ok(Fd(number)),
            _ => Err(Errno::Mfile),
        }
    }

    fn name(&mut self, fd: Fd, index: usize) {
        let number = fd.0 as usize;
        if number >= self.numbers.len() {
            self.numbers.resize(number + 1, None);
        }
        if let Some(slot) = self.numbers.get_mut(number) {
            *slot = Some(index);
        }
    }

    /// Returns the file of a number. `if_dir` is the error for a directory.
    pub(crate) fn file(&mut self, fd: Fd, if_dir: Errno) -> Result<&mut OpenFile> {
        match self.get_mut(fd)? {
            Descriptor::File(file) => Ok(file),
            Descriptor::Dir(_) => Err(if_dir),
        }
    }

    /// Returns the directory of a number. [`Errno::Notdir`] for a file.
    pub(crate) fn dir(&self, fd: Fd) -> Result<&OpenDir> {
        match self.get(fd)? {
            Descriptor::Dir(dir) => Ok(dir),
            Descriptor::File(_) => Err(Errno::Notdir),
        }
    }

    /// Returns the directory of a number, for a change. [`Errno::Notdir`] for a file.
    pub(crate) fn dir_mut(&mut self, fd: Fd) -> Result<&mut OpenDir> {
        match self.get_mut(fd)? {
            Descriptor::Dir(dir) => Ok(dir),
            Descriptor::File(_) => Err(Errno::Notdir),
        }
    }
}
