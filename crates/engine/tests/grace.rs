//! The grace of a guest that is out of time or fuel: it is told twice, and then stopped.

use std::time::{Duration, Instant};

use python_wasm_engine::{HostFunction, Instance, InstanceLimits, Module, Number, Origin, Outcome};
use wasi_core::WasiCtx;

/// A guest that counts its interrupts and says that it has answered none.
const DEAF: &str = r#"(module
    (global $interrupts (mut i32) (i32.const 0))
    (func (export "python_interrupt") (result i32)
        (global.set $interrupts (i32.add (global.get $interrupts) (i32.const 1)))
        (i32.gt_s (global.get $interrupts) (i32.const 1)))
    (func (export "interrupts") (result i32) (global.get $interrupts))
    (func (export "spin") (loop $again (br $again))))"#;

fn deaf() -> Instance<()> {
    let functions: &[HostFunction<()>] = &[];
    let module = Module::new(&wat::parse_str(DEAF).unwrap(), Origin::Trusted, functions).unwrap();
    module.instantiate(WasiCtx::builder().build().unwrap(), (), InstanceLimits::NONE).unwrap()
}

fn interrupts(instance: &mut Instance<()>) -> Outcome {
    instance.set_fuel_limit(u64::MAX, 0);
    instance.wasi_mut().set_deadline(None);
    instance.call("interrupts", &[]).unwrap()
}

#[test]
fn a_guest_out_of_fuel_is_told_twice_and_stopped_after_the_whole_grace() {
    let mut instance = deaf();
    instance.set_fuel_limit(10_000, 5_001);
    assert_eq!(instance.call("spin", &[]).unwrap(), Outcome::OutOfFuel);
    assert_eq!(instance.fuel(), 15_001);
    assert_eq!(interrupts(&mut instance), Outcome::Returned(Some(Number::I32(2))));
}

#[test]
fn a_guest_out_of_time_is_told_twice_and_stopped_after_the_grace() {
    let mut instance = deaf();
    let (begun, grace) = (Instant::now(), Duration::from_millis(100));
    instance.wasi_mut().warn_at(begun, Some(grace));
    assert_eq!(instance.call("spin", &[]).unwrap(), Outcome::Timeout);
    assert!(begun.elapsed() >= grace);
    assert_eq!(interrupts(&mut instance), Outcome::Returned(Some(Number::I32(2))));
}

#[test]
fn memory_that_was_limited_later_grows_again_when_it_may() {
    let wat = r#"(module (memory (export "memory") 1)
        (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))"#;
    let functions: &[HostFunction<()>] = &[];
    let module = Module::new(&wat::parse_str(wat).unwrap(), Origin::Unknown, functions).unwrap();
    let limits = InstanceLimits { memory: 4 << 16, ..InstanceLimits::NONE };
    let mut instance = module.instantiate(WasiCtx::builder().build().unwrap(), (), limits).unwrap();
    let mut grow = |limit: u64| {
        instance.set_memory_limit(limit << 16);
        instance.call("grow", &[Number::I32(1)]).unwrap()
    };
    let outcomes = [2, 2, 1, 4].map(&mut grow);
    assert_eq!(outcomes, [1, -1, -1, 2].map(|pages| Outcome::Returned(Some(Number::I32(pages)))));
}
