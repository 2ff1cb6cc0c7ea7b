//! Address space for one linear memory, into which images are mapped copy on write.
//!
//! An engine gets a region as one slice that never moves. The operating system changes what is behind it: an
//! image is mapped in, written pages are dropped. All of that happens between two calls into the guest, when
//! nobody holds a reference into the memory. The calls are [mmap(2)] with `MAP_FIXED` inside of our own
//! reservation, [mprotect(2)] and [madvise(2)]. No page is ever executable, so the process may run under
//! `PR_SET_MDWE` ([PR_SET_MDWE(2const)]).
//!
//! [mmap(2)]: https://man7.org/linux/man-pages/man2/mmap.2.html
//! [mprotect(2)]: https://man7.org/linux/man-pages/man2/mprotect.2.html
//! [madvise(2)]: https://man7.org/linux/man-pages/man2/madvise.2.html
//! [PR_SET_MDWE(2const)]: https://man7.org/linux/man-pages/man2/PR_SET_MDWE.2const.html
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

/// Reserved addresses for one linear memory. The first part is usable, the rest is inaccessible.
#[derive(Debug)]
pub(super) struct Region {
    base: NonNull<u8>,
    capacity: usize,
    /// Bytes that are usable, in whole pages.
    committed: usize,
    /// The image that is mapped at the start of the region.
    image: Option<Image>,
}

// SAFETY: only the region owns its addresses, and nothing in it is tied to a thread.
unsafe impl Send for Region {}
// SAFETY: the methods that take a shared reference only read.
unsafe impl Sync for Region {}

impl Region {
    /// Reserves `capacity` bytes of address space, rounded up to whole pages. None of them is usable yet, and
    /// the host's memory is not charged for them (`MAP_NORESERVE`).
    pub(super) fn new(capacity: usize) -> io::Result<Self> {
        let capacity = capacity.max(1).next_multiple_of(page_size());
        // SAFETY: the kernel chooses the addresses, so they overlap no other mapping.
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

    /// Returns the first address.
    #[cfg(feature = "native")]
    pub(super) fn base(&self) -> NonNull<u8> {
        self.base
    }

    /// Returns the reserved bytes.
    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    /// Returns the image that was mapped last.
    pub(super) fn image(&self) -> Option<&Image> {
        self.image.as_ref()
    }

    /// Returns the whole region as a slice, for an engine that wants its memory for `'static`.
    ///
    /// # Safety
    ///
    /// The region must outlive the slice, whatever its lifetime says. Only the usable part may be accessed.
    /// There may be one such slice only, and nobody may hold a reference into it while a method of the region
    /// runs.
    pub(super) unsafe fn lend(&mut self) -> &'static mut [u8] {
        // SAFETY: the addresses are ours while the region lives, and the caller keeps it alive.
        unsafe { slice::from_raw_parts_mut(self.base.as_ptr(), self.capacity) }
    }

    /// Makes the first `len` bytes usable, rounded up to whole pages; new ones are zero. Does nothing if they
    /// are usable already.
    ///
    /// Fails with `OutOfMemory` beyond the capacity.
    pub(super) fn commit(&mut self, len: usize) -> io::Result<()> {
        let len = len.next_multiple_of(page_size());
        if len > self.capacity {
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        if len > self.committed {
            let added = len - self.committed;
            // SAFETY: the range is inside of our own addresses, and it gains rights, it loses none.
            unsafe {
                let start = self.base.as_ptr().add(self.committed);
                mprotect(start.cast(), added, MprotectFlags::READ | MprotectFlags::WRITE)?;
            }
            self.committed = len;
        }
        Ok(())
    }

    /// Asks for huge pages in the usable part, which is about to be filled once (`MADV_HUGEPAGE`).
    pub(super) fn advise_huge_pages(&mut self) {
        #[cfg(target_os = "linux")]
        // SAFETY: the addresses are our own, and the advice changes no content.
        let _a_mere_hint =
            unsafe { madvise(self.base.as_ptr().cast(), self.committed, Advice::LinuxHugepage) };
    }

    /// Returns pages to the host before the first image is mapped; they read as zeros again.
    pub(super) fn discard(&mut self, part: Range<usize>) -> io::Result<()> {
        debug_assert!(part.end <= self.committed && self.image.is_none(), "a usable part, and no image");
        self.drop_pages(part)
    }

    /// Drops the private copies of pages: those of an image then read as its file, which never changes, and
    /// anonymous ones as zeros (`MADV_DONTNEED`).
    #[cfg(target_os = "linux")]
    fn drop_pages(&mut self, part: Range<usize>) -> io::Result<()> {
        // SAFETY: the range is inside of our own addresses.
        unsafe { madvise(self.base.as_ptr().add(part.start).cast(), part.len(), Advice::LinuxDontNeed)? };
        Ok(())
    }

    /// Maps the same again, since this host has no `MADV_DONTNEED` with that meaning.
    #[cfg(not(target_os = "linux"))]
    fn drop_pages(&mut self, part: Range<usize>) -> io::Result<()> {
        match self.image.take() {
            Some(image) => self.map(&image),
            None => self.map_zeros(part),
        }
    }

    /// Replaces pages by private, anonymous ones, which are zeros.
    fn map_zeros(&mut self, part: Range<usize>) -> io::Result<()> {
        let usable = ProtFlags::READ | ProtFlags::WRITE;
        let flags = MapFlags::PRIVATE | MapFlags::FIXED | MapFlags::NORESERVE;
        // SAFETY: the range is inside of our own addresses.
        unsafe {
            mmap_anonymous(self.base.as_ptr().add(part.start).cast(), part.len(), usable, flags)?;
        }
        Ok(())
    }

    /// Makes the usable memory equal to the image, and zero behind it. If that image is mapped already,
    /// this only drops the written pages.
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

    /// Maps `parts` of an image whose content the memory has already, apart from dead stack, and which
    /// differs only in `parts` from the image that was mapped last. The private pages there become the
    /// image's.
    #[cfg(target_os = "linux")]
    pub(super) fn map_parts(&mut self, image: &Image, parts: &[Range<usize>]) -> io::Result<()> {
        // After an error the next `map` starts from the beginning.
        self.image = None;
        for part in parts {
            self.map_runs(image, part)?;
        }
        self.drop_pages(0..parts.first().map_or(self.committed, |part| part.start))?;
        self.image = Some(image.clone());
        Ok(())
    }

    /// Maps the whole image, since this host cannot drop pages.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn map_parts(&mut self, image: &Image, _parts: &[Range<usize>]) -> io::Result<()> {
        self.map(image)
    }

    /// Maps the runs of the image that start in `part`.
    fn map_runs(&mut self, image: &Image, part: &Range<usize>) -> io::Result<()> {
        let usable = ProtFlags::READ | ProtFlags::WRITE;
        let flags = MapFlags::PRIVATE | MapFlags::FIXED | MapFlags::NORESERVE;
        for run in image.runs().iter().filter(|run| part.start <= run.start && run.start < part.end) {
            // SAFETY: the range is inside of our own addresses. The mapping is private: writes to it do not
            // reach the file.
            unsafe {
                let start = self.base.as_ptr().add(run.start);
                mmap(start.cast(), run.len, usable, flags, run.file(), run.offset)?;
            }
        }
        Ok(())
    }

    /// Returns the ranges of pages, in the first `len` bytes, that were written since the image was mapped.
    /// That is everything where the host does not report it.
    pub(super) fn written(&self, len: usize) -> Vec<Range<usize>> {
        pages::private(self.base.as_ptr() as usize, len).unwrap_or_else(|_| iter::once(0..len).collect())
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        // SAFETY: nobody uses the addresses any more: the borrower of `lend` is gone.
        let unmapped = unsafe { munmap(self.base.as_ptr().cast(), self.capacity) };
        debug_assert!(unmapped.is_ok(), "munmap of a whole mapping of our own cannot fail");
    }
}
