//! Strings, bytes and the places of results, as C passes and gets them.
//!
//! What C gets is memory of `malloc`, whose size nobody has to remember: C may shorten a string before it frees it.

use std::ffi::{CStr, OsStr, c_char, c_uchar, c_void};
use std::os::unix::ffi::OsStrExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use crate::error::{CallError, report};
use crate::failure::{Failure, Status};

/// Runs the body of a function, stores its error, and returns its status. Catches panics.
///
/// # Safety
/// `error` is NULL or the [good](crate#safety) place of a result.
pub(crate) unsafe fn guarded(
    error: *mut *mut CallError,
    body: impl FnOnce() -> Result<(), Failure>,
) -> Status {
    // SAFETY: NULL or good, by this function's contract.
    unsafe { clear(error) };
    let failure = match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => return Status::Ok,
        Ok(Err(failure)) => failure,
        Err(_) => Failure::new(Status::Panic, "python-wasm panicked, which is a bug in it"),
    };
    let status = failure.status;
    if !error.is_null() {
        // SAFETY: not NULL, so good, by this function's contract.
        unsafe { *error = report(failure) };
    }
    status
}

/// Stores NULL as a result, unless the place is NULL.
///
/// # Safety
/// `place` is NULL or the good place of a result.
pub(crate) unsafe fn clear<T>(place: *mut *mut T) {
    // SAFETY: NULL or good, by this function's contract.
    if let Some(place) = unsafe { place.as_mut() } {
        *place = std::ptr::null_mut();
    }
}

/// Returns the place of a result that must have one, and stores NULL there.
///
/// # Safety
/// `place` is NULL or the good place of a result, for as long as it is used.
pub(crate) unsafe fn needed<'a, T>(place: *mut *mut T, what: &str) -> Result<&'a mut *mut T, Failure> {
    // SAFETY: NULL or good, by this function's contract.
    let place = unsafe { place.as_mut() };
    let place = place.ok_or_else(|| Failure::argument(format!("the place of {what} is NULL")))?;
    *place = std::ptr::null_mut();
    Ok(place)
}

/// Borrows a string as UTF-8.
///
/// # Safety
/// `string` is NULL or good, for as long as it is borrowed.
pub(crate) unsafe fn text<'a>(string: *const c_char, what: &str) -> Result<&'a str, Failure> {
    // SAFETY: NULL or good, by this function's contract.
    let text = unsafe { optional_text(string, what) }?;
    text.ok_or_else(|| Failure::argument(format!("{what} is NULL")))
}

/// Borrows a string as UTF-8, if it is not NULL.
///
/// # Safety
/// As [`text`].
pub(crate) unsafe fn optional_text<'a>(
    string: *const c_char,
    what: &str,
) -> Result<Option<&'a str>, Failure> {
    if string.is_null() {
        return Ok(None);
    }
    // SAFETY: not NULL, so it ends with NUL and does not change, by this function's contract.
    let text = unsafe { CStr::from_ptr(string) }.to_str();
    text.map(Some).map_err(|error| Failure::argument(format!("{what} is not UTF-8: {error}")))
}

/// Borrows a path of the host, which can be any bytes.
///
/// # Safety
/// As [`text`].
pub(crate) unsafe fn path<'a>(string: *const c_char, what: &str) -> Result<&'a Path, Failure> {
    if string.is_null() {
        return Err(Failure::argument(format!("{what} is NULL")));
    }
    // SAFETY: not NULL, so it ends with NUL and does not change, by this function's contract.
    Ok(Path::new(OsStr::from_bytes(unsafe { CStr::from_ptr(string) }.to_bytes())))
}

/// Borrows bytes. NULL is allowed where there are none.
///
/// # Safety
/// `bytes` is NULL or has `size` bytes that do not change for as long as they are borrowed.
pub(crate) unsafe fn bytes<'a>(bytes: *const c_void, size: usize, what: &str) -> Result<&'a [u8], Failure> {
    match (bytes.is_null(), isize::try_from(size)) {
        (_, Ok(0)) => Ok(&[]),
        (true, _) => Err(Failure::argument(format!("{what} are NULL, and their size is {size}"))),
        (false, Err(_)) => Err(Failure::argument(format!("{what} cannot be {size} bytes"))),
        // SAFETY: not NULL and of a size that memory can have, so there are so many, by this function's contract.
        (false, Ok(_)) => Ok(unsafe { std::slice::from_raw_parts(bytes.cast(), size) }),
    }
}

/// Borrows the strings of an array.
///
/// # Safety
/// `strings` is NULL or has `count` pointers, each NULL or good, for as long as they are borrowed.
pub(crate) unsafe fn texts<'a>(
    strings: *const *const c_char,
    count: usize,
    what: &str,
) -> Result<Vec<&'a str>, Failure> {
    // SAFETY: `count` pointers or NULL, by this function's contract.
    let strings = unsafe { array(strings, count, what) }?;
    let numbered = strings.iter().enumerate();
    // SAFETY: each is NULL or good, by this function's contract.
    numbered.map(|(index, string)| unsafe { text(*string, &format!("{what}[{index}]")) }).collect()
}

/// Borrows an array.
///
/// # Safety
/// `items` is NULL or has `count` items that do not change for as long as they are borrowed.
pub(crate) unsafe fn array<'a, T>(items: *const T, count: usize, what: &str) -> Result<&'a [T], Failure> {
    if count == 0 {
        return Ok(&[]);
    }
    if items.is_null() {
        return Err(Failure::argument(format!("{what} is NULL, and its count is {count}")));
    }
    if !items.is_aligned() || count > isize::MAX as usize / size_of::<T>() {
        return Err(Failure::argument(format!("{what} cannot be an array of {count}")));
    }
    // SAFETY: not NULL, aligned, and of a size that memory can have: so there are `count`, by this function's contract.
    Ok(unsafe { std::slice::from_raw_parts(items, count) })
}

/// Stores a string as a result, unless the place is NULL. A NUL in it, which such a string cannot hold, becomes U+FFFD.
///
/// # Safety
/// `place` is NULL or the good place of a result.
pub(crate) unsafe fn give(place: *mut *mut c_char, string: &str) -> Result<(), Failure> {
    // SAFETY: NULL or good, by this function's contract.
    let Some(place) = (unsafe { place.as_mut() }) else { return Ok(()) };
    let string = if string.contains('\0') { &string.replace('\0', "\u{fffd}") } else { string };
    *place = copied(string.as_bytes())?.cast();
    Ok(())
}

/// Stores bytes and their number as results. A NUL that does not count follows them.
///
/// # Safety
/// Both places are NULL or good.
pub(crate) unsafe fn give_bytes<T>(
    place: *mut *mut T,
    size: *mut usize,
    bytes: &[u8],
) -> Result<(), Failure> {
    // SAFETY: NULL or good, by this function's contract.
    if let Some(place) = unsafe { place.as_mut() } {
        *place = copied(bytes)?.cast();
    }
    // SAFETY: the same.
    if let Some(size) = unsafe { size.as_mut() } {
        *size = bytes.len();
    }
    Ok(())
}

/// Copies bytes and a NUL to memory of `malloc`.
fn copied(bytes: &[u8]) -> Result<*mut u8, Failure> {
    let missing =
        || Failure::new(Status::OutOfMemory, format!("the host has no {} bytes for the result", bytes.len()));
    let size = bytes.len().checked_add(1).ok_or_else(missing)?;
    // SAFETY: malloc takes any size but 0.
    let memory = unsafe { libc::malloc(size) }.cast::<u8>();
    if memory.is_null() {
        return Err(missing());
    }
    // SAFETY: the memory is fresh and has room for the bytes and one more.
    unsafe {
        memory.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
        memory.add(bytes.len()).write(0);
    }
    Ok(memory)
}

/// Frees a string that a function of this library returned.
///
/// # Safety
/// The string is NULL, or a function of this library returned it and it was not freed yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_string_free(string: *mut c_char) {
    // SAFETY: NULL or of malloc, and the caller frees it once, by this function's contract.
    unsafe { libc::free(string.cast()) };
}

/// Frees bytes that a function of this library returned.
///
/// # Safety
/// As [`python_wasm_string_free`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_bytes_free(bytes: *mut c_uchar) {
    // SAFETY: NULL or of malloc, and the caller frees it once, by this function's contract.
    unsafe { libc::free(bytes.cast()) };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{python_wasm_error_free, python_wasm_error_message};

    #[test]
    fn a_panic_becomes_a_status_and_a_message() {
        let mut error = std::ptr::null_mut();
        // SAFETY: the place is good.
        let status = unsafe { guarded(&raw mut error, || panic!("a bug")) };
        assert_eq!(status, Status::Panic);
        // SAFETY: the error was not freed, so the string is there.
        let message = unsafe { CStr::from_ptr(python_wasm_error_message(error)) };
        assert_eq!(message, c"python-wasm panicked, which is a bug in it");
        python_wasm_error_free(error);
        // SAFETY: no place is good, too.
        assert_eq!(unsafe { guarded(std::ptr::null_mut(), || panic!("a bug")) }, Status::Panic);
    }
}
