//! `python_wasm_snapshot`: states that others start from, in memory and in files.

use std::ffi::{c_char, c_uchar, c_void};
use std::fmt::Write as _;
use std::sync::Arc;

use python_wasm::{Error, Limits, Python, Snapshot, SnapshotInfo};
use serde_json::{Value as Json, json};

use crate::error::CallError;
use crate::failure::{Failure, Status};
use crate::handle::{find, handled, issue, withdraw};
use crate::interpreter::{Held, Interpreter, admit, enter};
use crate::memory::{bytes, clear, give, give_bytes, guarded, needed, path};
use crate::options::{Options, Settings};

/// `python_wasm_snapshot`. Threads share it.
#[derive(Debug)]
pub struct State(pub(crate) Snapshot);

handled!(State, "the snapshot");

fn keep(snapshot: Snapshot) -> *mut State {
    issue(Arc::new(State(snapshot)))
}

/// Takes the state of an interpreter.
///
/// # Safety
/// All pointers are NULL or [good](crate#safety).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_snapshot_take(
    python: *const Interpreter,
    snapshot: *mut *mut State,
    error: *mut *mut CallError,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe { taken(python, snapshot, error, Python::snapshot) }
}

/// Takes the state of an interpreter, to which one hardly ever goes back.
///
/// # Safety
/// As [`python_wasm_snapshot_take`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_checkpoint(
    python: *const Interpreter,
    snapshot: *mut *mut State,
    error: *mut *mut CallError,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe { taken(python, snapshot, error, Python::checkpoint) }
}

/// # Safety
/// All pointers are NULL or good.
unsafe fn taken(
    python: *const Interpreter,
    snapshot: *mut *mut State,
    error: *mut *mut CallError,
    take: fn(&mut Python) -> Result<Snapshot, Error>,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe {
        clear(snapshot);
        guarded(error, || {
            let place = needed(snapshot, "the snapshot")?;
            *place = keep(enter(python, |session| Ok(take(&mut session.python)?))?);
            Ok(())
        })
    }
}

/// Makes an interpreter that goes on from a snapshot.
///
/// # Safety
/// As [`python_wasm_snapshot_take`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_snapshot_spawn(
    snapshot: *const State,
    options: *const Options,
    python: *mut *mut Interpreter,
    error: *mut *mut CallError,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe {
        clear(python);
        guarded(error, || {
            let settings = Settings::read(options)?;
            let place = needed(python, "the interpreter")?;
            *place = spawn(&find(snapshot)?.0, settings)?;
            Ok(())
        })
    }
}

/// # Safety
/// What the settings point to is NULL or good.
unsafe fn spawn(snapshot: &Snapshot, settings: Settings) -> Result<*mut Interpreter, Failure> {
    // SAFETY: good, by this function's contract.
    let (builder, kept) = unsafe { settings.describe(snapshot.builder(), snapshot.limits()) }?;
    Ok(admit(Held::Own(Box::new(builder.spawn()?)), kept))
}

/// Makes a second interpreter that goes on from the state of this one.
///
/// # Safety
/// As [`python_wasm_snapshot_take`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_fork(
    python: *const Interpreter,
    options: *const Options,
    fork: *mut *mut Interpreter,
    error: *mut *mut CallError,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe {
        clear(fork);
        guarded(error, || {
            let settings = Settings::read(options)?;
            let place = needed(fork, "the fork")?;
            let snapshot = enter(python, |session| Ok(session.python.snapshot()?))?;
            *place = spawn(&snapshot, settings)?;
            Ok(())
        })
    }
}

/// Replaces the state of an interpreter by a snapshot's.
///
/// # Safety
/// As [`python_wasm_snapshot_take`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_restore(
    python: *const Interpreter,
    snapshot: *const State,
    error: *mut *mut CallError,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe {
        guarded(error, || {
            let snapshot = find(snapshot)?;
            enter(python, |session| Ok(session.python.restore(&snapshot.0)?))
        })
    }
}

/// Writes a snapshot to a file.
///
/// # Safety
/// As [`python_wasm_snapshot_take`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_snapshot_save(
    snapshot: *const State,
    file: *const c_char,
    error: *mut *mut CallError,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe {
        guarded(error, || {
            let file = path(file, "the path")?;
            Ok(find(snapshot)?.0.save(file)?)
        })
    }
}

/// Returns what a file of a snapshot would have in it.
///
/// # Safety
/// As [`python_wasm_snapshot_take`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_snapshot_to_bytes(
    snapshot: *const State,
    content: *mut *mut c_uchar,
    size: *mut usize,
    error: *mut *mut CallError,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe {
        clear(content);
        guarded(error, || {
            let place = needed(content, "the content")?;
            give_bytes(place, size, &find(snapshot)?.0.to_bytes()?)
        })
    }
}

/// Reads a file of a snapshot.
///
/// # Safety
/// As [`python_wasm_snapshot_take`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_snapshot_load(
    file: *const c_char,
    snapshot: *mut *mut State,
    error: *mut *mut CallError,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe {
        clear(snapshot);
        guarded(error, || {
            let place = needed(snapshot, "the snapshot")?;
            *place = keep(Snapshot::load(path(file, "the path")?)?);
            Ok(())
        })
    }
}

/// Reads the bytes of a snapshot.
///
/// # Safety
/// As [`python_wasm_snapshot_take`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_snapshot_from_bytes(
    content: *const c_void,
    size: usize,
    snapshot: *mut *mut State,
    error: *mut *mut CallError,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe {
        clear(snapshot);
        guarded(error, || {
            let place = needed(snapshot, "the snapshot")?;
            *place = keep(Snapshot::from_bytes(bytes(content, size, "the content")?)?);
            Ok(())
        })
    }
}

/// Makes an interpreter that goes on from a file, with the folders of the host that it needs.
///
/// # Safety
/// As [`python_wasm_snapshot_take`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_resume(
    file: *const c_char,
    options: *const Options,
    python: *mut *mut Interpreter,
    error: *mut *mut CallError,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe {
        clear(python);
        guarded(error, || {
            let settings = Settings::read(options)?;
            let place = needed(python, "the interpreter")?;
            let file = path(file, "the path")?;
            let (builder, kept) = settings.describe(Python::builder(), &Limits::default())?;
            *place = admit(Held::Own(Box::new(builder.resume(file)?)), kept);
            Ok(())
        })
    }
}

/// Makes an interpreter that goes on from bytes, as [`python_wasm_resume`] does from a file.
///
/// # Safety
/// As [`python_wasm_snapshot_take`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_resume_bytes(
    content: *const c_void,
    size: usize,
    options: *const Options,
    python: *mut *mut Interpreter,
    error: *mut *mut CallError,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe {
        clear(python);
        guarded(error, || {
            let settings = Settings::read(options)?;
            let place = needed(python, "the interpreter")?;
            let content = bytes(content, size, "the content")?;
            let (builder, kept) = settings.describe(Python::builder(), &Limits::default())?;
            *place = admit(Held::Own(Box::new(builder.resume_bytes(content)?)), kept);
            Ok(())
        })
    }
}

/// Tells as JSON what a file of a snapshot is for.
///
/// # Safety
/// As [`python_wasm_snapshot_take`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_snapshot_inspect(
    file: *const c_char,
    json: *mut *mut c_char,
    error: *mut *mut CallError,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe {
        clear(json);
        guarded(error, || {
            let info = Snapshot::inspect(path(file, "the path")?)?;
            give(json, &described(&info).to_string())
        })
    }
}

/// Tells as JSON what the bytes of a snapshot are for.
///
/// # Safety
/// As [`python_wasm_snapshot_take`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn python_wasm_snapshot_inspect_bytes(
    content: *const c_void,
    size: usize,
    json: *mut *mut c_char,
    error: *mut *mut CallError,
) -> Status {
    // SAFETY: all pointers are NULL or good, by this function's contract.
    unsafe {
        clear(json);
        guarded(error, || {
            let info = Snapshot::inspect_from(bytes(content, size, "the content")?)?;
            give(json, &described(&info).to_string())
        })
    }
}

fn described(info: &SnapshotInfo) -> Json {
    let identity = info.identity.iter().fold(String::new(), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    });
    json!({
        "format": info.format,
        "identity": identity,
        "made_by": info.made_by,
        "memory": info.memory,
        "folders": info.folders,
        "size": info.size,
        "fits": info.misfit.is_none(),
        "misfit": info.misfit.as_ref().map(ToString::to_string),
    })
}

/// Returns the bytes that a snapshot takes in memory, or 0 for what is not one.
#[unsafe(no_mangle)]
pub extern "C" fn python_wasm_snapshot_size(snapshot: *const State) -> usize {
    find(snapshot).map_or(0, |snapshot| snapshot.0.size())
}

/// Frees a snapshot.
#[unsafe(no_mangle)]
pub extern "C" fn python_wasm_snapshot_free(snapshot: *mut State) -> Status {
    if snapshot.is_null() {
        return Status::Ok;
    }
    // SAFETY: there is no place for an error.
    unsafe { guarded(std::ptr::null_mut(), || withdraw(snapshot.cast_const()).map(drop)) }
}
