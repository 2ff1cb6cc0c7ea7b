//! `python_wasm_options`: what a sandbox is made from.

use std::ffi::{c_char, c_int, c_void};
use std::time::{Duration, SystemTime};

use python_wasm::{Engine, Image, Limits, Mount, PythonBuilder};

use crate::failure::Failure;
use crate::functions::{Function, Offer};
use crate::limits::LimitOptions;
use crate::memory::{array, bytes, path, text, texts};
use crate::streams::{Kept, Receiver, Stream};
use crate::structs::{self, Grows};

/// `python_wasm_mount`: a folder. `access` is a number because a C enum can hold any number.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the header documents them")]
pub struct MountOptions {
    pub size: usize,
    pub host: *const c_char,
    pub guest: *const c_char,
    pub access: c_int,
}

// SAFETY: `repr(C)`, the size comes first, and zeros are a value of all other fields.
unsafe impl Grows for MountOptions {
    const NAME: &str = "python_wasm_mount";
    const FIRST: usize = size_of::<Self>();
}

/// `python_wasm_options`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the header documents them")]
pub struct Options {
    pub size: usize,
    pub limits: *const LimitOptions,
    pub mounts: *const MountOptions,
    pub mount_count: usize,
    pub sites: *const *const c_char,
    pub site_count: usize,
    pub bytecode_cache: *const c_char,
    pub environment: *const *const c_char,
    pub environment_count: usize,
    pub arguments: *const *const c_char,
    pub argument_count: usize,
    pub input: *const c_void,
    pub input_size: usize,
    pub output: *const Stream,
    pub errors: *const Stream,
    pub functions: *const Function,
    pub function_count: usize,
    pub seed: *const u64,
    pub clock_ms: *const u64,
    pub engine: c_int,
    pub image: *const c_char,
}

// SAFETY: `repr(C)`, the size comes first, and zeros are a value of all other fields.
unsafe impl Grows for Options {
    const NAME: &str = "python_wasm_options";
    const FIRST: usize = size_of::<Self>();
}

/// The last millisecond that Python's clocks know: they count nanoseconds in 63 bits.
const LATEST_MS: u64 = i64::MAX as u64 / 1_000_000;

/// Where output is kept that the library does not capture.
pub(crate) type KeptOutput = Option<[Kept; 2]>;

/// Options whose callbacks belong to the library, whatever becomes of the rest.
pub(crate) struct Settings {
    options: Option<Options>,
    streams: [Option<Receiver>; 2],
    offers: Vec<Offer>,
}

impl Settings {
    /// Reads the options of C; NULL means the defaults. Takes all user data over unless a `size` is wrong.
    ///
    /// # Safety
    /// `options` is NULL or [good](crate#safety).
    pub(crate) unsafe fn read(options: *const Options) -> Result<Self, Failure> {
        // SAFETY: NULL or good, by this function's contract.
        unsafe {
            let Some(options) = structs::read(options, "options")? else {
                return Ok(Self { options: None, streams: [None, None], offers: Vec::new() });
            };
            let output = structs::read(options.output, "options->output")?;
            let errors = structs::read(options.errors, "options->errors")?;
            let functions =
                structs::read_all(options.functions, options.function_count, "options->functions")?;
            let streams = [output, errors].map(|stream| stream.as_ref().map(Receiver::new));
            let offers = functions.into_iter().map(Offer::new).collect();
            Ok(Self { options: Some(options), streams, offers })
        }
    }

    /// Describes a sandbox by these options, whose other limits are `limits`.
    ///
    /// # Safety
    /// What the options point to is NULL or good.
    pub(crate) unsafe fn describe(
        self,
        mut builder: PythonBuilder,
        limits: &Limits,
    ) -> Result<(PythonBuilder, KeptOutput), Failure> {
        let Some(options) = self.options else { return Ok((builder, None)) };
        for (index, offer) in self.offers.into_iter().enumerate() {
            // SAFETY: good, by this function's contract.
            builder = unsafe { offer.add_to(builder, &format!("options->functions[{index}]")) }?;
        }
        // SAFETY: the same.
        builder = unsafe { described(&options, builder, limits) }?;
        let [output, errors] = self.streams;
        if output.is_none() && errors.is_none() {
            return Ok((builder, None));
        }
        let kept = [Kept::default(), Kept::default()];
        builder = match output {
            Some(output) => {
                output.check("options->output")?;
                builder.stdout_writer(output)
            }
            None => builder.stdout_writer(kept[0].clone()),
        };
        builder = match errors {
            Some(errors) => {
                errors.check("options->errors")?;
                builder.stderr_writer(errors)
            }
            None => builder.stderr_writer(kept[1].clone()),
        };
        Ok((builder, Some(kept)))
    }
}

/// Describes a sandbox by what is not a callback.
///
/// # Safety
/// What the options point to is NULL or good.
unsafe fn described(
    options: &Options,
    mut builder: PythonBuilder,
    limits: &Limits,
) -> Result<PythonBuilder, Failure> {
    // SAFETY: all of it is NULL or good, by this function's contract.
    unsafe {
        if let Some(own) = structs::read(options.limits, "options->limits")? {
            builder = builder.limits(own.over(limits));
        }
        // Before the sites, as it wants to be.
        if !options.image.is_null() {
            builder = builder.image(&Image::load(path(options.image, "options->image")?)?);
        }
        let mounts = structs::read_all(options.mounts, options.mount_count, "options->mounts")?;
        for (index, mount) in mounts.iter().enumerate() {
            let what = format!("options->mounts[{index}]");
            builder = builder.mount(text(mount.guest, &format!("{what}.guest"))?, open(mount, &what)?);
        }
        let sites = array(options.sites, options.site_count, "options->sites")?;
        for (index, site) in sites.iter().enumerate() {
            builder = builder.site(path(*site, &format!("options->sites[{index}]"))?);
        }
        if !options.bytecode_cache.is_null() {
            builder = builder.bytecode_cache(path(options.bytecode_cache, "options->bytecode_cache")?);
        }
        for variable in texts(options.environment, options.environment_count, "options->environment")? {
            let (name, value) = variable.split_once('=').ok_or_else(|| {
                Failure::argument(format!("{variable:?} in options->environment is not NAME=value"))
            })?;
            builder = builder.env(name, value);
        }
        let arguments = texts(options.arguments, options.argument_count, "options->arguments")?;
        if !arguments.is_empty() {
            builder = builder.args(arguments);
        }
        let input = bytes(options.input, options.input_size, "options->input")?;
        if !input.is_empty() {
            builder = builder.stdin_bytes(input);
        }
        if let Some(seed) = options.seed.as_ref() {
            builder = builder.seed(*seed);
        }
        if let Some(moment) = options.clock_ms.as_ref() {
            if *moment > LATEST_MS {
                let message =
                    format!("options->clock_ms is {moment}, and python's clocks end at {LATEST_MS}");
                return Err(Failure::argument(message));
            }
            builder = builder.fixed_clock(SystemTime::UNIX_EPOCH + Duration::from_millis(*moment));
        }
    }
    Ok(match options.engine {
        0 => builder,
        1 => builder.engine(Engine::Wasmi),
        2 => builder.engine(Engine::Native),
        other => {
            return Err(Failure::argument(format!("{other} is not a value of python_wasm_engine")));
        }
    })
}

/// Opens a folder for one of the values of `python_wasm_access`.
///
/// # Safety
/// The strings of the mount are NULL or good.
unsafe fn open(mount: &MountOptions, what: &str) -> Result<Mount, Failure> {
    // SAFETY: NULL or good, by this function's contract.
    let host = || unsafe { path(mount.host, &format!("{what}.host")) };
    let opened = match mount.access {
        0 => Mount::read_only(host()?),
        1 => Mount::read_write(host()?),
        2 => Mount::overlay(host()?),
        3 => return Ok(Mount::memory()),
        other => {
            return Err(Failure::argument(format!("{other} is not a value of python_wasm_access")));
        }
    };
    Ok(opened.map_err(python_wasm::Error::from)?)
}
