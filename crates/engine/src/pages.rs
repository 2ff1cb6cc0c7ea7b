//! Pages: those of images and of the host, which of them were written, and files mapped by them.
#![expect(unsafe_code, reason = "maps files and advises the kernel; each use says why it is sound")]

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::ptr::{self, NonNull};
use std::slice;

#[cfg(target_os = "linux")]
use rustix::mm::{Advice, madvise};
use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};

/// Bytes in a page of images and of what changed since: the page of most hosts.
pub(super) const PAGE: usize = 4096;

/// A page of zeros.
pub(super) static ZEROS: [u8; PAGE] = [0; PAGE];

/// Bytes in a page of the host.
pub(super) fn page_size() -> usize {
    rustix::param::page_size()
}

pub(crate) use self::pagemap::private;

/// The bytes of a file, to be read. The file must never change.
#[derive(Debug)]
pub(super) struct View {
    base: NonNull<u8>,
    len: usize,
}

// SAFETY: never written, owned alone.
unsafe impl Send for View {}
// SAFETY: never written.
unsafe impl Sync for View {}

impl View {
    /// Maps the first `len` bytes, which must be there.
    pub(super) fn new(file: &File, len: usize) -> io::Result<Self> {
        let flags = MapFlags::PRIVATE | MapFlags::NORESERVE;
        // SAFETY: new addresses, chosen by the kernel, overlap nothing.
        let base = unsafe { mmap(ptr::null_mut(), len.max(1), ProtFlags::READ, flags, file.as_fd(), 0)? };
        Ok(Self { base: NonNull::new(base.cast()).ok_or(io::ErrorKind::OutOfMemory)?, len })
    }

    pub(super) fn bytes(&self) -> &[u8] {
        // SAFETY: mapped for as long as `self` lives, and the file is sealed or nobody else's.
        unsafe { slice::from_raw_parts(self.base.as_ptr(), self.len) }
    }
}

impl Drop for View {
    fn drop(&mut self) {
        // SAFETY: our own mapping; no reference outlives `self`.
        let unmapped = unsafe { munmap(self.base.as_ptr().cast(), self.len.max(1)) };
        debug_assert!(unmapped.is_ok(), "a whole mapping of our own can always be undone");
    }
}

/// Lets the host take back the pages that hold this part of the executable. Who reads them again
/// gets them from its file again.
#[cfg_attr(not(target_os = "linux"), expect(unused_variables, reason = "this host takes no hints"))]
pub fn forget_static(bytes: &'static [u8]) {
    #[cfg(target_os = "linux")]
    {
        let page = page_size();
        let range = bytes.as_ptr_range();
        let (start, end) = (range.start.addr().next_multiple_of(page), range.end.addr() / page * page);
        if end > start {
            // SAFETY: whole pages of constants, which are the file's as long as nobody writes them.
            let _a_mere_hint = unsafe {
                madvise(range.start.with_addr(start).cast_mut().cast(), end - start, Advice::LinuxDontNeed)
            };
        }
    }
}

/// Prepares for filling the room that a buffer has, if there is much: by large pages, where the host has them.
#[cfg_attr(not(target_os = "linux"), expect(unused_variables, reason = "this host takes no hints"))]
pub(super) fn expect_fill(buffer: &mut Vec<u8>) {
    #[cfg(target_os = "linux")]
    {
        const LARGE: usize = 2 << 20;
        let room = buffer.spare_capacity_mut().as_mut_ptr_range();
        let (start, end) = (room.start.addr().next_multiple_of(LARGE), room.end.addr() / LARGE * LARGE);
        if end > start {
            // SAFETY: advice about addresses that are the buffer's alone; it changes no content.
            let _a_mere_hint =
                unsafe { madvise(room.start.with_addr(start).cast(), end - start, Advice::LinuxHugepage) };
        }
    }
}

#[cfg(target_os = "linux")]
mod pagemap {
    //! Which pages of this process are its own, as the kernel has it in `/proc/self/pagemap`.

    use std::fs::File;
    use std::io;
    use std::ops::Range;
    use std::os::unix::fs::FileExt;
    use std::sync::OnceLock;

    use super::page_size;

    /// The page is the file's, or shared: nobody has written to it.
    const OF_FILE: u64 = 1 << 61;
    const SWAPPED: u64 = 1 << 62;
    const PRESENT: u64 = 1 << 63;

    /// Returns the ranges of bytes from `base` on whose pages are private to this process.
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
    //! This host does not tell which pages were written: all of them may have been.

    use std::io;
    use std::ops::Range;

    pub(crate) fn private(_base: usize, _len: usize) -> io::Result<Vec<Range<usize>>> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
