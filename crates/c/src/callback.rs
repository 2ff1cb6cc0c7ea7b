//! What a program gives with a callback: its user data, and what becomes of that in the end.

use std::ffi::c_void;

/// `python_wasm_finalize`: is called once, when the callback will not be called any more.
pub type Finalize = unsafe extern "C" fn(user_data: *mut c_void);

/// The user data of a callback, which the library has until this is dropped.
#[derive(Debug)]
pub(crate) struct UserData {
    pointer: *mut c_void,
    finalize: Option<Finalize>,
}

// SAFETY: the library never follows the pointer. The header says on which threads callbacks and finalizers are called,
// and a program that gives one answers for its data there.
unsafe impl Send for UserData {}
// SAFETY: the same.
unsafe impl Sync for UserData {}

impl UserData {
    pub(crate) fn new(pointer: *mut c_void, finalize: Option<Finalize>) -> Self {
        Self { pointer, finalize }
    }

    pub(crate) fn pointer(&self) -> *mut c_void {
        self.pointer
    }
}

impl Drop for UserData {
    fn drop(&mut self) {
        if let Some(finalize) = self.finalize {
            // SAFETY: a callback is good, and this one is called once, because this is dropped once.
            unsafe { finalize(self.pointer) };
        }
    }
}
