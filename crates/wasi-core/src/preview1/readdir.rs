//! `fd_readdir`: a directory's names in as many calls as the guest's buffer needs, each name once.
//!
//! A cookie counts the names: 0 is `.`, 1 is `..`, then the back end's in its
//! order. The listing stays open between calls, so a directory of any size is
//! read once; a cookie behind the remembered names starts it anew.

use std::collections::VecDeque;

use super::door::Buffer;
use crate::ctx::{Failure, WasiCtx};
use crate::errno::{Errno, Result};
use crate::fs::{Dir, DirEntry};
use crate::layout::dirent;
use crate::memory::{GuestMemory, Region};
use crate::table::{Listing, OpenDir};
use crate::types::{Fd, FileType};

/// Names remembered after they were given, for a guest that asks again for what did not fit.
const WINDOW: usize = 1024;

/// `.` and `..`, which no back end lists.
const DOTS: u64 = 2;

pub(super) fn fd_readdir(
    ctx: &mut WasiCtx,
    mem: &mut GuestMemory<'_>,
    fd: Fd,
    buf: Buffer,
    cookie: u64,
) -> Result<u32, Failure> {
    let open = ctx.table.dir_mut(fd)?;
    let mut page = Page { mem, region: buf.0, used: 0 };
    let ino = open.dir.filestat()?.ino;
    let mut next = cookie;
    // `..` of a directory is not ours to look at: it may be outside of the sandbox.
    for (index, name) in [(0, "."), (1, "..")] {
        if next == index && !page.is_full() {
            page.put(next, ino, FileType::Directory, name)?;
            next += 1;
        }
    }
    if next >= DOTS && !page.is_full() {
        let listing = listing_at(open, next - DOTS)?;
        let mut index = 0;
        while !page.is_full() {
            let entry = match listing.get(index) {
                Some(Ok(entry)) => entry,
                None => break,
                Some(Err(_reported_by_the_next_call)) if page.used > 0 => break,
                Some(Err(errno)) => return Err(errno.into()),
            };
            page.put(next, entry.ino, entry.filetype, &entry.name)?;
            next += 1;
            index += 1;
        }
        listing.forget();
    }
    Ok(u32::try_from(page.used).map_err(|_| Errno::Overflow)?)
}

/// The guest's buffer, filled from its start. The last entry may be cut, which tells the guest to ask again.
struct Page<'a, 'm> {
    mem: &'a mut GuestMemory<'m>,
    region: Region,
    used: usize,
}

impl Page<'_, '_> {
    fn is_full(&self) -> bool {
        self.used == self.region.len()
    }

    fn put(&mut self, cookie: u64, ino: u64, filetype: FileType, name: &str) -> Result<()> {
        let name_len = u32::try_from(name.len()).map_err(|_| Errno::Overflow)?;
        self.copy(&dirent(cookie + 1, ino, name_len, filetype))?;
        self.copy(name.as_bytes())
    }

    fn copy(&mut self, bytes: &[u8]) -> Result<()> {
        let rest = self.mem.bytes_mut(self.region)?.get_mut(self.used..).unwrap_or_default();
        let fits = bytes.len().min(rest.len());
        if let (Some(to), Some(from)) = (rest.get_mut(..fits), bytes.get(..fits)) {
            to.copy_from_slice(from);
        }
        self.used += fits;
        Ok(())
    }
}

/// The listing of `open` with its window at name number `at`, taken up where it is or begun anew.
fn listing_at(open: &mut OpenDir, at: u64) -> Result<&mut Listing> {
    let behind = open.listing.as_ref().is_none_or(|listing| at < listing.first);
    // The first name again means rewinddir, which looks at the directory anew.
    if behind || at == 0 {
        open.listing = Some(Listing::begin(&*open.dir)?);
    }
    let listing = open.listing.as_mut().ok_or(Errno::Io)?;
    while listing.first < at {
        if listing.window.is_empty() {
            match listing.entries.next() {
                Some(entry) => entry?,
                // Past the end: the directory has shrunk, or the cookie is made up.
                None => break,
            };
        } else {
            listing.window.pop_front();
        }
        listing.first += 1;
    }
    Ok(listing)
}

impl Listing {
    fn begin(dir: &dyn Dir) -> Result<Self> {
        Ok(Self { entries: dir.entries()?, first: 0, window: VecDeque::new() })
    }

    /// The entry at `index` of the window, read if it has not been.
    fn get(&mut self, index: usize) -> Option<Result<&DirEntry>> {
        if index >= self.window.len() {
            match self.entries.next()? {
                Ok(entry) => self.window.push_back(entry),
                Err(errno) => return Some(Err(errno)),
            }
        }
        self.window.get(index).map(Ok)
    }

    /// Drops all but the last names, so that a huge buffer does not keep a huge directory in memory.
    fn forget(&mut self) {
        let surplus = self.window.len().saturating_sub(WINDOW);
        self.window.drain(..surplus);
        self.first += surplus as u64;
    }
}
