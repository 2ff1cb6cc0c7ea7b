//! A guest without wasm: memory, a bump allocator, calls by name, and the trace.

use std::sync::{Arc, Mutex};

use wasi_core::fs::Dir;
use wasi_core::types::Fd;
use wasi_core::{Errno, Stop, Streams, WasiCtx, WasiCtxBuilder, World, preview1};

/// Where results go, far from everything that is allocated.
pub(crate) const RESULT: u32 = 60_000;

/// A context with 64 KiB of guest memory, driven call by call.
pub(crate) struct Guest {
    pub(crate) ctx: WasiCtx,
    pub(crate) memory: Vec<u8>,
    next: u32,
    trace: Arc<Mutex<Vec<String>>>,
}

impl Guest {
    pub(crate) fn new(builder: WasiCtxBuilder) -> Self {
        let trace = Arc::new(Mutex::new(Vec::new()));
        let lines = trace.clone();
        let ctx = builder.trace(Box::new(move |line| lines.lock().unwrap().push(line.to_owned()))).build();
        Self { ctx: ctx.unwrap(), memory: vec![0; 1 << 16], next: 1024, trace }
    }

    /// Returns a fork, with empty streams.
    pub(crate) fn fork(&self) -> Self {
        self.fork_with(Streams::new())
    }

    pub(crate) fn fork_with(&self, streams: Streams) -> Self {
        let ctx = self.ctx.fork(streams).unwrap();
        Self { memory: self.memory.clone(), next: self.next, ..Self::with(ctx) }
    }

    /// Returns a second guest from the saved state of this one, with empty streams.
    pub(crate) fn resumed(&self, granted: Vec<(&str, Box<dyn Dir>)>) -> Self {
        self.resumed_with(granted, Streams::new())
    }

    pub(crate) fn resumed_with(&self, granted: Vec<(&str, Box<dyn Dir>)>, streams: Streams) -> Self {
        let world = World::from_bytes(&self.ctx.save().unwrap().to_bytes().unwrap()).unwrap();
        let granted = granted.into_iter().map(|(name, dir)| (name.to_owned(), dir));
        let ctx = world.resume(granted, streams).unwrap();
        Self { memory: self.memory.clone(), next: self.next, ..Self::with(ctx) }
    }

    /// Returns a guest with this context and without a trace.
    pub(crate) fn with(ctx: WasiCtx) -> Self {
        Self { ctx, memory: vec![0; 1 << 16], next: 1024, trace: Arc::default() }
    }

    /// Returns another number for the file of `fd`.
    pub(crate) fn dup(&mut self, fd: u64) -> u64 {
        self.ctx.duplicate(Fd(fd as u32)).unwrap().0.into()
    }

    /// Makes a call and returns the raw errno.
    pub(crate) fn raw(&mut self, name: &str, arguments: &[u64]) -> Result<i32, Stop> {
        let function = preview1::function(name).unwrap_or_else(|| panic!("no function {name}"));
        assert_eq!(function.params.len(), arguments.len(), "arguments of {name}");
        function.call(&mut self.ctx, &mut self.memory, arguments)
    }

    /// Makes a call that must not stop the guest.
    pub(crate) fn call(&mut self, name: &str, arguments: &[u64]) -> Result<(), Errno> {
        match self.raw(name, arguments).expect("the guest runs on") {
            0 => Ok(()),
            errno => Err(errno_of(errno)),
        }
    }

    /// Returns the last line of the trace.
    pub(crate) fn traced(&self) -> String {
        self.trace.lock().unwrap().last().cloned().unwrap_or_default()
    }

    /// Puts bytes into memory and returns pointer and length as two arguments.
    pub(crate) fn put(&mut self, bytes: &[u8]) -> [u64; 2] {
        let at = self.next.next_multiple_of(8);
        self.memory[at as usize..at as usize + bytes.len()].copy_from_slice(bytes);
        self.next = at + bytes.len() as u32;
        [at.into(), bytes.len() as u64]
    }

    /// Puts one iovec over each of these lengths and returns pointer, count, and the buffers' addresses.
    pub(crate) fn iovecs(&mut self, lengths: &[u32]) -> ([u64; 2], Vec<u64>) {
        let buffers: Vec<u64> =
            lengths.iter().map(|&length| self.put(&vec![0; length as usize])[0]).collect();
        let table: Vec<u8> = buffers
            .iter()
            .zip(lengths)
            .flat_map(|(&buffer, length)| [(buffer as u32).to_le_bytes(), length.to_le_bytes()])
            .flatten()
            .collect();
        let [at, _] = self.put(&table);
        ([at, lengths.len() as u64], buffers)
    }

    pub(crate) fn u32(&self, at: u64) -> u32 {
        u32::from_le_bytes(self.bytes(at, 4).try_into().unwrap())
    }

    pub(crate) fn u64(&self, at: u64) -> u64 {
        u64::from_le_bytes(self.bytes(at, 8).try_into().unwrap())
    }

    pub(crate) fn bytes(&self, at: u64, len: usize) -> &[u8] {
        &self.memory[at as usize..at as usize + len]
    }

    /// Calls `path_open` below `dir`, with the rights to read (2), write (64) or both.
    pub(crate) fn open(&mut self, dir: u64, path: &str, oflags: u64, rights: u64) -> Result<u64, Errno> {
        let [pointer, len] = self.put(path.as_bytes());
        self.call("path_open", &[dir, 1, pointer, len, oflags, rights, 0, 0, RESULT.into()])?;
        Ok(self.u32(RESULT.into()).into())
    }

    /// Calls `fd_write` with one buffer.
    pub(crate) fn write(&mut self, fd: u64, bytes: &[u8]) -> Result<u32, Errno> {
        let ([iovs, count], buffers) = self.iovecs(&[bytes.len() as u32]);
        let at = buffers[0] as usize;
        self.memory[at..at + bytes.len()].copy_from_slice(bytes);
        self.call("fd_write", &[fd, iovs, count, RESULT.into()])?;
        Ok(self.u32(RESULT.into()))
    }

    /// Calls `fd_read` with one buffer.
    pub(crate) fn read(&mut self, fd: u64, len: u32) -> Result<Vec<u8>, Errno> {
        let ([iovs, count], buffers) = self.iovecs(&[len]);
        self.call("fd_read", &[fd, iovs, count, RESULT.into()])?;
        Ok(self.bytes(buffers[0], self.u32(RESULT.into()) as usize).to_vec())
    }
}

fn errno_of(number: i32) -> Errno {
    use Errno::*;
    [
        Acces,
        Again,
        Badf,
        Exist,
        Fault,
        Fbig,
        Ilseq,
        Intr,
        Inval,
        Io,
        Isdir,
        Loop,
        Mfile,
        Nametoolong,
        Noent,
        Nospc,
        Notcapable,
        Notconn,
        Notdir,
        Notempty,
        Notsock,
        Notsup,
        Overflow,
        Perm,
        Pipe,
        Rofs,
        Spipe,
        Xdev,
    ]
    .into_iter()
    .find(|errno| i32::from(errno.raw()) == number)
    .unwrap_or_else(|| panic!("errno {number} is not expected anywhere"))
}
