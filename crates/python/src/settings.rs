//! What a sandbox is made from, as the package hands it over.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use python_wasm::{Engine, Error, Limits, Mount, Python as Guest, PythonBuilder};

/// The engines of this build by their names, the default one first.
#[cfg(feature = "native")]
pub(crate) const ENGINES: [(&str, Engine); 2] = [("native", Engine::Native), ("wasmi", Engine::Wasmi)];
#[cfg(not(feature = "native"))]
pub(crate) const ENGINES: [(&str, Engine); 1] = [("wasmi", Engine::Wasmi)];

/// The items of a dict of the package (`python_wasm._settings.Settings`).
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct Settings {
    /// Each folder's name in the sandbox, kind, and path on the host.
    mounts: Vec<(String, String, Option<PathBuf>)>,
    env: Vec<(String, String)>,
    args: Vec<String>,
    stdin: Vec<u8>,
    /// Seconds; `None` is no limit.
    timeout: Option<f64>,
    /// `None` is no limit.
    fuel: Option<u64>,
    memory: u64,
    output: u64,
    disk: u64,
    max_files: u64,
    open_files: u32,
    /// Seconds since 1970.
    clock: Option<f64>,
    seed: Option<u64>,
    engine: Option<String>,
}

impl Settings {
    /// Makes the builder. Opens the folders of the host: `OSError` if one cannot be opened, `ValueError` for
    /// what has no meaning.
    pub(crate) fn builder(self, py: Python<'_>) -> PyResult<PythonBuilder> {
        let mut builder = Guest::builder().limits(self.limits()?).engine(self.engine()?);
        for (name, kind, path) in &self.mounts {
            let mount = open(kind, path.as_ref()).map_err(|error| crate::error::raise_alone(py, &error))?;
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

    fn limits(&self) -> PyResult<Limits> {
        let timeout = match self.timeout {
            None => Duration::MAX,
            Some(seconds) if seconds.is_infinite() && seconds > 0.0 => Duration::MAX,
            Some(seconds) => Duration::try_from_secs_f64(seconds)
                .map_err(|error| PyValueError::new_err(format!("timeout={seconds}: {error}")))?,
        };
        Ok(Limits::default()
            .timeout(timeout)
            .fuel(self.fuel.unwrap_or(u64::MAX))
            .memory(self.memory)
            .output(self.output)
            .disk(self.disk)
            .files(self.max_files)
            .open_files(self.open_files))
    }

    fn engine(&self) -> PyResult<Engine> {
        let Some(name) = &self.engine else { return Ok(ENGINES[0].1) };
        let found = ENGINES.iter().find(|(other, _)| other == name);
        found.map(|(_, engine)| *engine).ok_or_else(|| {
            let names = ENGINES.map(|(name, _)| name).join(", ");
            PyValueError::new_err(format!("engine={name:?}: this build has {names}"))
        })
    }
}

fn open(kind: &str, path: Option<&PathBuf>) -> Result<Mount, Error> {
    Ok(match (kind, path) {
        ("read-only", Some(path)) => Mount::read_only(path)?,
        ("read-write", Some(path)) => Mount::read_write(path)?,
        ("overlay", Some(path)) => Mount::overlay(path)?,
        _ => Mount::memory(),
    })
}
