//! A split module does the same as the whole one.

use std::io;
use std::thread;

use cpython::split::{Part, Split, split};
use wasi_core::WasiCtx;

use python_wasm_engine::{
    HostFunction, Image, Instance, InstanceLimits, Module, Number, Origin, Outcome, validate,
};

const FUNCTIONS: &[HostFunction<()>] =
    &[HostFunction { module: "host", name: "double", params: 1, body: |_, params| params[0] * 2 }];

/// A module whose functions 1 to 7 are near, and those from 11 on set apart. Functions of the rest call back, call the
/// host, and are called by their addresses. Those set apart put one of theirs in the table between two others.
const MODULE: &str = r#"(module
    (type $unary (func (param i32) (result i32)))
    (import "host" "double" (func $double (param i32) (result i32)))
    (import "env" "memory" (memory 2))
    (table $table 5 5 funcref)
    (elem (table $table) (i32.const 0) func $increment $far_by_address)
    (elem (table $table) (i32.const 2) func $increment $twice $far_by_address)
    (global $sp (export "__stack_pointer") (mut i32) (i32.const 65536))
    (export "memory" (memory 0))
    (func $increment (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
    (func (export "direct") (param i32) (result i32) (call $far (local.get 0) (i64.const 7)))
    (func (export "by_address") (param i32) (result i32)
        (call_indirect $table (type $unary) (local.get 0) (i32.const 1)))
    (func (export "again_and_again") (param i32) (result i32)
        (loop $again (result i32)
            (drop (call $far (i32.const 1) (i64.const 1)))
            (drop (call_indirect $table (type $unary) (i32.const 1) (i32.const 1)))
            (br_if $again (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))
            (local.get 0)))
    (func (export "near") (param i32) (result i32) (call $increment (local.get 0)))
    (func (export "apart") (param i32) (result i32) (call $begin (local.get 0)))
    (func (export "apart_by_address") (param i32) (result i32)
        (call_indirect $table (type $unary) (local.get 0) (i32.const 3)))
    (func $far (param i32 i64) (result i32)
        (i64.store (i32.const 70000) (local.get 1))
        (global.set $sp (i32.sub (global.get $sp) (i32.const 16)))
        (call $farther (call $double (call $increment (local.get 0)))))
    (func $farther (param i32) (result i32)
        (call_indirect $table (type $unary) (local.get 0) (i32.const 0)))
    (func $far_by_address (param i32) (result i32) (call $farther (local.get 0)))
    (func $begin (param i32) (result i32)
        (i32.add (call $twice (call $far (call $increment (local.get 0)) (i64.const 3)))
            (call_indirect $table (type $unary) (local.get 0) (i32.const 4))))
    (func $twice (param i32) (result i32) (call $double (local.get 0))))"#;

fn whole() -> Vec<u8> {
    wat::parse_str(MODULE).unwrap()
}

fn parts() -> Split {
    let part_of = |function| match function {
        0..=7 => Part::Near,
        8..=10 => Part::Rest,
        _ => Part::Apart,
    };
    split(&whole(), part_of).unwrap()
}

fn module() -> Module<()> {
    let parts = parts();
    validate(&parts.near).unwrap();
    validate(&parts.rest).unwrap();
    validate(&apart().unwrap()).unwrap();
    // SAFETY: all were validated.
    #[expect(unsafe_code, reason = "the constructor of a split module is unsafe")]
    unsafe {
        Module::validated(&parts.near, &[|| Ok(self::parts().rest), apart], FUNCTIONS).unwrap()
    }
}

fn apart() -> io::Result<Vec<u8>> {
    parts().apart.ok_or_else(|| io::Error::other("no functions are set apart"))
}

fn wasi() -> WasiCtx {
    WasiCtx::builder().build().unwrap()
}

fn call(instance: &mut Instance<()>, name: &str, argument: i32) -> Option<Number> {
    match instance.call(name, &[Number::I32(argument)]).unwrap() {
        Outcome::Returned(value) => value,
        outcome => panic!("{name} {outcome}"),
    }
}

#[test]
fn a_split_module_does_what_the_whole_one_does() {
    let whole = Module::new(&whole(), Origin::Trusted, FUNCTIONS).unwrap();
    let mut ends = Vec::new();
    for module in [whole, module()] {
        let mut instance = module.instantiate(wasi(), (), InstanceLimits::NONE).unwrap();
        let names = ["near", "apart", "apart_by_address", "direct", "by_address", "direct"];
        let results = names.map(|name| call(&mut instance, name, 20));
        ends.push((results, instance.stack_pointer(), instance.memory().to_vec()));
    }
    assert_eq!(ends[0], ends[1]);
    assert_eq!(ends[0].0, [21, 90 + 21, 40, 43, 21, 43].map(|number| Some(Number::I32(number))));
    assert_eq!(ends[0].1, Some(65536 - 3 * 16));
}

#[test]
fn fuel_does_not_depend_on_whether_the_rest_was_fetched() {
    let module = module();
    let mut instance = module.instantiate(wasi(), (), InstanceLimits::NONE).unwrap();
    let image = Image::read(&instance.image().unwrap()).unwrap();
    let mut used = Vec::new();
    for _ in 0..3 {
        let before = instance.fuel();
        call(&mut instance, "direct", 1);
        used.push(instance.fuel() - before);
    }
    drop(instance);
    // The same in a slot that another guest has used.
    let mut instance = module.restore(&image.snapshot(), wasi(), (), InstanceLimits::NONE).unwrap();
    call(&mut instance, "direct", 1);
    used.push(instance.fuel());
    assert!(used[0] > 0 && used.iter().all(|fuel| *fuel == used[0]), "{used:?}");
}

#[test]
fn a_function_set_apart_is_not_in_the_table_before_its_part_is_there() {
    let mut instance = module().instantiate(wasi(), (), InstanceLimits::NONE).unwrap();
    let outcome = instance.call("apart_by_address", &[Number::I32(1)]).unwrap();
    assert!(matches!(outcome, Outcome::Trapped(_)), "{outcome}");
    call(&mut instance, "apart", 1);
    assert_eq!(call(&mut instance, "apart_by_address", 4), Some(Number::I32(8)));
}

#[test]
fn calls_between_the_parts_leave_nothing_on_the_native_stack() {
    let run = || {
        let mut instance = module().instantiate(wasi(), (), InstanceLimits::NONE).unwrap();
        assert_eq!(call(&mut instance, "again_and_again", 200_000), Some(Number::I32(0)));
    };
    thread::Builder::new().stack_size(1 << 20).spawn(run).unwrap().join().unwrap();
}

#[test]
fn calls_between_the_parts_are_the_same_for_every_slice_size() {
    let run = |slice| {
        let mut instance = module().instantiate(wasi(), (), InstanceLimits::NONE).unwrap();
        instance.set_slice(slice);
        let result = call(&mut instance, "again_and_again", 100);
        (result, instance.fuel(), instance.stack_pointer())
    };
    let expected = run(u64::MAX);
    for slice in [1, 2, 3, 7, 50, 1_000] {
        assert_eq!(run(slice), expected, "slices of {slice}");
    }
}

#[test]
fn a_rest_that_cannot_be_fetched_ends_the_guest_that_calls_it() {
    // SAFETY: the first part was validated, and the rest is refused before any of it runs.
    #[expect(unsafe_code, reason = "the constructor of a split module is unsafe")]
    let module = unsafe {
        Module::validated(&parts().near, &[|| Err(io::Error::other("it is damaged")), apart], FUNCTIONS)
            .unwrap()
    };
    let mut instance = module.instantiate(wasi(), (), InstanceLimits::NONE).unwrap();
    assert_eq!(call(&mut instance, "near", 1), Some(Number::I32(2)));
    let outcome = instance.call("direct", &[Number::I32(1)]).unwrap();
    let reason = "a part of the module cannot be fetched: it is damaged";
    assert!(matches!(&outcome, Outcome::Trapped(trap) if trap.to_string() == reason), "{outcome}");
}

#[test]
fn a_foreign_module_cannot_fetch_a_rest() {
    let wat = r#"(module (import "python_wasm" "fetch_rest" (func (result i32))))"#;
    let error = Module::new(&wat::parse_str(wat).unwrap(), Origin::Unknown, FUNCTIONS).err().unwrap();
    assert!(error.to_string().contains("python_wasm.fetch_rest"), "{error}");
}
