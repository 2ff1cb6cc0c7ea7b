//! What must hold for every slice size.

use std::sync::mpsc;
use std::thread;

use wasi_core::WasiCtx;

use crate::{HostFunction, Instance, InstanceLimits, Module, Number, Origin, Outcome};

fn wasi() -> WasiCtx {
    WasiCtx::builder().build().unwrap()
}

fn instance(wat: &str) -> Instance<()> {
    instance_in(wat, wasi())
}

fn instance_in(wat: &str, wasi: WasiCtx) -> Instance<()> {
    let functions: &[HostFunction<()>] = &[];
    let module = Module::new(&wat::parse_str(wat).unwrap(), Origin::Unknown, functions).unwrap();
    module.instantiate(wasi, (), InstanceLimits::NONE).unwrap()
}

/// A guest with calls, bulk memory operations, growth, and values of every type that live across blocks.
const BUSY: &str = r#"(module
    (memory (export "memory") 1)
    (func $fib (param i32) (result i32)
        (if (result i32) (i32.lt_u (local.get 0) (i32.const 2))
            (then (local.get 0))
            (else (i32.add
                (call $fib (i32.sub (local.get 0) (i32.const 1)))
                (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
    (func (export "busy") (param $n i32) (result i64)
        (local $i i32) (local $sum i64) (local $x f64) (local $y f32)
        (local.set $x (f64.const 1.5))
        (local.set $y (f32.const 0.5))
        (loop $again
            (local.set $sum (i64.add (local.get $sum) (i64.extend_i32_u (call $fib (i32.rem_u (local.get $i) (i32.const 12))))))
            (local.set $x (f64.add (f64.mul (local.get $x) (f64.const 1.0001)) (f64.promote_f32 (local.get $y))))
            (local.set $y (f32.sub (f32.const 1) (local.get $y)))
            (memory.fill (i32.const 0) (local.get $i) (i32.const 1000))
            (memory.copy (i32.const 2000) (i32.const 0) (i32.const 500))
            (if (i32.eqz (i32.rem_u (local.get $i) (i32.const 16)))
                (then (drop (memory.grow (i32.const 1)))))
            (local.set $sum (i64.add (local.get $sum) (i64.load (i32.const 2100))))
            (br_if $again (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
        (i64.xor (local.get $sum) (i64.reinterpret_f64 (local.get $x)))))"#;

#[test]
fn result_and_fuel_are_the_same_for_every_slice_size() {
    let run = |slice| {
        let mut instance = instance(BUSY);
        instance.set_slice(slice);
        let outcome = instance.call("busy", &[Number::I32(60)]).unwrap();
        (outcome, instance.fuel(), instance.memory_size())
    };
    let whole = run(u64::MAX);
    assert!(matches!(whole.0, Outcome::Returned(Some(Number::I64(_)))));
    assert!(whole.1 > 10_000);
    for slice in [1, 2, 3, 7, 50, 1_000, 1_001, 4_096] {
        assert_eq!(run(slice), whole, "slices of {slice}");
    }
}

#[test]
fn a_fuel_limit_stops_at_the_same_instruction_for_every_slice_size() {
    let run = |slice| {
        let mut instance = instance(BUSY);
        instance.set_slice(slice);
        instance.set_fuel_limit(5_000, 0);
        let outcome = instance.call("busy", &[Number::I32(60)]).unwrap();
        (outcome, instance.fuel(), instance.memory().to_vec())
    };
    let whole = run(u64::MAX);
    assert_eq!(whole.0, Outcome::OutOfFuel);
    assert!(whole.1 <= 5_000);
    for slice in [1, 13, 999] {
        assert!(run(slice) == whole, "slices of {slice}");
    }
}

/// A guest that counts interrupts, and checks that the handler leaves its stack frame alone.
const INTERRUPTIBLE: &str = r#"(module
    (import "wasi_snapshot_preview1" "sched_yield" (func $begin (result i32)))
    (memory (export "memory") 2)
    (global $sp (export "__stack_pointer") (mut i32) (i32.const 65536))
    (global $interrupts (mut i32) (i32.const 0))
    (func (export "python_interrupt")
        (global.set $sp (i32.sub (global.get $sp) (i32.const 16)))
        (i32.store (global.get $sp) (i32.const -1))
        (i32.store (i32.const 4) (global.get $sp))
        (global.set $sp (i32.add (global.get $sp) (i32.const 16)))
        (global.set $interrupts (i32.add (global.get $interrupts) (i32.const 1))))
    (func (export "spin") (result i32)
        (global.set $sp (i32.sub (global.get $sp) (i32.const 8)))
        (i32.store offset=0 (global.get $sp) (i32.const 12345))
        (drop (call $begin))
        (loop $again
            (br_if $again (i32.eqz (global.get $interrupts))))
        (i32.load offset=0 (global.get $sp))
        (global.set $sp (i32.add (global.get $sp) (i32.const 8)))))"#;

#[test]
fn an_interrupt_reaches_a_suspended_guest_and_leaves_its_stack_alone() {
    let (began, begins) = mpsc::channel();
    let wasi = WasiCtx::builder().trace(Box::new(move |_| began.send(()).unwrap())).build().unwrap();
    let mut instance = instance_in(INTERRUPTIBLE, wasi);
    let interrupt = instance.wasi().interrupt().clone();
    let thread = thread::spawn(move || {
        // After the guest's one call, so that it arrives between two slices of a suspended call.
        begins.recv().unwrap();
        interrupt.interrupt();
    });
    assert_eq!(instance.call("spin", &[]).unwrap(), Outcome::Returned(Some(Number::I32(12345))));
    thread.join().unwrap();
    assert_eq!(instance.stack_pointer(), Some(65_536));
    let at = i32::from_le_bytes(instance.read(4, 4).unwrap().try_into().unwrap());
    assert!(at <= 65_536 - 8 - 4096 - 16 && at % 16 == 0, "{at}");
    assert_eq!(instance.wasi().interrupt().pending(), None);
}

#[test]
fn the_fuel_of_an_interrupt_is_not_charged() {
    let run = |interrupted: bool| {
        let mut instance = instance(INTERRUPTIBLE);
        if interrupted {
            instance.wasi().interrupt().interrupt();
        } else {
            // The guest's own call of the same function is charged like any other.
            instance.call("python_interrupt", &[]).unwrap();
        }
        let before = instance.fuel();
        instance.call("spin", &[]).unwrap();
        instance.fuel() - before
    };
    assert_eq!(run(true), run(false));
}

#[test]
fn a_guest_that_has_not_answered_the_previous_interrupt_is_stopped_by_the_next() {
    let deaf = r#"(module
        (global $pending (mut i32) (i32.const 0))
        (func (export "python_interrupt") (result i32)
            (global.get $pending)
            (global.set $pending (i32.const 1)))
        (func (export "spin") (loop $again (br $again))))"#;
    let mut instance = instance(deaf);
    instance.wasi().interrupt().interrupt();
    let interrupt = instance.wasi().interrupt().clone();
    let thread = std::thread::spawn(move || {
        while interrupt.pending().is_some() {
            std::thread::yield_now();
        }
        interrupt.interrupt();
    });
    assert_eq!(instance.call("spin", &[]).unwrap(), Outcome::Interrupted);
    thread.join().unwrap();
}

#[test]
fn a_trusted_module_pays_for_loop_rounds_and_an_unknown_one_for_instructions() {
    let wat = r#"(module (func (export "count") (param $n i32)
        (loop $again
            (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))))"#;
    let fuel = |origin| {
        let functions: &[HostFunction<()>] = &[];
        let module = Module::new(&wat::parse_str(wat).unwrap(), origin, functions).unwrap();
        let mut instance = module.instantiate(wasi(), (), InstanceLimits::NONE).unwrap();
        instance.call("count", &[Number::I32(1_000)]).unwrap();
        instance.fuel()
    };
    assert_eq!(fuel(Origin::Trusted), 1_000 + 1);
    assert_eq!(fuel(Origin::Unknown), 1_000 * (5 + 1) + 1);
}
