//! Bytes that JavaScript passes: it asks for a buffer, fills it, and passes its address and length.
#![allow(unsafe_code, reason = "addresses cross the border between two languages")]

/// Returns the address of a buffer of `len` bytes, which the next call that takes it frees.
#[unsafe(no_mangle)]
extern "C" fn allocate(len: usize) -> *mut u8 {
    let mut buffer = Vec::<u8>::new();
    if buffer.try_reserve_exact(len).is_err() {
        return std::ptr::null_mut();
    }
    buffer.resize(len, 0);
    Box::into_raw(buffer.into_boxed_slice()).cast()
}

/// Takes over a buffer of [`allocate`].
pub(crate) fn take(address: *mut u8, len: usize) -> Vec<u8> {
    // SAFETY: JavaScript passes what `allocate` has returned for this length, once.
    unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(address, len)) }.into_vec()
}

/// Takes over a buffer with text. What is not UTF-8 is replaced.
pub(crate) fn take_text(address: *mut u8, len: usize) -> String {
    String::from_utf8_lossy(&take(address, len)).into_owned()
}

/// Returns the address of the answer to the last question, which stays valid until the next one.
#[unsafe(no_mangle)]
extern "C" fn answer() -> *const u8 {
    crate::state::with(|state| state.answer.as_ptr())
}
