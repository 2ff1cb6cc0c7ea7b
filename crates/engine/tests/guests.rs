//! What the engine guarantees, whatever a guest does. The guests are written in WebAssembly's text format.

use std::io::Write as _;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use python_wasm_engine::{
    Error, HostCall, HostFunction, Instance, InstanceLimits, Module, Number, Origin, Outcome,
};
use wasi_core::fs::stdio::{Capture, HostStream};
use wasi_core::{WasiCtx, WasiCtxBuilder};

const NO_FUNCTIONS: &[HostFunction<()>] = &[];

/// A bound that tells a run that was stopped from one that never was.
const LONG: Duration = Duration::from_mins(1);

fn module(wat: &str) -> Result<Module<()>, Error> {
    Module::new(&wat::parse_str(wat).unwrap(), Origin::Unknown, NO_FUNCTIONS)
}

fn instance_with(wat: &str, wasi: WasiCtxBuilder, limits: InstanceLimits) -> Instance<()> {
    module(wat).unwrap().instantiate(wasi.build().unwrap(), (), limits).unwrap()
}

fn instance(wat: &str) -> Instance<()> {
    instance_with(wat, WasiCtx::builder(), InstanceLimits::NONE)
}

/// Calls `_start` and, once the guest runs, does something to it from another thread.
fn run_and(
    wat: &str,
    wasi: WasiCtxBuilder,
    act: impl FnOnce(&wasi_core::Interrupt) + Send + 'static,
) -> Outcome {
    // The guest's first call, whose trace tells that it runs.
    let import = r#"(module (import "wasi_snapshot_preview1" "sched_yield" (func $begin (result i32)))"#;
    let start = r#"(func (export "_start") (drop (call $begin))"#;
    let wat = wat.replacen("(module", import, 1).replacen(r#"(func (export "_start")"#, start, 1);
    let (began, begins) = mpsc::channel();
    // Nobody listens any more after the first call.
    let wasi = wasi.trace(Box::new(move |_| began.send(()).unwrap_or_default()));
    let mut instance = instance_with(&wat, wasi, InstanceLimits::NONE);
    let interrupt = instance.wasi().interrupt().clone();
    let thread = thread::spawn(move || {
        begins.recv().unwrap();
        act(&interrupt);
    });
    let outcome = instance.call("_start", &[]).unwrap();
    thread.join().unwrap();
    outcome
}

const LOOP: &str = r#"(module (func (export "_start") (loop $again (br $again))))"#;

#[test]
fn a_long_loop_needs_no_native_stack() {
    // In a build without wasmi's sibling calls this overflows the stack: see the profiles in Cargo.toml.
    let mut instance = instance(
        r#"(module (func (export "count") (param $n i32) (result i32) (local $i i32)
            (loop $again
                (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
            (local.get $i)))"#,
    );
    let outcome = instance.call("count", &[Number::I32(20_000_000)]).unwrap();
    assert_eq!(outcome, Outcome::Returned(Some(Number::I32(20_000_000))));
}

#[test]
fn a_loop_ends_at_its_deadline() {
    let mut instance = instance(LOOP);
    let began = Instant::now();
    instance.wasi_mut().set_deadline(Some(began + Duration::from_millis(50)));
    assert_eq!(instance.call("_start", &[]).unwrap(), Outcome::Timeout);
    assert!((Duration::from_millis(50)..LONG).contains(&began.elapsed()));
}

#[test]
fn a_loop_ends_with_its_fuel() {
    let mut instance =
        instance_with(LOOP, WasiCtx::builder(), InstanceLimits { fuel: 10_000_000, ..InstanceLimits::NONE });
    assert_eq!(instance.call("_start", &[]).unwrap(), Outcome::OutOfFuel);
    assert!((9_999_000..=10_000_000).contains(&instance.fuel()), "{}", instance.fuel());
}

#[test]
fn a_loop_can_be_terminated_and_interrupted() {
    assert_eq!(run_and(LOOP, WasiCtx::builder(), wasi_core::Interrupt::terminate), Outcome::Terminated);
    assert_eq!(run_and(LOOP, WasiCtx::builder(), wasi_core::Interrupt::interrupt), Outcome::Interrupted);
}

/// A loop that only calls the host, which costs little fuel and much time.
const CALLS: &str = r#"(module
    (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
    (memory (export "memory") 512)
    (func (export "_start")
        (loop $again
            (drop (call $random (i32.const 0) (i32.const 33554432)))
            (br $again))))"#;

#[test]
fn a_loop_of_long_calls_ends_at_its_deadline() {
    let mut instance = instance(CALLS);
    let began = Instant::now();
    instance.wasi_mut().set_deadline(Some(began + Duration::from_millis(50)));
    assert_eq!(instance.call("_start", &[]).unwrap(), Outcome::Timeout);
    assert!(began.elapsed() < LONG);
}

/// Sleeps for the longest time possible, and exits with ten times the errno plus the number of interrupts.
const SLEEP: &str = r#"(module
    (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (global $interrupts (mut i32) (i32.const 0))
    EXPORT
    (func (export "_start")
        (i32.store (i32.const 16) (i32.const 1)) ;; the monotonic clock
        (i64.store (i32.const 24) (i64.const -1)) ;; the timeout
        (call $exit (i32.add
            (i32.mul (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128)) (i32.const 10))
            (global.get $interrupts)))))"#;

#[test]
fn a_sleep_ends_at_the_deadline() {
    let mut instance = instance(&SLEEP.replace("EXPORT", ""));
    let began = Instant::now();
    instance.wasi_mut().set_deadline(Some(began + Duration::from_millis(50)));
    assert_eq!(instance.call("_start", &[]).unwrap(), Outcome::Timeout);
    assert!(began.elapsed() < LONG);
}

#[test]
fn the_handler_runs_before_an_interrupted_sleep_returns_intr() {
    let handler = r#"(func (export "python_interrupt")
        (global.set $interrupts (i32.add (global.get $interrupts) (i32.const 1))))"#;
    let sleep = SLEEP.replace("EXPORT", handler);
    let intr_times_10_and_1_interrupt = Outcome::Exited(27 * 10 + 1);
    let outcome = run_and(&sleep, WasiCtx::builder(), wasi_core::Interrupt::interrupt);
    assert_eq!(outcome, intr_times_10_and_1_interrupt);
}

#[test]
fn an_interrupt_ends_a_sleeping_guest_without_a_handler() {
    let sleep = SLEEP.replace("EXPORT", "");
    let outcome = run_and(&sleep, WasiCtx::builder(), wasi_core::Interrupt::interrupt);
    assert_eq!(outcome, Outcome::Interrupted);
}

/// Reads up to eight bytes from standard input and exits with their number.
const READ: &str = r#"(module
    (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (func (export "_start")
        (i32.store (i32.const 0) (i32.const 64))
        (i32.store (i32.const 4) (i32.const 8))
        (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 16)))
        (call $exit (i32.load (i32.const 16)))))"#;

#[test]
fn a_read_that_waits_can_be_terminated_or_satisfied() {
    let (reader, writer) = std::io::pipe().unwrap();
    let stdin = || WasiCtx::builder().stdin(Box::new(HostStream::inherit(&reader).unwrap()));
    assert_eq!(run_and(READ, stdin(), wasi_core::Interrupt::terminate), Outcome::Terminated);
    let mut write = writer.try_clone().unwrap();
    assert_eq!(run_and(READ, stdin(), move |_| write.write_all(b"abc").unwrap()), Outcome::Exited(3));
}

#[test]
fn memory_grows_to_its_limit_and_no_further() {
    let grow = r#"(module (memory (export "memory") 1)
        (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))"#;
    let mut instance =
        instance_with(grow, WasiCtx::builder(), InstanceLimits { memory: 10 << 16, ..InstanceLimits::NONE });
    let mut grow = |pages| instance.call("grow", &[Number::I32(pages)]).unwrap();
    assert_eq!(grow(9), Outcome::Returned(Some(Number::I32(1))));
    assert_eq!(grow(1), Outcome::Returned(Some(Number::I32(-1))));
    assert_eq!(instance.memory_size(), 10 << 16);
    assert!(instance.memory_refused());
}

#[test]
fn a_table_does_not_grow_without_end() {
    let grow = r#"(module (table $t 1 funcref)
        (func (export "grow") (result i32) (table.grow $t (ref.null func) (i32.const 100000000))))"#;
    assert_eq!(instance(grow).call("grow", &[]).unwrap(), Outcome::Returned(Some(Number::I32(-1))));
}

#[test]
fn a_module_that_starts_above_the_memory_limit_is_refused() {
    let module = module(r#"(module (memory (export "memory") 100))"#).unwrap();
    let limits = InstanceLimits { memory: 1 << 20, ..InstanceLimits::NONE };
    let error = module.instantiate(WasiCtx::builder().build().unwrap(), (), limits).err().unwrap();
    assert_eq!(error.to_string(), "the module needs 6553600 bytes of memory to start, its limit is 1048576");
}

#[test]
fn endless_recursion_is_a_trap() {
    let recurse = r#"(module (func $f (export "f") (param i64 i64) (result i64)
        (i64.add (local.get 1) (call $f (local.get 1) (i64.add (local.get 0) (i64.const 1))))))"#;
    let outcome = instance(recurse).call("f", &[Number::I64(0), Number::I64(0)]).unwrap();
    assert!(matches!(&outcome, Outcome::Trapped(trap) if trap.to_string().contains("stack")), "{outcome}");
}

#[test]
fn recursion_of_90_000_calls_is_not_a_trap() {
    let recurse = r#"(module (func $f (export "f") (param i32) (result i32)
        (if (result i32) (local.get 0)
            (then (i32.add (i32.const 1) (call $f (i32.sub (local.get 0) (i32.const 1)))))
            (else (i32.const 0)))))"#;
    let outcome = instance(recurse).call("f", &[Number::I32(90_000)]).unwrap();
    assert_eq!(outcome, Outcome::Returned(Some(Number::I32(90_000))));
}

#[test]
fn a_trap_says_what_happened_and_leaves_the_instance_readable() {
    let traps = r#"(module (memory (export "memory") 1)
        (func (export "out_of_bounds") (i32.store (i32.const 0) (i32.const 7)) (i32.store (i32.const 65536) (i32.const 1)))
        (func (export "zero") (result i32) (i32.div_u (i32.const 1) (i32.const 0)))
        (func (export "unreachable") unreachable))"#;
    let mut instance = instance(traps);
    for (name, text) in [("out_of_bounds", "memory"), ("zero", "zero"), ("unreachable", "unreachable")] {
        let outcome = instance.call(name, &[]).unwrap();
        assert!(matches!(&outcome, Outcome::Trapped(trap) if trap.to_string().contains(text)), "{outcome}");
    }
    assert_eq!(instance.read(0, 4).unwrap(), [7, 0, 0, 0]);
}

#[test]
fn memory_is_read_and_written_within_its_bounds() {
    let mut instance = instance(r#"(module (memory (export "memory") 1))"#);
    instance.write(65_530, b"abcdef").unwrap();
    assert_eq!(instance.read(65_530, 6).unwrap(), b"abcdef");
    assert_eq!(instance.read(65_536, 0).unwrap(), b"");
    let error = instance.write(65_531, b"abcdef").unwrap_err();
    assert_eq!(error.to_string(), "6 bytes at 0xfffb are not inside the guest's memory");
    assert!(matches!(instance.read(u32::MAX, usize::MAX), Err(Error::OutOfBounds { .. })));
}

#[test]
fn output_goes_through_the_context() {
    let hello = r#"(module
        (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (data (i32.const 64) "hello\n")
        (func (export "_start")
            (i32.store (i32.const 0) (i32.const 64))
            (i32.store (i32.const 4) (i32.const 6))
            (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))))"#;
    let output = Capture::new();
    let wasi = WasiCtx::builder().stdout(Box::new(output.clone()));
    assert_eq!(
        instance_with(hello, wasi, InstanceLimits::NONE).call("_start", &[]).unwrap(),
        Outcome::Returned(None)
    );
    assert_eq!(output.take(), b"hello\n");
}

#[test]
fn a_host_function_sees_memory_context_and_state() {
    #[expect(clippy::needless_pass_by_value, reason = "the signature of a host function's body")]
    fn sum(call: HostCall<'_, Vec<i32>>, args: &[i32]) -> i32 {
        call.memory[0] = 42;
        call.state.extend(args);
        i32::from(call.wasi.deadline().is_none()) + args.iter().sum::<i32>()
    }
    let functions = [HostFunction { module: "host", name: "sum", params: 3, body: sum }];
    let wat = r#"(module
        (import "host" "sum" (func $sum (param i32 i32 i32) (result i32)))
        (memory (export "memory") 1)
        (func (export "f") (result i32) (call $sum (i32.const 1) (i32.const -5) (i32.const 10))))"#;
    let module = Module::new(&wat::parse_str(wat).unwrap(), Origin::Trusted, &functions).unwrap();
    let mut instance =
        module.instantiate(WasiCtx::builder().build().unwrap(), vec![9], InstanceLimits::NONE).unwrap();
    assert_eq!(instance.call("f", &[]).unwrap(), Outcome::Returned(Some(Number::I32(7))));
    assert_eq!(instance.state(), &[9, 1, -5, 10]);
    assert_eq!(instance.memory()[0], 42);
}

#[test]
fn an_import_that_is_not_provided_is_named_before_anything_runs() {
    let error = |wat| module(wat).err().unwrap().to_string();
    assert_eq!(
        error(r#"(module (import "env" "now" (func (result i64))))"#),
        "the module imports function env.now, which is not provided; \
         the functions of wasi_snapshot_preview1 are"
    );
    assert!(error(r#"(module (import "env" "other" (memory 1)))"#).contains("memory env.other"));
    assert!(error(r#"(module (import "env" "table" (table 1 funcref)))"#).contains("table env.table"));
    assert!(
        error(r#"(module (import "wasi_unstable" "fd_close" (func (param i32) (result i32))))"#)
            .contains("wasi_unstable.fd_close")
    );
    assert_eq!(
        error(r#"(module (import "wasi_snapshot_preview1" "fd_close" (func (param i64) (result i32))))"#),
        "the module imports wasi_snapshot_preview1.fd_close as (i64) -> i32, but it is (i32) -> i32"
    );
}

#[test]
fn an_import_may_be_declared_twice() {
    let twice = r#"(module
        (import "wasi_snapshot_preview1" "sched_yield" (func $a (result i32)))
        (import "wasi_snapshot_preview1" "sched_yield" (func $b (result i32)))
        (func (export "f") (result i32) (i32.add (call $a) (call $b))))"#;
    assert_eq!(instance(twice).call("f", &[]).unwrap(), Outcome::Returned(Some(Number::I32(0))));
}

#[test]
fn all_46_functions_can_be_imported() {
    let types = |types: &[wasi_core::preview1::ValType]| {
        types.iter().map(|ty| format!("{ty:?} ").to_lowercase()).collect::<String>()
    };
    #[expect(clippy::format_collect, reason = "46 strings in a test")]
    let imports: String = wasi_core::preview1::FUNCTIONS
        .iter()
        .map(|function| {
            let result = function.result.map(|_| "(result i32)").unwrap_or_default();
            let params = types(function.params);
            format!(
                "(import \"wasi_snapshot_preview1\" \"{}\" (func (param {params}) {result}))",
                function.name
            )
        })
        .collect();
    instance(&format!("(module {imports})"));
}

#[test]
fn bytes_that_are_not_a_module_are_refused_in_one_line() {
    let error = |wasm: &[u8]| Module::new(wasm, Origin::Unknown, NO_FUNCTIONS).err().unwrap().to_string();
    assert_eq!(
        error(b"#!/bin/sh\n"),
        "not a valid WebAssembly module: it does not start with the four bytes \\0asm"
    );
    assert_eq!(error(b""), error(b"#!/bin/sh\n"));
    let whole = wat::parse_str(SLEEP.replace("EXPORT", "")).unwrap();
    for len in 4..whole.len() {
        let Some(error) = Module::new(&whole[..len], Origin::Unknown, NO_FUNCTIONS).err() else {
            // Cut after a section, the rest is a module again.
            continue;
        };
        let error = error.to_string();
        assert!(
            error.starts_with("not a valid WebAssembly module: ") && !error.contains('\n'),
            "{len}: {error}"
        );
    }
}

#[test]
fn a_call_that_does_not_fit_runs_nothing() {
    let mut instance = instance(
        r#"(module (func (export "f") (param i32) (result i32) (local.get 0))
            (func (export "float") (result f64) (f64.const 1)))"#,
    );
    assert_eq!(instance.call("g", &[]).unwrap_err().to_string(), "the module exports no function g");
    assert_eq!(
        instance.call("f", &[Number::I64(1)]).unwrap_err().to_string(),
        "the exported function f is (i32) -> i32, and was called with [I64(1)]"
    );
    assert!(instance.call("f", &[]).is_err());
    assert!(instance.call("float", &[]).is_err());
    assert_eq!(instance.fuel(), 0);
}

#[test]
fn a_start_function_runs_and_cannot_run_for_ever() {
    let start = |body: &str| {
        let wat = format!(
            r#"(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
                (memory (export "memory") 1) (func $start {body}) (start $start))"#
        );
        module(&wat).unwrap().instantiate(WasiCtx::builder().build().unwrap(), (), InstanceLimits::NONE)
    };
    let instance = start("(i32.store (i32.const 0) (i32.const 5))").unwrap();
    assert_eq!(instance.read(0, 1).unwrap(), [5]);
    assert!(matches!(start("(loop $l (br $l))"), Err(Error::Start(Outcome::OutOfFuel))));
    assert!(matches!(start("(call $exit (i32.const 3))"), Err(Error::Start(Outcome::Exited(3)))));
}

#[test]
fn an_instance_moves_between_threads_and_a_module_is_shared_by_them() {
    let module = module(
        r#"(module (func (export "f") (param i32) (result i32) (i32.mul (local.get 0) (local.get 0))))"#,
    )
    .unwrap();
    let threads: Vec<_> = (0..4)
        .map(|number| {
            let mut instance =
                module.instantiate(WasiCtx::builder().build().unwrap(), (), InstanceLimits::NONE).unwrap();
            thread::spawn(move || instance.call("f", &[Number::I32(number)]).unwrap())
        })
        .collect();
    for (number, thread) in (0..).zip(threads) {
        assert_eq!(thread.join().unwrap(), Outcome::Returned(Some(Number::I32(number * number))));
    }
}
