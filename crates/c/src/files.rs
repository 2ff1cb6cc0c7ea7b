//! The files of a sandbox's folders, and what it changed in an overlay.

use std::ffi::{c_char, c_uchar, c_void};

use python_wasm::{Change, ChangeKind, Entry, EntryKind, Error, Files};
use serde_json::{Value as Json, json};

use crate::error::CallError;
use crate::failure::{Failure, Status};
use crate::interpreter::{Interpreter, enter};
use crate::memory::{bytes, clear, give, give_bytes, guarded, needed, text};

/// Does something in a folder of a sandbox.
///
/// # Safety
/// `mount` is NULL or [good](crate#safety).
unsafe fn within<T>(
    python: *const Interpreter,
    mount: *const c_char,
    work: impl FnOnce(Files<'_>) -> Result<T, Error>,
) -> Result<T, Failure> {
    // SAFETY: NULL or good, by this function's contract.
    let mount = unsafe { text(mount, "the mount") }?;
    enter(python, |session| Ok(work(session.python.files(mount))?))
}

/// Reads a file.
///
/// # Safety
/// All pointers are NULL or [good](crate#safety).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_file_read(
    python: *const Interpreter,
    mount: *const c_char,
    path: *const c_char,
    content: *mut *mut c_uchar,
    size: *mut usize,
    error: *mut *mut CallError,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe {
        clear(content);
        guarded(error, || {
            let place = needed(content, "the content")?;
            let path = text(path, "the path")?;
            give_bytes(place, size, &within(python, mount, |files| files.read(path))?)
        })
    }
}

/// Makes a file, or replaces the content of one.
///
/// # Safety
/// As [`python_wasm_file_read`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_file_write(
    python: *const Interpreter,
    mount: *const c_char,
    path: *const c_char,
    content: *const c_void,
    size: usize,
    error: *mut *mut CallError,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe {
        guarded(error, || {
            let (path, content) = (text(path, "the path")?, bytes(content, size, "the content")?);
            within(python, mount, |files| files.write(path, content))
        })
    }
}

/// Describes a file, a folder or a link as JSON.
///
/// # Safety
/// As [`python_wasm_file_read`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_file_entry(
    python: *const Interpreter,
    mount: *const c_char,
    path: *const c_char,
    json: *mut *mut c_char,
    error: *mut *mut CallError,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe {
        clear(json);
        guarded(error, || {
            let path = text(path, "the path")?;
            give(json, &described(&within(python, mount, |files| files.entry(path))?).to_string())
        })
    }
}

/// Removes a file, a link or an empty folder.
///
/// # Safety
/// As [`python_wasm_file_read`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_file_remove(
    python: *const Interpreter,
    mount: *const c_char,
    path: *const c_char,
    error: *mut *mut CallError,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe {
        guarded(error, || {
            let path = text(path, "the path")?;
            within(python, mount, |files| files.remove(path))
        })
    }
}

/// Makes a folder.
///
/// # Safety
/// As [`python_wasm_file_read`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_folder_create(
    python: *const Interpreter,
    mount: *const c_char,
    path: *const c_char,
    error: *mut *mut CallError,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe {
        guarded(error, || {
            let path = text(path, "the path")?;
            within(python, mount, |files| files.create_dir(path))
        })
    }
}

/// Lists a folder as JSON.
///
/// # Safety
/// As [`python_wasm_file_read`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_folder_list(
    python: *const Interpreter,
    mount: *const c_char,
    path: *const c_char,
    json: *mut *mut c_char,
    error: *mut *mut CallError,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe {
        clear(json);
        guarded(error, || {
            let path = text(path, "the path")?;
            let entries = within(python, mount, |files| files.list(path))?;
            give(json, &entries.iter().map(described).collect::<Json>().to_string())
        })
    }
}

/// Returns the changes in an overlay as JSON.
///
/// # Safety
/// As [`python_wasm_file_read`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_overlay_diff(
    python: *const Interpreter,
    mount: *const c_char,
    json: *mut *mut c_char,
    error: *mut *mut CallError,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe { changes(python, mount, json, error, |files| files.diff()) }
}

/// Applies the changes in an overlay to the folder of the host, and returns them as JSON.
///
/// # Safety
/// As [`python_wasm_file_read`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_overlay_commit(
    python: *const Interpreter,
    mount: *const c_char,
    json: *mut *mut c_char,
    error: *mut *mut CallError,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe { changes(python, mount, json, error, |files| files.commit()) }
}

/// Forgets the changes in an overlay.
///
/// # Safety
/// As [`python_wasm_file_read`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_overlay_discard(
    python: *const Interpreter,
    mount: *const c_char,
    error: *mut *mut CallError,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe { guarded(error, || within(python, mount, |files| files.discard())) }
}

/// # Safety
/// All pointers are NULL or good.
unsafe fn changes(
    python: *const Interpreter,
    mount: *const c_char,
    json: *mut *mut c_char,
    error: *mut *mut CallError,
    work: fn(Files<'_>) -> Result<Vec<Change>, Error>,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe {
        clear(json);
        guarded(error, || {
            let changes = within(python, mount, work)?;
            give(json, &changes.iter().map(changed).collect::<Json>().to_string())
        })
    }
}

fn described(entry: &Entry) -> Json {
    let kind = match entry.kind {
        EntryKind::File => "file",
        EntryKind::Folder => "folder",
        EntryKind::Link => "link",
        _ => "other",
    };
    json!({"name": entry.name, "kind": kind, "size": entry.size})
}

fn changed(change: &Change) -> Json {
    let kind = match change.kind {
        ChangeKind::Added => "added",
        ChangeKind::Changed => "changed",
        ChangeKind::Removed => "removed",
    };
    json!({"path": change.path, "kind": kind})
}
