//! What JavaScript does for this module: the import module `host`.
//!
//! Numbers below 0 are negated errnos.
#![allow(unsafe_code, reason = "the imports, each behind a safe function")]

mod raw {
    #[link(wasm_import_module = "host")]
    unsafe extern "C" {
        pub(super) fn memory_size() -> f64;
        pub(super) fn memory_read(address: u32, to: *mut u8, len: usize);
        pub(super) fn memory_write(address: u32, from: *const u8, len: usize);
        pub(super) fn now(clock: u32) -> i64;
        pub(super) fn entropy(to: *mut u8, len: usize) -> i32;
        pub(super) fn wait(sources: *const u8, ready: *mut u8, count: usize, end: i64) -> u32;
        pub(super) fn window_size(source: u32) -> i32;
        pub(super) fn stream_read(source: u32, to: *mut u8, len: usize) -> i32;
        pub(super) fn stream_write(source: u32, from: *const u8, len: usize) -> i32;
        pub(super) fn stream_available(source: u32) -> u32;
        pub(super) fn folder(
            operation: u32,
            folder: u32,
            from: *const u8,
            len: usize,
            to: *mut u8,
            room: usize,
        ) -> i32;
        pub(super) fn library_size() -> usize;
        pub(super) fn library_read(to: *mut u8, len: usize);
    }
}

/// Returns the bytes of the guest's memory.
pub(crate) fn memory_size() -> u64 {
    // SAFETY: the function takes no addresses.
    unsafe { raw::memory_size() as u64 }
}

/// Copies guest bytes, which are inside of its memory.
pub(crate) fn memory_read(address: u32, to: &mut [u8]) {
    // SAFETY: JavaScript writes exactly the bytes of the slice.
    unsafe { raw::memory_read(address, to.as_mut_ptr(), to.len()) }
}

/// Copies bytes into the guest's memory, where they fit.
pub(crate) fn memory_write(address: u32, from: &[u8]) {
    // SAFETY: JavaScript reads exactly the bytes of the slice.
    unsafe { raw::memory_write(address, from.as_ptr(), from.len()) }
}

/// Returns the time of a clock in nanoseconds.
pub(crate) fn now(clock: u32) -> u64 {
    // SAFETY: the function takes no addresses.
    unsafe { raw::now(clock) as u64 }
}

/// Fills the slice with entropy.
pub(crate) fn entropy(to: &mut [u8]) -> i32 {
    // SAFETY: JavaScript writes exactly the bytes of the slice.
    unsafe { raw::entropy(to.as_mut_ptr(), to.len()) }
}

/// Waits for sources, of which each takes five bytes: its number and its flags. Writes a byte of flags for each. Returns
/// 1 if the guest is to be interrupted, 2 if it is to end, and 0 otherwise. `end` below 0 is none.
pub(crate) fn wait(sources: &[u8], ready: &mut [u8], end: i64) -> u32 {
    // SAFETY: JavaScript reads five bytes and writes one for each element of `ready`.
    unsafe { raw::wait(sources.as_ptr(), ready.as_mut_ptr(), ready.len(), end) }
}

/// Returns the columns of a terminal, and the rows times 65,536.
pub(crate) fn window_size(source: u32) -> i32 {
    // SAFETY: the function takes no addresses.
    unsafe { raw::window_size(source) }
}

/// Reads from a stream without waiting.
pub(crate) fn stream_read(source: u32, to: &mut [u8]) -> i32 {
    // SAFETY: JavaScript writes at most the bytes of the slice.
    unsafe { raw::stream_read(source, to.as_mut_ptr(), to.len()) }
}

/// Writes to a stream.
pub(crate) fn stream_write(source: u32, from: &[u8]) -> i32 {
    // SAFETY: JavaScript reads exactly the bytes of the slice.
    unsafe { raw::stream_write(source, from.as_ptr(), from.len()) }
}

/// Returns the bytes that a read of a stream would find.
pub(crate) fn stream_available(source: u32) -> u32 {
    // SAFETY: the function takes no addresses.
    unsafe { raw::stream_available(source) }
}

/// Asks for something of a folder of the host, see [`crate::folder`].
pub(crate) fn folder(operation: u32, folder: u32, from: &[u8], to: &mut [u8]) -> i32 {
    // SAFETY: JavaScript reads and writes at most the bytes of the slices.
    unsafe { raw::folder(operation, folder, from.as_ptr(), from.len(), to.as_mut_ptr(), to.len()) }
}

/// Returns the bytes of the library, and waits for them if they are under way; 0 if there is none.
pub(crate) fn library_size() -> usize {
    // SAFETY: the function takes no addresses.
    unsafe { raw::library_size() }
}

/// Copies the library.
pub(crate) fn library_read(to: &mut [u8]) {
    // SAFETY: JavaScript writes exactly the bytes of the slice.
    unsafe { raw::library_read(to.as_mut_ptr(), to.len()) }
}
