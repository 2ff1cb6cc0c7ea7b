//! Going on from a snapshot, in a sandbox that is described anew.

use std::path::Path;

use python_wasm_sandbox::{Limits, Mount, Sandbox};
use wasi_core::random::{Random, SeededRandom};

use super::builder::refused;
use super::interpreter::Interpreter;
use super::limits::{check_fixed, check_limits};
use super::site;
use super::snapshot::{Changes, Folders};
use super::{Python, PythonBuilder, Snapshot, snapshot_file as file};
use crate::error::Error;
use crate::trace;
use crate::value::Value;

impl PythonBuilder {
    /// Makes a sandbox that goes on from the snapshot of [`Snapshot::builder`](crate::Snapshot::builder);
    /// without one it is [`build`](Self::build).
    ///
    /// [`Error::Config`] for what does not fit a Python that has started: a clock, a variable that Python reads
    /// when it starts (`PYTHON...`), a folder at a name that the snapshot has already, other limits on disk
    /// space and open files. [`Error::Snapshot`] if the snapshot has more memory than the limit.
    pub fn spawn(self) -> Result<Python, Error> {
        self.build()
    }

    /// Goes on from a file that [`Snapshot::save`](crate::Snapshot::save) wrote.
    ///
    /// The builder grants the folders of the host that the saved sandbox had, under the same names. The
    /// changes that an overlay kept aside are part of the file, and can be committed. Of an
    /// [image](Self::image) that the saved sandbox started from, the builder grants the sites. Streams, limits and
    /// functions are the builder's; arguments, variables, a seed and further folders of the builder's are
    /// added. The limits on disk space and open files are the saved ones.
    ///
    /// [`Error::Snapshot`] if the file cannot be used, or needs a folder under a name that is not granted;
    /// [`Error::Config`] for what does not fit, as from [`spawn`](Self::spawn); [`Error::Io`] if the file
    /// cannot be read.
    pub fn resume(self, path: impl AsRef<Path>) -> Result<Python, Error> {
        let bytes = file::read(path.as_ref(), &self.limits.clone().unwrap_or_default())?;
        self.resume_bytes(&bytes)
    }

    /// Goes on from what [`Snapshot::to_bytes`](crate::Snapshot::to_bytes) returned, as
    /// [`resume`](Self::resume) does from a file.
    pub fn resume_bytes(mut self, bytes: &[u8]) -> Result<Python, Error> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        let limits = self.limits.take().unwrap_or_default();
        let engine = self.engine.unwrap_or_default();
        if let Some(image) = self.image.take() {
            self.mounts.extend(image.mounts());
        }
        self.keep_bytecode(&limits);
        let mounts = &mut self.mounts;
        let snapshot = Snapshot::decode(bytes, limits.clone(), engine, |needed| {
            folders(mounts, needed, limits.clone())
        })?;
        self.go_on(&snapshot)
    }

    /// Goes on from a snapshot with everything that the builder was given.
    pub(super) fn go_on(mut self, snapshot: &Snapshot) -> Result<Python, Error> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        if self.image.is_some() {
            return Err(Error::config("an image does not fit a snapshot, whose python has started already"));
        }
        #[cfg(feature = "tokio")]
        self.choose_runtime()?;
        let span = trace::Spawn::begin();
        self.keep_bytecode(&self.limits.clone().unwrap_or_else(|| snapshot.state.limits().clone()));
        let Self { mounts, sites, env, seed, clock, engine, limits, args, stdio, functions, .. } = self;
        if clock.is_some() {
            return Err(Error::config("fixed_clock does not fit a snapshot, which has a clock already"));
        }
        if let Some((key, _)) = env.iter().find(|(key, _)| key.starts_with("PYTHON")) {
            let message =
                format!("the variable {key} does not fit a snapshot: python reads it when it starts");
            return Err(Error::config(message));
        }
        if let Some((name, _)) = mounts.iter().find(|(name, _)| snapshot.state.has_mount(name)) {
            return Err(Error::config(format!("the snapshot has a folder at {name:?} already")));
        }
        let limits = limits.unwrap_or_else(|| snapshot.state.limits().clone());
        check_limits(&limits)?;
        check_fixed(snapshot.state.limits(), &limits)?;
        let random = seed.map(|seed| Box::new(SeededRandom::new(seed)) as Box<dyn Random>);
        let changes = Changes { limits: Some(limits.clone()), engine, random };
        let guest = snapshot.state.spawn_with(stdio.streams()?, changes)?;

        let are_new = !functions.is_empty();
        let mut python = Interpreter::new(guest, stdio, snapshot.args.clone());
        python.guest.instance_mut().state_mut().functions.extend(functions);
        let mut grants = Sandbox::new(limits).grants();
        for (name, mount) in mounts {
            let dir = grants.add(&name, mount).map_err(refused)?;
            python.guest.grant(&name, dir).map_err(Error::config_of)?;
        }
        // One that the snapshot had is in its path.
        let sites: Vec<String> = sites.into_iter().filter(|site| !snapshot.state.has_mount(site)).collect();
        if !sites.is_empty() {
            let (operation, arguments) = site::request(&sites);
            python.tell_ahead(operation, arguments);
        }
        if !env.is_empty() {
            let pairs = env.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
            python.tell_ahead("environment", vec![Value::Dict(pairs)]);
        }
        if are_new {
            python.tell_surroundings();
        } else {
            python.tell_streams();
        }
        if !args.is_empty() {
            python.args = args;
            python.tell_args();
        }
        python.was_spawned(span);
        Ok(Python::new(python))
    }
}

/// Takes the folders with these names out of `mounts` and opens them. The library is not among them: it is
/// the program's own, whatever is mounted.
///
/// [`Error::Config`] for a folder in memory, which would have to be the one of the snapshot.
fn folders(mounts: &mut Vec<(String, Mount)>, needed: &[&str], limits: Limits) -> Result<Folders, Error> {
    let mut sandbox = Sandbox::new(limits);
    for (name, mount) in std::mem::take(mounts) {
        if name != "/usr" && needed.contains(&name.as_str()) {
            sandbox.mount(name, mount);
        } else {
            mounts.push((name, mount));
        }
    }
    let names = sandbox.names();
    let folders = sandbox.folders();
    match names.into_iter().find(|name| !folders.iter().any(|(other, _)| other == name)) {
        None => Ok(folders),
        Some(name) => {
            let message = format!("the snapshot had a folder of the host at {name:?}, and not one in memory");
            Err(Error::config(message))
        }
    }
}
