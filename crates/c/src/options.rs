//! The options of an interpreter, as C passes them.

use std::ffi::{c_char, c_int};
use std::time::Duration;

use python_wasm::{Error, Limits, Mount, Python};

use crate::{argument, text};

/// `python_wasm_mount`: a folder of the host. `access` is a number because a C enum can hold any number.
#[repr(C)]
#[derive(Debug)]
#[expect(missing_docs, reason = "the header documents them")]
pub struct MountOptions {
    pub host: *const c_char,
    pub guest: *const c_char,
    pub access: c_int,
}

/// `python_wasm_options`: folders and limits.
#[repr(C)]
#[derive(Debug)]
#[expect(missing_docs, reason = "the header documents them")]
pub struct Options {
    pub mounts: *const MountOptions,
    pub mount_count: usize,
    pub memory: u64,
    pub fuel: u64,
    pub timeout_ms: u64,
    pub output: u64,
}

/// The options of an interpreter, without C's pointers.
#[derive(Default)]
pub(crate) struct Settings {
    limits: Limits,
    /// The folders, each with its name in the sandbox.
    mounts: Vec<(String, Mount)>,
}

impl Settings {
    /// Reads the options of C; NULL means the defaults.
    ///
    /// # Safety
    /// `options` is NULL or good, its `mounts` are NULL or `mount_count` in number, and their strings are NULL
    /// or good.
    pub(crate) unsafe fn read(options: *const Options) -> Result<Self, Error> {
        // SAFETY: NULL or good, by this function's contract.
        let Some(options) = (unsafe { options.as_ref() }) else { return Ok(Self::default()) };
        let mounts = if options.mounts.is_null() || options.mount_count == 0 {
            &[]
        } else {
            // SAFETY: not NULL, so there are `mount_count` of them, by this function's contract.
            unsafe { std::slice::from_raw_parts(options.mounts, options.mount_count) }
        };
        let mounts = mounts.iter().map(|mount| {
            // SAFETY: the strings are NULL or good, by this function's contract.
            let (host, guest) = unsafe { (text(mount.host)?, text(mount.guest)?) };
            Ok((guest.to_owned(), open(host, mount.access)?))
        });
        Ok(Self { limits: options.limits(), mounts: mounts.collect::<Result<_, Error>>()? })
    }

    /// Makes the interpreter.
    pub(crate) fn build(self) -> Result<Python, Error> {
        let builder = Python::builder().limits(self.limits);
        self.mounts.into_iter().fold(builder, |builder, (name, mount)| builder.mount(&name, mount)).build()
    }
}

impl Options {
    /// Returns the limits; each that is 0 is the default.
    fn limits(&self) -> Limits {
        let mut limits = Limits::default();
        if self.memory > 0 {
            limits = limits.memory(self.memory);
        }
        if self.fuel > 0 {
            limits = limits.fuel(self.fuel);
        }
        if self.timeout_ms > 0 {
            limits = limits.timeout(Duration::from_millis(self.timeout_ms));
        }
        if self.output > 0 {
            limits = limits.output(self.output);
        }
        limits
    }
}

/// Opens a folder of the host for one of the values of `python_wasm_access`.
fn open(host: &str, access: c_int) -> Result<Mount, Error> {
    match access {
        0 => Ok(Mount::read_only(host)?),
        1 => Ok(Mount::read_write(host)?),
        2 => Ok(Mount::overlay(host)?),
        other => Err(argument(&format!("{other} is not a value of python_wasm_access"))),
    }
}
