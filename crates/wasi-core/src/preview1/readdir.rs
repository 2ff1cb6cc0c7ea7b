//! `fd_readdir`: lists a directory over as many calls as the guest's buffer needs.
//!
//! A cookie counts names: 0 is `.`, 1 is `..`, and then come those of the back end, in its order. The listing
//! stays open between calls, so a directory of any size is read once. A cookie before the remembered names
//! begins a new listing (RATIONALE.md, "Why are cookies of `fd_readdir` counters?").

use std::collections::VecDeque;

use super::door::Buffer;
use crate::ctx::{WasiCtx, Watch};
use crate::errno::{Errno, Result};
use crate::fs::{Dir, DirEntry};
use crate::layout::dirent;
use crate::memory::{GuestMemory, Region};
use crate::stop::Failure;
use crate::table::{Listing, OpenDir};
use crate::types::{Fd, FileType};

/// Names that are remembered for a guest that asks again for what did not fit. A guest can have a listing at
/// each of its descriptors, with names of 255 bytes.
const WINDOW: usize = 256;

/// Names between two checks of the deadline.
const STRETCH: u64 = 1024;

/// `.` and `..`, which no back end lists.
const DOTS: u64 = 2;

/// Fills `buf` with entries of the directory `fd` from `cookie` on, 0 for the start. Returns the bytes
/// written: fewer than `buf` has means that the directory ends there.
///
/// [`Errno::Notdir`] for a file.
/// See [POSIX `readdir`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/readdir.html).
pub(super) fn fd_readdir(
    ctx: &mut WasiCtx,
    mem: &mut GuestMemory<'_>,
    fd: Fd,
    buf: Buffer,
    cookie: u64,
) -> Result<u32, Failure> {
    let dir = &ctx.table.dir(fd)?.dir;
    let ino = if cookie < DOTS { dir.filestat()?.ino } else { 0 };
    let mut page = Page { mem, region: buf.0, used: 0 };
    let mut next = cookie;
    // `..` gets the inode of `.`, because its own may be outside of the sandbox.
    for (index, name) in [(0, "."), (1, "..")] {
        if next == index && !page.is_full() {
            page.put(next, ino, FileType::Directory, name)?;
            next += 1;
        }
    }
    if next >= DOTS && !page.is_full() {
        let watch = &ctx.run.watch;
        let listing = listing_at(watch, ctx.table.dir_mut(fd)?, next - DOTS)?;
        fill(watch, listing, &mut page, next)?;
    }
    Ok(u32::try_from(page.used).map_err(|_| Errno::Overflow)?)
}

/// Fills the page from the listing. `next` is the cookie of its first name.
fn fill(watch: &Watch, listing: &mut Listing, page: &mut Page<'_, '_>, mut next: u64) -> Result<(), Failure> {
    let mut index = 0;
    while !page.is_full() {
        if next.is_multiple_of(STRETCH) {
            watch.check_stop()?;
        }
        let entry = match listing.get(index) {
            Some(Ok(entry)) => entry,
            None => break,
            Some(Err(_reported_by_the_next_call)) if page.used > 0 => break,
            Some(Err(errno)) => return Err(errno.into()),
        };
        page.put(next, entry.ino, entry.filetype, &entry.name)?;
        next += 1;
        index += 1;
        // A huge buffer must not keep a huge directory in memory.
        if index > WINDOW {
            listing.forget_first();
            index -= 1;
        }
    }
    Ok(())
}

/// The guest's buffer. The last entry may be cut, which tells the guest to ask again.
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
        let rest = self.region.behind(self.used);
        let fitting = bytes.get(..rest.len()).unwrap_or(bytes);
        self.mem.put(rest, fitting)?;
        self.used += fitting.len();
        Ok(())
    }
}

/// Returns the listing of a directory with its window at name number `at`: the one that has begun, or a new
/// one.
fn listing_at<'a>(watch: &Watch, open: &'a mut OpenDir, at: u64) -> Result<&'a mut Listing, Failure> {
    // The first name again means `rewinddir`, which reads the directory again.
    let under_way = open.listing.take().filter(|listing| at > 0 && at >= listing.first);
    let mut listing = match under_way {
        Some(listing) => listing,
        None => Listing::begin(&*open.dir)?,
    };
    while listing.first < at {
        if listing.first.is_multiple_of(STRETCH) {
            watch.check_stop()?;
        }
        match listing.get(0) {
            Some(entry) => drop(entry?),
            // Past the end: the directory has shrunk, or the guest made up the cookie.
            None => break,
        }
        listing.forget_first();
    }
    Ok(open.listing.insert(listing))
}

impl Listing {
    fn begin(dir: &dyn Dir) -> Result<Self> {
        Ok(Self { entries: dir.entries()?, first: 0, window: VecDeque::new() })
    }

    /// Returns the entry at `index` of the window, and reads it if necessary.
    fn get(&mut self, index: usize) -> Option<Result<&DirEntry>> {
        if index >= self.window.len() {
            match self.entries.next()? {
                Ok(entry) => self.window.push_back(entry),
                Err(errno) => return Some(Err(errno)),
            }
        }
        self.window.get(index).map(Ok)
    }

    fn forget_first(&mut self) {
        self.window.pop_front();
        self.first += 1;
    }
}
