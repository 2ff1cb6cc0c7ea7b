//! What a sandbox is made from, as the package hands it over.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use python_wasm::{Engine, Error, Limits, Mount, Python as Guest, PythonBuilder, Snapshot, user_cache};

use crate::error::raise_alone;
use crate::image::Image;

/// The engines of this build by their names, the default one first.
#[cfg(feature = "native")]
pub(crate) const ENGINES: [(&str, Engine); 2] = [("native", Engine::Native), ("wasmi", Engine::Wasmi)];
#[cfg(not(feature = "native"))]
pub(crate) const ENGINES: [(&str, Engine); 1] = [("wasmi", Engine::Wasmi)];

/// The items of a dict of the package (`python_wasm._settings.Settings`). `None` is the default, or what the
/// snapshot has.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Settings {
    /// Each folder's name in the sandbox, kind, and path on the host.
    mounts: Vec<(String, String, Option<PathBuf>)>,
    /// Folders of packages.
    sites: Vec<PathBuf>,
    image: Option<Py<Image>>,
    env: Vec<(String, String)>,
    args: Vec<String>,
    stdin: Vec<u8>,
    limits: SomeLimits,
    /// Seconds since 1970.
    clock: Option<f64>,
    seed: Option<u64>,
    engine: Option<String>,
}

/// The items of `python_wasm._settings.SomeLimits`. `None` changes nothing.
#[derive(Clone, Copy, FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct SomeLimits {
    /// Seconds; infinity is no limit.
    timeout: Option<f64>,
    /// 2⁶⁴-1 is no limit.
    fuel: Option<u64>,
    memory: Option<u64>,
    output: Option<u64>,
    disk: Option<u64>,
    max_files: Option<u64>,
    open_files: Option<u32>,
    tool_calls: Option<u64>,
    tool_time: Option<f64>,
}

impl Settings {
    /// Describes a new sandbox. Opens the folders of the host: `OSError` if one cannot be opened, `ValueError`
    /// for what has no meaning.
    pub(crate) fn builder(self, py: Python<'_>) -> PyResult<PythonBuilder> {
        let engine = self.engine()?.unwrap_or(ENGINES[0].1);
        self.describe(py, Guest::builder().engine(engine), &Limits::default())
    }

    /// Describes a sandbox that goes on from a snapshot. The same errors.
    pub(crate) fn builder_from(self, py: Python<'_>, snapshot: &Snapshot) -> PyResult<PythonBuilder> {
        let mut builder = snapshot.builder();
        if let Some(engine) = self.engine()? {
            builder = builder.engine(engine);
        }
        self.describe(py, builder, snapshot.limits())
    }

    fn describe(self, py: Python<'_>, builder: PythonBuilder, limits: &Limits) -> PyResult<PythonBuilder> {
        let mut builder = builder.limits(self.limits.over(limits).map_err(|error| raise_alone(py, &error))?);
        if let Some(image) = &self.image {
            builder = builder.image(&image.get().inner);
        }
        for site in &self.sites {
            builder = builder.site(site);
        }
        if (self.image.is_some() || !self.sites.is_empty())
            && let Some(cache) = user_cache()
        {
            builder = builder.bytecode_cache(cache);
        }
        for (name, kind, path) in &self.mounts {
            let mount = open(kind, path.as_ref()).map_err(|error| raise_alone(py, &error))?;
            builder = builder.mount(name, mount);
        }
        for (key, value) in &self.env {
            builder = builder.env(key, value);
        }
        if let Some(moment) = self.clock {
            let since = Duration::try_from_secs_f64(moment)
                .map_err(|error| PyValueError::new_err(format!("clock={moment}: {error}")))?;
            let moment = SystemTime::UNIX_EPOCH
                .checked_add(since)
                .ok_or_else(|| PyValueError::new_err(format!("clock={moment} is too late")))?;
            builder = builder.fixed_clock(moment);
        }
        if let Some(seed) = self.seed {
            builder = builder.seed(seed);
        }
        if !self.stdin.is_empty() {
            builder = builder.stdin_bytes(self.stdin);
        }
        if !self.args.is_empty() {
            builder = builder.args(self.args);
        }
        Ok(builder)
    }

    fn engine(&self) -> PyResult<Option<Engine>> {
        let Some(name) = &self.engine else { return Ok(None) };
        let found = ENGINES.iter().find(|(other, _)| other == name);
        found.map(|(_, engine)| Some(*engine)).ok_or_else(|| {
            let names = ENGINES.map(|(name, _)| name).join(", ");
            PyValueError::new_err(format!("engine={name:?}: this build has {names}"))
        })
    }
}

impl SomeLimits {
    /// Returns these limits, and the others as they are in `limits`.
    pub(crate) fn over(&self, limits: &Limits) -> Result<Limits, Error> {
        let time = |name, seconds: Option<f64>, limit| match seconds {
            None => Ok(limit),
            Some(seconds) if seconds.is_infinite() && seconds > 0.0 => Ok(Duration::MAX),
            Some(seconds) => Duration::try_from_secs_f64(seconds)
                .map_err(|error| Error::Argument(format!("{name}={seconds}: {error}"))),
        };
        Ok(limits
            .clone()
            .timeout(time("timeout", self.timeout, limits.timeout)?)
            .fuel(self.fuel.unwrap_or(limits.fuel))
            .memory(self.memory.unwrap_or(limits.memory))
            .output(self.output.unwrap_or(limits.output))
            .disk(self.disk.unwrap_or(limits.disk))
            .files(self.max_files.unwrap_or(limits.files))
            .open_files(self.open_files.unwrap_or(limits.open_files))
            .host_calls(self.tool_calls.unwrap_or(limits.host_calls))
            .host_time(time("tool_time", self.tool_time, limits.host_time)?))
    }
}

/// Describes limits for the package: `(timeout, fuel, memory, output, disk, max_files, open_files, tool_calls,
/// tool_time)`, where times, fuel and calls are `None` for no limit.
pub(crate) fn described<'py>(py: Python<'py>, limits: &Limits) -> PyResult<Bound<'py, PyAny>> {
    let time = |time: Duration| (time != Duration::MAX).then_some(time.as_secs_f64());
    let count = |count: u64| (count != u64::MAX).then_some(count);
    let (timeout, tool_time) = (time(limits.timeout), time(limits.host_time));
    let (fuel, tool_calls) = (count(limits.fuel), count(limits.host_calls));
    let Limits { memory, output, disk, files, open_files, .. } = *limits;
    let all = (timeout, fuel, memory, output, disk, files, open_files, tool_calls, tool_time);
    Ok(all.into_pyobject(py)?.into_any())
}

fn open(kind: &str, path: Option<&PathBuf>) -> Result<Mount, Error> {
    Ok(match (kind, path) {
        ("read-only", Some(path)) => Mount::read_only(path)?,
        ("read-write", Some(path)) => Mount::read_write(path)?,
        ("overlay", Some(path)) => Mount::overlay(path)?,
        _ => Mount::memory(),
    })
}
