//! The whole state of a sandbox between two calls, to start others from and to keep in a file.

use std::io::{Read, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use python_wasm_engine::Engine;
use python_wasm_sandbox::{Limits, Sandbox};
use wasi_core::fs::Dir;
use wasi_core::random::Random;
use wasi_core::{Streams, WasiCtx, WorldError};

use super::guest::Guest;
use super::host::HostState;
use super::interpreter::Interpreter;
use super::replace::replace;
use super::snapshot_file::{self as file, Parts};
use super::{Python, PythonBuilder, Stdio, embedded};
use crate::error::Error;
use crate::trace;

/// Folders of the host, by their names in the guest.
pub(super) type Folders = Vec<(String, Box<dyn Dir>)>;

/// The state of a guest at one moment: its memory and its world.
pub(crate) struct GuestState {
    memory: python_wasm_engine::Snapshot,
    /// Only forked, never used itself. Threads that share a snapshot take turns.
    world: Mutex<(WasiCtx, HostState)>,
    limits: Limits,
}

/// What a guest that goes on from a state has otherwise than the one before. `None` is the same.
#[derive(Default)]
pub(super) struct Changes {
    pub(super) limits: Option<Limits>,
    pub(super) engine: Option<Engine>,
    pub(super) random: Option<Box<dyn Random>>,
}

impl GuestState {
    pub(crate) fn new(
        memory: python_wasm_engine::Snapshot,
        world: WasiCtx,
        host: HostState,
        limits: Limits,
    ) -> Self {
        Self { memory, world: Mutex::new((world, host)), limits }
    }

    pub(crate) fn memory(&self) -> &python_wasm_engine::Snapshot {
        &self.memory
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Whether the guest has something mounted at this name.
    pub(super) fn has_mount(&self, name: &str) -> bool {
        self.lock().1.mounts.iter().any(|mount| mount == name)
    }

    /// Makes a copy of the world, with these streams.
    pub(crate) fn world(&self, streams: Streams) -> Result<(WasiCtx, HostState), Error> {
        self.world_with(streams, None)
    }

    /// Makes a copy of the world, with these streams and perhaps with another source of randomness.
    fn world_with(
        &self,
        streams: Streams,
        random: Option<Box<dyn Random>>,
    ) -> Result<(WasiCtx, HostState), Error> {
        let (wasi, host) = &*self.lock();
        Ok((wasi.fork_with_random(streams, random).map_err(lost)?, host.fork()))
    }

    fn lock(&self) -> MutexGuard<'_, (WasiCtx, HostState)> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the same state with an image of its own: a guest that starts from it copies nothing.
    pub(crate) fn settled(&self) -> Result<Self, Error> {
        self.spawn(Streams::new())?.settle()
    }

    /// Makes another guest, which goes on from here with these streams.
    pub(crate) fn spawn(&self, streams: Streams) -> Result<Guest, Error> {
        self.spawn_with(streams, Changes::default())
    }

    /// Makes another guest, which goes on from here with these streams and changes.
    pub(super) fn spawn_with(&self, streams: Streams, changes: Changes) -> Result<Guest, Error> {
        let (wasi, mut host) = self.world_with(streams, changes.random)?;
        host.engine = changes.engine.unwrap_or(host.engine);
        let limits = changes.limits.unwrap_or_else(|| self.limits.clone());
        // Fuel is for each call.
        let engine_limits = python_wasm_engine::InstanceLimits { fuel: u64::MAX, ..(&limits).into() };
        let module = embedded::module(host.engine).map_err(Error::of_engine)?;
        let instance = module.restore(&self.memory, wasi, host, engine_limits).map_err(Error::of_snapshot)?;
        Ok(Guest::resumed(instance, limits))
    }

    /// Writes all of it as bytes, for a program with the same CPython to read.
    pub(crate) fn encode(&self, args: &[String]) -> Result<Vec<u8>, Error> {
        let (wasi, host) = &*self.lock();
        let parts =
            Parts { args: args.to_vec(), mounts: host.mounts.clone(), world: wasi.save().map_err(unsaved)? };
        let memory = self.memory.encode(&embedded::shared_image().map_err(Error::of_engine)?);
        file::pack(&parts, &memory)
    }

    /// Reads the bytes that [`encode`](Self::encode) made, for a sandbox with these folders of the host
    /// and these limits, which lower those of the file. Returns `sys.argv`, too.
    pub(crate) fn decode(bytes: &[u8], sandbox: Sandbox) -> Result<(Self, Vec<String>), Error> {
        let (limits, engine) = (sandbox.limits.clone(), sandbox.engine);
        Self::decode_with(bytes, limits, engine, |_needed| Ok(sandbox.folders()))
    }

    /// Reads the same; `folders` opens those of the host with the names that it gets.
    fn decode_with(
        bytes: &[u8],
        limits: Limits,
        engine: Engine,
        folders: impl FnOnce(&[&str]) -> Result<Folders, Error>,
    ) -> Result<(Self, Vec<String>), Error> {
        let unpacked = file::unpack(bytes, &limits)?;
        let (Parts { args, mounts, mut world }, memory) = unpacked.parts(&limits)?;
        let image = embedded::shared_image().map_err(Error::of_engine)?;
        let memory = python_wasm_engine::Snapshot::decode(memory, &image).ok_or_else(file::damaged)?;
        world.restrict(&(&limits).into(), limits.disk, limits.files);
        let needed: Vec<&str> = world.grants().collect();
        let mut granted = folders(&needed)?;
        granted.push(("/usr".into(), embedded::library()?));
        let world = world.resume(granted, Streams::new()).map_err(unsaved)?;
        let output = limits.output.min(world.limits().output);
        let limits = limits.output(output);
        Ok((Self::new(memory, world, HostState::new(None, mounts, engine), limits), args))
    }
}

fn unsaved(error: WorldError) -> Error {
    let message = match &error {
        WorldError::NotGranted(name) => format!("the snapshot needs a folder granted as {name}"),
        error => error.to_string(),
    };
    Error::snapshot_because(message, error)
}

pub(crate) fn lost(errno: wasi_core::Errno) -> Error {
    Error::snapshot_because(format!("the sandbox's files cannot be taken along: {errno}"), errno)
}

/// The whole state of a sandbox between two calls: every object, every file in memory, the granted folders.
///
/// A snapshot holds the difference to the state in which Python starts, so it is small and quick to make.
/// Cloning shares it, and threads may share it. Sandboxes that start from it see nothing of each other.
/// They share the folders of the host, whose files are not part of a snapshot.
///
/// ```
/// let mut py = python_wasm::Python::builder().build()?;
/// py.exec("import json; x = 40")?;
/// let snapshot = py.snapshot()?;
/// let mut other = snapshot.spawn()?;
/// other.exec("x += 1")?;
/// assert_eq!((py.eval::<i64>("x")?, other.eval::<i64>("x")?), (40, 41));
/// # Ok::<(), python_wasm::Error>(())
/// ```
#[derive(Clone)]
pub struct Snapshot {
    pub(super) state: Arc<GuestState>,
    /// `sys.argv` of the sandbox.
    pub(super) args: Vec<String>,
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot").field("size", &self.size()).finish_non_exhaustive()
    }
}

impl Snapshot {
    /// Returns the bytes that it takes in memory. They include what it shares with other snapshots of the
    /// same sandbox, but no files in memory.
    pub fn size(&self) -> usize {
        self.state.memory.size()
    }

    /// Returns the bytes that it takes in memory and `other` does not: for many snapshots of one sandbox, whose
    /// sizes count what they share each time.
    pub fn added_to(&self, other: &Self) -> usize {
        self.state.memory.added_to(&other.state.memory)
    }

    /// Returns the limits that sandboxes from here have, unless they are given others.
    pub fn limits(&self) -> &Limits {
        self.state.limits()
    }

    /// Makes the same state with a memory of its own. This takes some megabytes once, and makes every
    /// sandbox that starts from it quicker and smaller. A [`Pool`](crate::Pool) does it by itself.
    pub fn settled(&self) -> Result<Self, Error> {
        Ok(Self { state: Arc::new(self.state.settled()?), args: self.args.clone() })
    }

    /// Writes it to a file for [`load`](Self::load), which [`inspect`](Self::inspect) describes. The machine and the
    /// build of the program that loads it may be others, if its CPython is [the same](crate::SnapshotInfo).
    ///
    /// Files in memory are part of it. Folders of the host are not, and files that were open there raise
    /// `OSError` in the program that goes on. A file that is there is replaced as a whole. [`Error::Io`] if the file
    /// cannot be written; then what was there is as it was.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        Ok(replace(path.as_ref(), &self.to_bytes()?)?)
    }

    /// Writes what [`save`](Self::save) writes, for [`read_from`](Self::read_from). [`Error::Io`] if the writer fails.
    pub fn write_to(&self, mut writer: impl Write) -> Result<(), Error> {
        Ok(writer.write_all(&self.to_bytes()?)?)
    }

    /// Returns what [`save`](Self::save) writes, for [`from_bytes`](Self::from_bytes). [`Error::Snapshot`] if
    /// a part of the sandbox cannot be saved.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        self.state.encode(&self.args)
    }

    /// Reads a file that [`save`](Self::save) wrote. Sandboxes that start from it have the default
    /// [`Limits`], or those of the sandbox that was saved where they are lower.
    ///
    /// [`Error::Snapshot`] if the file is not a snapshot, is damaged or needs another CPython, and if
    /// its sandbox had a folder of the host, which [`PythonBuilder::resume`](crate::PythonBuilder::resume)
    /// grants anew. [`Error::Io`] if the file cannot be read.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, Error> {
        Self::from_bytes(&file::read(path.as_ref(), &Limits::default())?)
    }

    /// Reads what [`write_to`](Self::write_to) wrote, to the reader's end, as [`load`](Self::load) reads a file. It reads
    /// no more than a sandbox with the default limits can have.
    pub fn read_from(reader: impl Read) -> Result<Self, Error> {
        Self::from_bytes(&file::read_all(reader, &Limits::default())?)
    }

    /// Reads what [`to_bytes`](Self::to_bytes) returned, as [`load`](Self::load) reads a file.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        Self::decode(bytes, Limits::default(), Engine::default(), |_needed| Ok(Vec::new()))
    }

    /// Reads a snapshot for a sandbox with these limits; `folders` opens those of the host with the names that it
    /// gets.
    pub(super) fn decode(
        bytes: &[u8],
        limits: Limits,
        engine: Engine,
        folders: impl FnOnce(&[&str]) -> Result<Folders, Error>,
    ) -> Result<Self, Error> {
        let (state, args) = GuestState::decode_with(bytes, limits, engine, folders)?;
        Ok(Self { state: Arc::new(state), args })
    }

    /// Makes a sandbox that goes on from here. Its output is captured and its input empty.
    ///
    /// Everything is as it was, except that `random` is reseeded from the sandbox's own source of
    /// randomness.
    pub fn spawn(&self) -> Result<Python, Error> {
        let (span, stdio) = (trace::Spawn::begin(), Stdio::captured());
        let guest = self.state.spawn(stdio.streams()?)?;
        let interpreter = Interpreter::new(guest, stdio, self.args.clone());
        interpreter.was_spawned(span);
        Ok(Python::new(interpreter))
    }

    /// Starts to describe a sandbox that goes on from here with streams, limits, functions, variables or
    /// folders of its own.
    ///
    /// ```
    /// let mut py = python_wasm::Python::builder().build()?;
    /// py.exec("greeting = 'hello'")?;
    /// let snapshot = py.snapshot()?;
    /// let mut other = snapshot.builder().stdin_bytes("world").seed(1).spawn()?;
    /// assert_eq!(other.eval::<String>("greeting + ' ' + input()")?, "hello world");
    /// # Ok::<(), python_wasm::Error>(())
    /// ```
    pub fn builder(&self) -> PythonBuilder {
        PythonBuilder { snapshot: Some(self.clone()), ..PythonBuilder::default() }
    }
}
