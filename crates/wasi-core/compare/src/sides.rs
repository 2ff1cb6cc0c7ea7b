//! The two sides: a guest without code of its own, for which the plan makes calls.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use wasi_core::fs::stdio::{Capture, Input};
use wasi_core::fs::{HostDir, Quota};
use wasi_core::{Limits, WasiCtx, preview1};
use wasmtime::{Engine, Instance, Linker, Memory, Module, Result, Store, Val};
use wasmtime_wasi::p1::{self, WasiP1Ctx};
use wasmtime_wasi::p2::pipe::{MemoryInputPipe, MemoryOutputPipe};
use wasmtime_wasi::{FsPerms, WasiCtxBuilder};

use crate::plans::{Call, MEMORY, memory, populate};

/// How a call ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Errno(i32),
    /// The guest cannot go on.
    Trap,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Errno(errno) => write!(f, "{errno}"),
            Self::Trap => f.write_str("trap"),
        }
    }
}

/// Makes the folder that both begin with.
fn prepare(folder: &Path) -> PathBuf {
    let granted = folder.join("granted");
    populate(&granted).unwrap();
    fs::write(folder.join("canary"), "canary").unwrap();
    granted
}

/// Returns every name below the folder, with the file's content or the link's target.
pub fn tree(folder: &Path) -> io::Result<BTreeMap<String, Vec<u8>>> {
    let mut names = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next)? {
            let path = entry?.path();
            let kind = fs::symlink_metadata(&path)?.file_type();
            let content = if kind.is_dir() {
                folders.push(path.clone());
                b"a folder".to_vec()
            } else if kind.is_symlink() {
                fs::read_link(&path)?.into_os_string().into_encoded_bytes()
            } else {
                let bytes = fs::read(&path)?;
                // Not the whole content, because a file may have a large hole.
                [bytes.len().to_string().as_bytes(), &bytes[..bytes.len().min(4096)]].concat()
            };
            names.insert(path.strip_prefix(folder).unwrap().display().to_string(), content);
        }
    }
    Ok(names)
}

pub struct Ours {
    ctx: WasiCtx,
    pub memory: Vec<u8>,
}

impl Ours {
    pub fn new(folder: &Path) -> Self {
        let dir = HostDir::open_ambient(prepare(folder), Quota::unlimited()).unwrap();
        let ctx = WasiCtx::builder()
            .args(["program", "argument"])
            .env("KEY", "value")
            .stdin(Box::new(Input::new(b"input")))
            .stdout(Box::new(Capture::new()))
            .stderr(Box::new(Capture::new()))
            .preopen("dir", Box::new(dir))
            .limits(Limits { output: u64::MAX, ..Limits::default() })
            .build()
            .unwrap();
        Self { ctx, memory: memory() }
    }

    /// Whether this is the descriptor of a standard stream.
    pub fn is_stream(&mut self, fd: u64) -> bool {
        let mut fdstat = [0; 24];
        let found = preview1::function("fd_fdstat_get").unwrap().call(&mut self.ctx, &mut fdstat, &[fd, 0]);
        let (directory, regular_file) = (3, 4);
        found == Ok(0) && ![directory, regular_file].contains(&fdstat[0])
    }

    pub fn make(&mut self, call: &Call) -> Outcome {
        match call.function.call(&mut self.ctx, &mut self.memory, &call.arguments) {
            Ok(errno) => Outcome::Errno(errno),
            Err(_) => Outcome::Trap,
        }
    }
}

/// The compiled module, which passes on each call.
pub struct Wasmtime {
    linker: Linker<WasiP1Ctx>,
    module: Module,
}

impl Wasmtime {
    pub fn new() -> Result<Self> {
        let engine = Engine::default();
        let mut linker = Linker::new(&engine);
        p1::add_to_linker_sync(&mut linker, |ctx| ctx)?;
        let (mut imports, mut exports) = (String::new(), String::new());
        for function in &preview1::FUNCTIONS {
            let name = function.name;
            let types: Vec<String> =
                function.params.iter().map(|ty| format!("{ty:?}").to_lowercase()).collect();
            let result = if function.result.is_some() { "(result i32)" } else { "" };
            let signature = format!("(param {}) {result}", types.join(" "));
            imports +=
                &format!("(import \"wasi_snapshot_preview1\" \"{name}\" (func ${name} {signature}))\n");
            let passed: String = (0..types.len()).map(|index| format!("(local.get {index})")).collect();
            exports += &format!("(func (export \"{name}\") {signature} (call ${name} {passed}))\n");
        }
        let text = format!("(module {imports} (memory (export \"memory\") 1 1) {exports})");
        assert_eq!(MEMORY, 1 << 16, "one page");
        Ok(Self { linker, module: Module::new(&engine, wat::parse_str(text).unwrap())? })
    }
}

pub struct Theirs {
    store: Store<WasiP1Ctx>,
    instance: Instance,
    memory: Memory,
}

impl Theirs {
    pub fn new(wasmtime: &Wasmtime, folder: &Path) -> Result<Self> {
        let ctx = WasiCtxBuilder::new()
            .args(&["program", "argument"])
            .env("KEY", "value")
            .stdin(MemoryInputPipe::new("input"))
            .stdout(MemoryOutputPipe::new(1 << 24))
            .stderr(MemoryOutputPipe::new(1 << 24))
            .preopened_dir(prepare(folder), "dir", FsPerms::ReadWrite)?
            .build_p1();
        let mut store = Store::new(wasmtime.module.engine(), ctx);
        let instance = wasmtime.linker.instantiate(&mut store, &wasmtime.module)?;
        let memory_export = instance.get_memory(&mut store, "memory").unwrap();
        let mut theirs = Self { store, instance, memory: memory_export };
        theirs.memory_mut().copy_from_slice(&memory());
        Ok(theirs)
    }

    pub fn memory_mut(&mut self) -> &mut [u8] {
        self.memory.data_mut(&mut self.store)
    }

    pub fn make(&mut self, call: &Call) -> Outcome {
        let function = self.instance.get_func(&mut self.store, call.function.name).unwrap();
        let arguments: Vec<Val> = call
            .function
            .params
            .iter()
            .zip(&call.arguments)
            .map(|(ty, &raw)| match ty {
                preview1::ValType::I32 => Val::I32(raw as i32),
                preview1::ValType::I64 => Val::I64(raw as i64),
            })
            .collect();
        let mut results = [Val::I32(0)];
        match function.call(&mut self.store, &arguments, &mut results) {
            Ok(()) => Outcome::Errno(results[0].unwrap_i32()),
            Err(_) => Outcome::Trap,
        }
    }

    /// Whether the call left the same bytes in memory, except for what differs by host, clock or entropy.
    pub fn same_bytes(&mut self, call: &Call, ours: &[u8], before: &[u8]) -> bool {
        let at = |index: usize| call.arguments[index] as usize;
        let mut theirs = self.memory_mut().to_vec();
        let mut ours = ours.to_vec();
        // wasmtime does not write the padding between fields.
        let own = match call.function.name {
            // Numbers of devices and inodes, and times. Of a folder, links and size, too.
            "fd_filestat_get" | "path_filestat_get" => {
                let stat = at(call.arguments.len() - 1);
                let of_a_folder = if ours[stat + 16] == 3 { stat + 24..stat + 40 } else { 0..0 };
                vec![stat..stat + 16, stat + 17..stat + 24, stat + 40..stat + 64, of_a_folder]
            }
            // Rights: wasmtime reports other ones, and neither enforces them.
            "fd_fdstat_get" => vec![at(1) + 1..at(1) + 2, at(1) + 4..at(1) + 24],
            "fd_prestat_get" => vec![at(1) + 1..at(1) + 4],
            "clock_time_get" => vec![at(2)..at(2) + 8],
            "clock_res_get" => vec![at(1)..at(1) + 8],
            "random_get" => vec![at(0)..at(0) + at(1)],
            // The order of names, and inodes. The length is the same unless the buffer cuts an entry.
            "fd_readdir" => vec![at(1)..at(1) + at(2)],
            _ => Vec::new(),
        };
        for range in own {
            for side in [&mut ours, &mut theirs] {
                side[range.clone()].copy_from_slice(&before[range.clone()]);
            }
        }
        ours == theirs
    }
}
