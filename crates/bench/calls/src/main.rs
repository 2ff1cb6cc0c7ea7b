//! What each of the 46 calls costs a guest: here, in `wasmi_wasi`, and beside them a host function that does
//! nothing. One engine, one process, the three in turn; the table shows the best round of each.
//!
//! `cargo run --release --manifest-path crates/bench/calls/Cargo.toml [ROUNDS [CALL]]`: all
//! calls, or those that begin so.

use std::fs;
use std::time::Instant;

use python_wasm_engine::{HostFunction, Instance, InstanceLimits, Module, Origin, Outcome, Number};
use wasi_core::WasiCtx;
use wasi_core::fs::stdio::Capture;
use wasi_core::fs::{HostDir, Quota};
use wasmi_wasi::wasi_common::pipe::WritePipe;

/// Calls in one batch: some milliseconds of the cheap ones.
const BATCH: i32 = 20_000;

/// A call as text. Descriptor 4 is a file of 10 bytes, open for both; 3 is its folder, with a folder "d" and a
/// link "l". `$nothing` takes four numbers and gives one.
const CALLS: [(&str, &str); 48] = [
    ("(a function that does nothing)", "(call $nothing (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 8))"),
    ("args_get", "(call $args_get (i32.const 256) (i32.const 512))"),
    ("args_sizes_get", "(call $args_sizes_get (i32.const 8) (i32.const 12))"),
    ("environ_get", "(call $environ_get (i32.const 256) (i32.const 512))"),
    ("environ_sizes_get", "(call $environ_sizes_get (i32.const 8) (i32.const 12))"),
    ("clock_res_get", "(call $clock_res_get (i32.const 1) (i32.const 8))"),
    ("clock_time_get", "(call $clock_time_get (i32.const 1) (i64.const 0) (i32.const 8))"),
    ("fd_advise", "(call $fd_advise (i32.const 4) (i64.const 0) (i64.const 0) (i32.const 0))"),
    ("fd_allocate", "(call $fd_allocate (i32.const 4) (i64.const 0) (i64.const 1))"),
    ("fd_close, nothing there", "(call $fd_close (i32.const 99))"),
    ("fd_datasync", "(call $fd_datasync (i32.const 4))"),
    ("fd_fdstat_get", "(call $fd_fdstat_get (i32.const 4) (i32.const 256))"),
    ("fd_fdstat_set_flags", "(call $fd_fdstat_set_flags (i32.const 4) (i32.const 0))"),
    ("fd_fdstat_set_rights", "(call $fd_fdstat_set_rights (i32.const 4) (i64.const 2) (i64.const 0))"),
    ("fd_filestat_get", "(call $fd_filestat_get (i32.const 4) (i32.const 256))"),
    ("fd_filestat_set_size", "(call $fd_filestat_set_size (i32.const 4) (i64.const 10))"),
    ("fd_filestat_set_times", "(call $fd_filestat_set_times (i32.const 4) (i64.const 1) (i64.const 1) (i32.const 5))"),
    ("fd_pread", "(call $fd_pread (i32.const 4) (i32.const 16) (i32.const 1) (i64.const 0) (i32.const 8))"),
    ("fd_prestat_get", "(call $fd_prestat_get (i32.const 3) (i32.const 256))"),
    ("fd_prestat_dir_name", "(call $fd_prestat_dir_name (i32.const 3) (i32.const 256) (i32.const 4))"),
    ("fd_pwrite", "(call $fd_pwrite (i32.const 4) (i32.const 16) (i32.const 1) (i64.const 0) (i32.const 8))"),
    ("fd_read, at the end", "(call $fd_read (i32.const 4) (i32.const 16) (i32.const 1) (i32.const 8))"),
    ("fd_readdir", "(call $fd_readdir (i32.const 3) (i32.const 2048) (i32.const 4096) (i64.const 0) (i32.const 8))"),
    ("fd_renumber, to itself", "(call $fd_renumber (i32.const 4) (i32.const 4))"),
    ("fd_seek", "(call $fd_seek (i32.const 4) (i64.const 10) (i32.const 0) (i32.const 8))"),
    ("fd_sync", "(call $fd_sync (i32.const 4))"),
    ("fd_tell", "(call $fd_tell (i32.const 4) (i32.const 8))"),
    ("fd_write, to memory", "(call $fd_write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 8))"),
    ("fd_write, to the file", "(call $fd_write (i32.const 4) (i32.const 16) (i32.const 1) (i32.const 8))"),
    ("path_create_directory, there", "(call $path_create_directory (i32.const 3) (i32.const 36) (i32.const 1))"),
    ("path_filestat_get", "(call $path_filestat_get (i32.const 3) (i32.const 0) (i32.const 32) (i32.const 1) (i32.const 256))"),
    (
        "path_filestat_set_times",
        "(call $path_filestat_set_times (i32.const 3) (i32.const 0) (i32.const 32) (i32.const 1) (i64.const 1) (i64.const 1) (i32.const 5))",
    ),
    (
        "path_link, there",
        "(call $path_link (i32.const 3) (i32.const 0) (i32.const 32) (i32.const 1) (i32.const 3) (i32.const 34) (i32.const 1))",
    ),
    (
        "path_open and fd_close",
        "(i32.or (call $path_open (i32.const 3) (i32.const 0) (i32.const 32) (i32.const 1) (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 8))
                 (call $fd_close (i32.load (i32.const 8))))",
    ),
    (
        "path_readlink",
        "(call $path_readlink (i32.const 3) (i32.const 34) (i32.const 1) (i32.const 256) (i32.const 64) (i32.const 8))",
    ),
    ("path_remove_directory, none", "(call $path_remove_directory (i32.const 3) (i32.const 40) (i32.const 7))"),
    (
        "path_rename, to itself",
        "(call $path_rename (i32.const 3) (i32.const 32) (i32.const 1) (i32.const 3) (i32.const 32) (i32.const 1))",
    ),
    (
        "path_symlink, there",
        "(call $path_symlink (i32.const 32) (i32.const 1) (i32.const 3) (i32.const 34) (i32.const 1))",
    ),
    ("path_unlink_file, none", "(call $path_unlink_file (i32.const 3) (i32.const 40) (i32.const 7))"),
    ("poll_oneoff, a clock of 0", "(call $poll_oneoff (i32.const 128) (i32.const 256) (i32.const 1) (i32.const 8))"),
    ("proc_exit", "(call $proc_exit (i32.const 3)) (i32.const 0)"),
    ("proc_raise", "(call $proc_raise (i32.const 9))"),
    ("sched_yield", "(call $sched_yield)"),
    ("random_get, 8 bytes", "(call $random_get (i32.const 256) (i32.const 8))"),
    ("sock_accept, no socket", "(call $sock_accept (i32.const 4) (i32.const 0) (i32.const 8))"),
    (
        "sock_recv, no socket",
        "(call $sock_recv (i32.const 4) (i32.const 16) (i32.const 1) (i32.const 0) (i32.const 8) (i32.const 12))",
    ),
    ("sock_send, no socket", "(call $sock_send (i32.const 4) (i32.const 16) (i32.const 1) (i32.const 0) (i32.const 8))"),
    ("sock_shutdown, no socket", "(call $sock_shutdown (i32.const 4) (i32.const 1))"),
];

/// The guest: a function that opens the file, and one for each call, in a loop of `$n` rounds.
fn guest() -> Vec<u8> {
    let mut imports = String::new();
    for function in &wasi_core::preview1::FUNCTIONS {
        let params: String =
            function.params.iter().map(|ty| format!(" {}", format!("{ty:?}").to_lowercase())).collect();
        let result = if function.result.is_some() { "(result i32)" } else { "" };
        let name = function.name;
        imports += &format!(
            "(import \"wasi_snapshot_preview1\" \"{name}\" (func ${name} (param{params}) {result}))\n"
        );
    }
    let mut loops = String::new();
    for (index, (_, call)) in CALLS.iter().enumerate() {
        loops += &format!(
            "(func (export \"{index}\") (param $n i32)
               (loop $again (drop {})
                 (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))\n",
            // A call that does not return leaves nothing to drop but what stands behind it.
            if call.ends_with("(i32.const 0)") {
                format!("(block (result i32) {call})")
            } else {
                (*call).to_owned()
            }
        );
    }
    let text = format!(
        "(module {imports}
           (import \"host\" \"nothing\" (func $nothing (param i32 i32 i32 i32) (result i32)))
           (memory (export \"memory\") 1)
           ;; An iovec of one byte at 16; paths from 32 on; a subscription to the clock at 128.
           (data (i32.const 16) \"\\00\\04\\00\\00\\01\\00\\00\\00\")
           (data (i32.const 32) \"a l d   missing\")
           (func (export \"open\") (result i32)
             (call $path_open (i32.const 3) (i32.const 0) (i32.const 32) (i32.const 1) (i32.const 0)
               (i64.const 0x600077) (i64.const 0) (i32.const 0) (i32.const 8)))
           {loops})"
    );
    wat::parse_str(text).expect("the guest is well-formed")
}

/// Someone who runs the guest's functions.
trait Runs {
    fn run(&mut self, index: usize, rounds: i32);
}

struct Ours(Instance<()>);

impl Runs for Ours {
    fn run(&mut self, index: usize, rounds: i32) {
        let outcome = self.0.call(&index.to_string(), &[Number::I32(rounds)]).expect("it is exported");
        assert!(
            matches!(outcome, Outcome::Returned(None) | Outcome::Exited(3)),
            "{}: {outcome}",
            CALLS[index].0
        );
    }
}

struct Theirs {
    store: wasmi::Store<wasmi_wasi::WasiCtx>,
    instance: wasmi::Instance,
}

impl Runs for Theirs {
    fn run(&mut self, index: usize, rounds: i32) {
        self.store.set_fuel(u64::MAX).expect("fuel is counted");
        let function =
            self.instance.get_typed_func::<i32, ()>(&self.store, &index.to_string()).expect("it is exported");
        // proc_exit and, here, proc_raise end it.
        let _ended = function.call(&mut self.store, rounds);
    }
}

fn ours(wasm: &[u8], folder: &std::path::Path) -> Ours {
    const NOTHING: &[HostFunction<()>] =
        &[HostFunction { module: "host", name: "nothing", params: 4, body: |_, _| 0 }];
    let module = Module::new(wasm, Origin::Unknown, NOTHING).expect("it is a module");
    let wasi = WasiCtx::builder()
        .args(["program", "argument"])
        .env("KEY", "value")
        .stdout(Box::new(Capture::new()))
        .preopen("dir", Box::new(HostDir::open_ambient(folder, Quota::unlimited()).expect("a folder")))
        .limits(wasi_core::Limits { output: u64::MAX, ..wasi_core::Limits::default() })
        .build()
        .expect("a context");
    let mut instance = module.instantiate(wasi, (), InstanceLimits::NONE).expect("it fits");
    assert_eq!(instance.call("open", &[]).expect("it is exported"), Outcome::Returned(Some(Number::I32(0))));
    Ours(instance)
}

fn theirs(wasm: &[u8], folder: &std::path::Path) -> Theirs {
    let mut config = wasmi::Config::default();
    config.consume_fuel(true);
    let engine = wasmi::Engine::new(&config);
    let module = wasmi::Module::new(&engine, wasm).expect("it is a module");
    let dir = wasmi_wasi::Dir::open_ambient_dir(folder, cap_std::ambient_authority()).expect("a folder");
    let wasi = wasmi_wasi::WasiCtxBuilder::new()
        .arg("program")
        .and_then(|builder| builder.arg("argument"))
        .and_then(|builder| builder.env("KEY", "value"))
        .expect("arguments")
        .stdout(Box::new(WritePipe::new_in_memory()))
        .preopened_dir(dir, "dir")
        .expect("a folder")
        .build();
    let mut store = wasmi::Store::new(&engine, wasi);
    store.set_fuel(u64::MAX).expect("fuel is counted");
    let mut linker = wasmi::Linker::new(&engine);
    wasmi_wasi::add_to_linker(&mut linker, |wasi| wasi).expect("the functions");
    // The least that a host function can be on this engine.
    linker.func_wrap("host", "nothing", |_: i32, _: i32, _: i32, _: i32| 0_i32).expect("one more");
    let instance = linker.instantiate_and_start(&mut store, &module).expect("it fits");
    let open = instance.get_typed_func::<(), i32>(&store, "open").expect("it is exported");
    assert_eq!(open.call(&mut store, ()).expect("it returns"), 0);
    Theirs { store, instance }
}

/// Nanoseconds for each call of a batch.
fn time(runs: &mut dyn Runs, index: usize) -> f64 {
    let ends = CALLS[index].0.starts_with("proc_");
    let (batches, rounds) = if ends { (BATCH / 20, 1) } else { (1, BATCH) };
    let began = Instant::now();
    for _ in 0..batches {
        runs.run(index, rounds);
    }
    began.elapsed().as_nanos() as f64 / f64::from(batches * rounds)
}

fn main() {
    let rounds: usize = std::env::args().nth(1).map_or(5, |text| text.parse().expect("a number of rounds"));
    let wanted = std::env::args().nth(2).unwrap_or_default();
    let measured = |index: &usize| *index == 0 || CALLS[*index].0.starts_with(&wanted);
    let scratch = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a folder");
    let folder = scratch.path();
    fs::write(folder.join("a"), "0123456789").expect("a file");
    fs::create_dir(folder.join("d")).expect("a folder");
    std::os::unix::fs::symlink("a", folder.join("l")).expect("a link");
    let wasm = guest();
    let (mut ours, mut theirs) = (ours(&wasm, folder), theirs(&wasm, folder));
    let mut best = [[f64::INFINITY; 2]; CALLS.len()];
    for _ in 0..rounds {
        for (index, best) in best.iter_mut().enumerate().filter(|(index, _)| measured(index)) {
            best[0] = best[0].min(time(&mut ours, index));
            best[1] = best[1].min(time(&mut theirs, index));
        }
    }
    let nothing = best[0][1];
    println!(
        "nanoseconds for each call, best of {rounds}; a typed host function that does nothing takes {nothing:.1}"
    );
    println!("{:<34} {:>9} {:>10} {:>7} {:>10}", "", "wasi-core", "wasmi_wasi", "theirs", "of nothing");
    for index in (0..CALLS.len()).filter(measured) {
        let (name, [ours, theirs]) = (CALLS[index].0, best[index]);
        println!("{name:<34} {ours:>9.1} {theirs:>10.1} {:>6.1}x {:>9.1}x", theirs / ours, ours / nothing);
    }
}
