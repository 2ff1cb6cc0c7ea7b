//! Address space for linear memory, made of images mapped copy-on-write.
//!
//! An engine gets a region as one slice that never moves. What lies behind it is
//! changed by the operating system: an image is mapped into it, pages that were
//! written are dropped again. All of that happens between two calls into the
//! guest, when nobody holds a reference into the memory.
#![expect(unsafe_code, reason = "maps memory; each use says why it is sound")]

use std::io;
use std::iter;
use std::ops::Range;
use std::ptr::{self, NonNull};
use std::slice;

#[cfg(target_os = "linux")]
use rustix::mm::{Advice, madvise};
use rustix::mm::{MapFlags, MprotectFlags, ProtFlags, mmap, mmap_anonymous, mprotect, munmap};

use super::image::Image;
use super::pages::{self, page_size};

/// Reserved addresses for one linear memory. Its first part can be used, the rest is out of reach.
#[derive(Debug)]
pub(super) struct Region {
    base: NonNull<u8>,
    capacity: usize,
    /// Bytes that can be used.
    committed: usize,
    /// What is mapped at the start.
    image: Option<Image>,
}

// SAFETY: a region owns its addresses alone; nothing in it belongs to a thread.
unsafe impl Send for Region {}
// SAFETY: what a shared reference allows only reads.
unsafe impl Sync for Region {}

impl Region {
    /// Reserves `capacity` bytes, none of them in use. The host's memory is not charged for it.
    pub(super) fn new(capacity: usize) -> io::Result<Self> {
        let capacity = capacity.max(1).next_multiple_of(page_size());
        // SAFETY: new addresses, chosen by the kernel, overlap nothing.
        let base = unsafe {
            mmap_anonymous(
                ptr::null_mut(),
                capacity,
                ProtFlags::empty(),
                MapFlags::PRIVATE | MapFlags::NORESERVE,
            )?
        };
        let base = NonNull::new(base.cast()).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(Self { base, capacity, committed: 0, image: None })
    }

    /// Where it begins.
    #[cfg(feature = "native")]
    pub(super) fn base(&self) -> NonNull<u8> {
        self.base
    }

    /// Bytes that the region can have at most.
    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    /// What was mapped last.
    pub(super) fn image(&self) -> Option<&Image> {
        self.image.as_ref()
    }

    /// The whole region, for an engine that keeps its memory as a slice for ever.
    ///
    /// # Safety
    ///
    /// The region must outlive the slice in spite of its lifetime, only the part in use may be
    /// touched, and there may be one such slice only. While a method of the region runs, nobody
    /// may hold a reference into the slice.
    pub(super) unsafe fn lend(&mut self) -> &'static mut [u8] {
        // SAFETY: the addresses are ours for as long as the region lives, which the caller sees to.
        unsafe { slice::from_raw_parts_mut(self.base.as_ptr(), self.capacity) }
    }

    /// Makes the first `len` bytes usable; new ones are zero. Fewer than are in use changes nothing.
    pub(super) fn commit(&mut self, len: usize) -> io::Result<()> {
        let len = len.next_multiple_of(page_size());
        if len > self.capacity {
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        if len > self.committed {
            let added = len - self.committed;
            // SAFETY: inside of our addresses, and they become usable, not less so.
            unsafe {
                let start = self.base.as_ptr().add(self.committed);
                mprotect(start.cast(), added, MprotectFlags::READ | MprotectFlags::WRITE)?;
            }
            self.committed = len;
        }
        Ok(())
    }

    /// Prepares for one pass over all of the part in use: by large pages, where the host has them.
    pub(super) fn expect_fill(&mut self) {
        #[cfg(target_os = "linux")]
        // SAFETY: advice about our own addresses; it changes no content.
        let _a_mere_hint =
            unsafe { madvise(self.base.as_ptr().cast(), self.committed, Advice::LinuxHugepage) };
    }

    /// Gives these pages back to the host, when no image is mapped yet: they are zeros again.
    pub(super) fn forget(&mut self, part: Range<usize>) -> io::Result<()> {
        debug_assert!(part.end <= self.committed && self.image.is_none(), "a part of what is in use");
        self.drop_pages(part)
    }

    /// Forgets what was written: pages of an image come back from its file, which never changes, and
    /// anonymous ones as zeros.
    #[cfg(target_os = "linux")]
    fn drop_pages(&mut self, part: Range<usize>) -> io::Result<()> {
        // SAFETY: inside of our own addresses.
        unsafe { madvise(self.base.as_ptr().add(part.start).cast(), part.len(), Advice::LinuxDontNeed)? };
        Ok(())
    }

    /// The same where the host has no such advice: what was mapped is mapped again.
    #[cfg(not(target_os = "linux"))]
    fn drop_pages(&mut self, part: Range<usize>) -> io::Result<()> {
        match self.image.take() {
            Some(image) => self.map(&image),
            None => self.map_zeros(part),
        }
    }

    /// Replaces pages by private ones that are zeros.
    fn map_zeros(&mut self, part: Range<usize>) -> io::Result<()> {
        let usable = ProtFlags::READ | ProtFlags::WRITE;
        let flags = MapFlags::PRIVATE | MapFlags::FIXED | MapFlags::NORESERVE;
        // SAFETY: inside of our own addresses.
        unsafe {
            mmap_anonymous(self.base.as_ptr().add(part.start).cast(), part.len(), usable, flags)?;
        }
        Ok(())
    }

    /// Makes the memory equal to the image: its bytes at the start, all else in use zero.
    pub(super) fn map(&mut self, image: &Image) -> io::Result<()> {
        self.commit(image.memory_size())?;
        if self.image.as_ref().is_some_and(|mapped| mapped.is_same(image)) {
            return self.drop_pages(0..self.committed);
        }
        self.image = None;
        self.map_zeros(0..self.committed)?;
        self.map_runs(image, &(0..self.committed))?;
        self.image = Some(image.clone());
        Ok(())
    }

    /// The same for memory that is equal to the image already, apart from a dead stack, when it differs
    /// in `parts` only from the image that was mapped last: what was written there becomes the image's.
    #[cfg(target_os = "linux")]
    pub(super) fn lay(&mut self, image: &Image, parts: &[Range<usize>]) -> io::Result<()> {
        // Whatever fails, the next one maps all of it.
        self.image = None;
        for part in parts {
            self.map_runs(image, part)?;
        }
        self.drop_pages(0..parts.first().map_or(self.committed, |part| part.start))?;
        self.image = Some(image.clone());
        Ok(())
    }

    /// The same where pages cannot be dropped.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn lay(&mut self, image: &Image, _parts: &[Range<usize>]) -> io::Result<()> {
        self.map(image)
    }

    /// Maps those runs of the image that lie in `part`.
    fn map_runs(&mut self, image: &Image, part: &Range<usize>) -> io::Result<()> {
        let usable = ProtFlags::READ | ProtFlags::WRITE;
        let flags = MapFlags::PRIVATE | MapFlags::FIXED | MapFlags::NORESERVE;
        for run in image.runs().iter().filter(|run| part.start <= run.start && run.start < part.end) {
            // SAFETY: inside of our own addresses; the pages start as the file has them, and what is
            // written to them does not get there.
            unsafe {
                let start = self.base.as_ptr().add(run.start);
                mmap(start.cast(), run.len, usable, flags, run.file(), run.offset)?;
            }
        }
        Ok(())
    }

    /// The pages of `len` bytes of memory that may differ from the image: those that were written.
    pub(super) fn written(&self, len: usize) -> Vec<Range<usize>> {
        pages::private(self.base.as_ptr() as usize, len).unwrap_or_else(|_| iter::once(0..len).collect())
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        // SAFETY: nobody uses the addresses any more: whoever was lent them is gone (see `lend`).
        let unmapped = unsafe { munmap(self.base.as_ptr().cast(), self.capacity) };
        debug_assert!(unmapped.is_ok(), "a whole mapping of our own can always be undone");
    }
}
