//! Pages of images and of the host: their sizes, which of them were written, files mapped read-only, and
//! advice to the kernel.
#![expect(unsafe_code, reason = "maps files and advises the kernel; each use says why it is sound")]

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::ptr::{self, NonNull};
use std::slice;

#[cfg(target_os = "linux")]
use rustix::mm::{Advice, madvise};
use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};

/// Bytes in a page of images and deltas: the page size of most hosts.
pub(super) const PAGE: usize = 4096;

/// A page of zeros.
pub(super) static ZEROS: [u8; PAGE] = [0; PAGE];

/// Returns the bytes in a page of the host.
pub(super) fn page_size() -> usize {
    rustix::param::page_size()
}

pub(crate) use self::pagemap::private;

/// A file mapped for reading. The file must never change.
#[derive(Debug)]
pub(super) struct View {
    base: NonNull<u8>,
    len: usize,
}

// SAFETY: the mapping is never written, and `self` alone owns it.
unsafe impl Send for View {}
// SAFETY: the mapping is never written.
unsafe impl Sync for View {}

impl View {
    /// Maps the first `len` bytes of the file, which must be at least that long.
    pub(super) fn new(file: &File, len: usize) -> io::Result<Self> {
        let flags = MapFlags::PRIVATE | MapFlags::NORESERVE;
        // SAFETY: the kernel chooses the addresses, so they overlap no other mapping.
        let base = unsafe { mmap(ptr::null_mut(), len.max(1), ProtFlags::READ, flags, file.as_fd(), 0)? };
        Ok(Self { base: NonNull::new(base.cast()).ok_or(io::ErrorKind::OutOfMemory)?, len })
    }

    pub(super) fn bytes(&self) -> &[u8] {
        // SAFETY: the bytes are mapped for as long as `self` lives. The file is sealed, or nobody else can
        // open it, or who opened it has promised that it does not change.
        unsafe { slice::from_raw_parts(self.base.as_ptr(), self.len) }
    }
}

impl Drop for View {
    fn drop(&mut self) {
        // SAFETY: the mapping is our own, and no reference outlives `self`.
        let unmapped = unsafe { munmap(self.base.as_ptr().cast(), self.len.max(1)) };
        debug_assert!(unmapped.is_ok(), "munmap of a whole mapping of our own cannot fail");
    }
}

/// Lets the host reclaim the pages that hold this part of the executable. A later read loads them from the
/// executable's file again. See `MADV_DONTNEED` in [madvise(2)].
///
/// [madvise(2)]: https://man7.org/linux/man-pages/man2/madvise.2.html
#[cfg_attr(not(target_os = "linux"), expect(unused_variables, reason = "this host takes no hints"))]
pub fn forget_static(bytes: &'static [u8]) {
    #[cfg(target_os = "linux")]
    {
        let page = page_size();
        let range = bytes.as_ptr_range();
        let (start, end) = (range.start.addr().next_multiple_of(page), range.end.addr() / page * page);
        if end > start {
            // SAFETY: the range is whole pages of constants. Nobody writes them, so they equal the file's.
            let _a_mere_hint = unsafe {
                madvise(range.start.with_addr(start).cast_mut().cast(), end - start, Advice::LinuxDontNeed)
            };
        }
    }
}

/// Asks for huge pages in the spare capacity of a buffer that is about to be filled: a fault for each 2 MiB
/// instead of 4 KiB. Does nothing if less than one huge page is spare. See `MADV_HUGEPAGE` in [madvise(2)].
///
/// [madvise(2)]: https://man7.org/linux/man-pages/man2/madvise.2.html
#[cfg_attr(not(target_os = "linux"), expect(unused_variables, reason = "this host takes no hints"))]
pub(super) fn advise_huge_pages(buffer: &mut Vec<u8>) {
    #[cfg(target_os = "linux")]
    {
        const LARGE: usize = 2 << 20;
        let room = buffer.spare_capacity_mut().as_mut_ptr_range();
        let (start, end) = (room.start.addr().next_multiple_of(LARGE), room.end.addr() / LARGE * LARGE);
        if end > start {
            // SAFETY: the addresses belong to the buffer alone, and the advice changes no content.
            let _a_mere_hint =
                unsafe { madvise(room.start.with_addr(start).cast(), end - start, Advice::LinuxHugepage) };
        }
    }
}

#[cfg(target_os = "linux")]
mod pagemap {
    //! Which pages are private to this process, from `/proc/self/pagemap`.
    //!
    //! A page of a private file mapping is the file's until the process writes to it; then the kernel makes a
    //! private copy, and bit 61 of the page's entry is cleared. Unlike soft-dirty bits and userfaultfd,
    //! reading these bits needs no privilege and nothing to be set up: [proc_pid_pagemap(5)], and the
    //! kernel's [pagemap documentation].
    //!
    //! [proc_pid_pagemap(5)]: https://man7.org/linux/man-pages/man5/proc_pid_pagemap.5.html
    //! [pagemap documentation]: https://www.kernel.org/doc/html/latest/admin-guide/mm/pagemap.html

    use std::fs::File;
    use std::io;
    use std::ops::Range;
    use std::os::unix::fs::FileExt;
    use std::sync::OnceLock;

    use super::page_size;

    /// The page is the file's, or shared anonymous memory: this process has not written to it.
    const OF_FILE: u64 = 1 << 61;
    const SWAPPED: u64 = 1 << 62;
    const PRESENT: u64 = 1 << 63;

    /// Returns the ranges of private pages among the `len` bytes at `base`, as offsets from `base`.
    pub(crate) fn private(base: usize, len: usize) -> io::Result<Vec<Range<usize>>> {
        static PAGEMAP: OnceLock<File> = OnceLock::new();
        let file = if let Some(file) = PAGEMAP.get() {
            file
        } else {
            let file = File::open("/proc/self/pagemap")?;
            PAGEMAP.get_or_init(|| file)
        };
        let page = page_size();
        let mut entries = vec![0; len.div_ceil(page) * 8];
        file.read_exact_at(&mut entries, (base / page * 8) as u64)?;
        let mut ranges: Vec<Range<usize>> = Vec::new();
        for (index, entry) in entries.chunks_exact(8).enumerate() {
            let entry = u64::from_ne_bytes(entry.try_into().unwrap_or_default());
            if entry & (PRESENT | SWAPPED) == 0 || entry & OF_FILE != 0 {
                continue;
            }
            let start = index * page;
            let end = (start + page).min(len);
            match ranges.last_mut() {
                Some(last) if last.end == start => last.end = end,
                _ => ranges.push(start..end),
            }
        }
        Ok(ranges)
    }
}

#[cfg(not(target_os = "linux"))]
mod pagemap {
    //! This host does not report which pages were written, so all of them may have been.

    use std::io;
    use std::ops::Range;

    /// Fails with `Unsupported`.
    pub(crate) fn private(_base: usize, _len: usize) -> io::Result<Vec<Range<usize>>> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
