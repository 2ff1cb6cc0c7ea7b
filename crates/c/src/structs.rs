//! Structs that begin with their size, so that a later header can add fields at their end.
//!
//! A program that was compiled with an earlier header passes a smaller struct: the fields that it lacks are zero, which
//! means the default. One that was compiled with a later header passes a larger one, which works as long as it does not
//! use what is new. Linux's [openat2(2)](https://man7.org/linux/man-pages/man2/openat2.2.html) does the same.

use std::mem::MaybeUninit;

use crate::failure::Failure;
use crate::memory;

/// A struct of C whose first field is `size`, in bytes.
///
/// # Safety
/// It is `repr(C)`, its first field is a `usize`, and all zeros are a value of it.
pub(crate) unsafe trait Grows: Copy {
    /// What the header calls it.
    const NAME: &str;
    /// The bytes that it had in the first header.
    const FIRST: usize;
}

/// Reads a struct.
///
/// # Safety
/// `from` is NULL, or has as many bytes as the `size` in it says, or a `size` at least.
pub(crate) unsafe fn read<T: Grows>(from: *const T, what: &str) -> Result<Option<T>, Failure> {
    if from.is_null() {
        return Ok(None);
    }
    // SAFETY: there is a size at least, by this function's contract.
    let size = unsafe { size_of_given(from, what) }?;
    let given = size.min(size_of::<T>());
    // SAFETY: there are `size` bytes, by this function's contract.
    let rest = unsafe { memory::bytes(from.cast(), size, what) }?.get(given..).unwrap_or_default();
    if rest.iter().any(|byte| *byte != 0) {
        return Err(Failure::argument(format!(
            "{what} uses fields that this version of the library does not have: it has {} bytes, and only {} are known",
            size,
            size_of::<T>()
        )));
    }
    let mut value = MaybeUninit::<T>::zeroed();
    // SAFETY: `given` bytes are there, by this function's contract, and no more than the value has. Zeros, which follow
    // them, are values of the fields, by `Grows`.
    Ok(Some(unsafe {
        value.as_mut_ptr().cast::<u8>().copy_from_nonoverlapping(from.cast(), given);
        value.assume_init()
    }))
}

/// Reads an array of structs, all of the size of the first.
///
/// # Safety
/// `from` is NULL, or has `count` structs as [`read`] takes them.
pub(crate) unsafe fn read_all<T: Grows>(from: *const T, count: usize, what: &str) -> Result<Vec<T>, Failure> {
    if count == 0 {
        return Ok(Vec::new());
    }
    if from.is_null() {
        return Err(Failure::argument(format!("{what} is NULL, and its count is {count}")));
    }
    // SAFETY: there is one at least, by this function's contract.
    let stride = unsafe { size_of_given(from, &format!("{what}[0]")) }?;
    let one = |index: usize| {
        let what = format!("{what}[{index}]");
        // SAFETY: there are more than `index`, by this function's contract, each as large as the first.
        let item = unsafe { from.byte_add(index * stride) };
        // SAFETY: the same.
        let size = unsafe { size_of_given(item, &what) }?;
        if size != stride {
            return Err(Failure::argument(format!(
                "{what}.size is {size}, and that of the first is {stride}"
            )));
        }
        // SAFETY: the same.
        unsafe { read(item, &what) }?.ok_or_else(|| Failure::argument(format!("{what} is NULL")))
    };
    (0..count).map(one).collect()
}

/// Returns the size that a struct says it has.
///
/// # Safety
/// `from` has a size at least.
unsafe fn size_of_given<T: Grows>(from: *const T, what: &str) -> Result<usize, Failure> {
    if !from.is_aligned() {
        return Err(Failure::argument(format!("{what} is not aligned as a {} is", T::NAME)));
    }
    // SAFETY: aligned, and there is a size, by this function's contract. It is the first field, by `Grows`.
    let size = unsafe { from.cast::<usize>().read() };
    if size < T::FIRST || !size.is_multiple_of(align_of::<T>()) {
        let name = T::NAME;
        return Err(Failure::argument(format!("{what}.size is {size}: set it to sizeof({name})")));
    }
    Ok(size)
}

/// Fills a struct of C with a value, as far as it has room for it. Its size stays as it is.
///
/// # Safety
/// `into` is NULL, or has as many bytes as the `size` in it says, or a `size` at least; nobody else uses it.
pub(crate) unsafe fn fill<T: Grows>(into: *mut T, value: &T, what: &str) -> Result<(), Failure> {
    if into.is_null() {
        return Err(Failure::argument(format!("the place of {what} is NULL")));
    }
    // SAFETY: there is a size at least, by this function's contract.
    let size = unsafe { size_of_given(into.cast_const(), what) }?;
    let (from, into) = (std::ptr::from_ref(value).cast::<u8>(), into.cast::<u8>());
    let known = size_of::<usize>()..size.min(size_of::<T>());
    // SAFETY: both have so many bytes, and are not the same. The first field, `size`, is left out.
    unsafe { into.add(known.start).copy_from_nonoverlapping(from.add(known.start), known.len()) };
    Ok(())
}
