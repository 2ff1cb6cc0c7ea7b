//! Snapshots of instances: what they contain, and what the instances that start from them share.

use python_wasm_engine::{HostFunction, Image, Instance, InstanceLimits, Module, Number, Origin, Outcome};
use wasi_core::WasiCtx;

const NO_FUNCTIONS: &[HostFunction<u32>] = &[];

/// A counter in memory behind a stack of one wasm page, and functions that write more or less of the memory.
const COUNTER: &str = r#"(module
    (import "env" "memory" (memory 4))
    (export "memory" (memory 0))
    (global $sp (export "__stack_pointer") (mut i32) (i32.const 65536))
    (func (export "count") (result i32)
        (i32.store (i32.const 70000) (i32.add (i32.load (i32.const 70000)) (i32.const 1)))
        (i32.store (i32.const 100) (i32.const 9))
        (i32.load (i32.const 70000)))
    (func (export "peek") (param i32) (result i32) (i32.load (local.get 0)))
    (func (export "fill") (param i32 i32) (memory.fill (local.get 0) (i32.const 7) (local.get 1)))
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "size") (result i32) (memory.size))
    (data (i32.const 70000) "\05"))"#;

fn module() -> Module<u32> {
    Module::new(&wat::parse_str(COUNTER).unwrap(), Origin::Unknown, NO_FUNCTIONS).unwrap()
}

fn world() -> WasiCtx {
    WasiCtx::builder().build().unwrap()
}

fn start(module: &Module<u32>) -> Instance<u32> {
    module.instantiate(world(), 0, InstanceLimits::NONE).unwrap()
}

fn call(instance: &mut Instance<u32>, name: &str, args: &[i32]) -> i32 {
    let args: Vec<_> = args.iter().map(|number| Number::I32(*number)).collect();
    match instance.call(name, &args).unwrap() {
        Outcome::Returned(Some(Number::I32(number))) => number,
        Outcome::Returned(None) => 0,
        outcome => panic!("{outcome:?}"),
    }
}

fn count(instance: &mut Instance<u32>) -> i32 {
    call(instance, "count", &[])
}

#[test]
fn an_instance_continues_from_the_snapshot_of_another() {
    let module = module();
    let mut first = start(&module);
    assert_eq!(count(&mut first), 6);
    let snapshot = first.snapshot().unwrap();
    let mut second = module.restore(&snapshot, world(), 2, InstanceLimits::NONE).unwrap();
    assert_eq!((count(&mut second), count(&mut second), count(&mut first)), (7, 8, 7));
    assert_eq!((*first.state(), *second.state()), (0, 2));
}

#[test]
fn an_instance_restores_its_own_snapshots() {
    let mut instance = start(&module());
    let before = instance.snapshot().unwrap();
    assert_eq!(count(&mut instance), 6);
    let after = instance.snapshot().unwrap();
    assert_eq!(count(&mut instance), 7);
    instance.restore(&before).unwrap();
    assert_eq!(count(&mut instance), 6);
    instance.restore(&after).unwrap();
    assert_eq!(count(&mut instance), 7);
}

#[test]
fn a_snapshot_of_a_smaller_memory_restores_its_size() {
    let mut instance = start(&module());
    let before = instance.snapshot().unwrap();
    assert_eq!(call(&mut instance, "grow", &[3]), 4);
    call(&mut instance, "fill", &[5 << 16, 1 << 16]);
    let after = instance.snapshot().unwrap();
    instance.restore(&before).unwrap();
    assert_eq!(call(&mut instance, "size", &[]), 4);
    assert_eq!(call(&mut instance, "grow", &[3]), 4);
    assert_eq!(call(&mut instance, "peek", &[5 << 16]), 0);
    instance.restore(&after).unwrap();
    assert_eq!((call(&mut instance, "size", &[]), call(&mut instance, "peek", &[5 << 16])), (7, 0x0707_0707));
}

#[test]
fn a_slot_keeps_nothing_of_its_last_guest() {
    let module = module();
    let snapshot = start(&module).snapshot().unwrap();
    for round in 0..3 {
        let mut instance = module.restore(&snapshot, world(), round, InstanceLimits::NONE).unwrap();
        assert_eq!(count(&mut instance), 6);
        assert_eq!(call(&mut instance, "peek", &[200_000]), 0);
        call(&mut instance, "fill", &[200_000, 40_000]);
        if round == 1 {
            // A memory cannot shrink, and the next guest must not see that it grew.
            call(&mut instance, "grow", &[1]);
        }
        assert_eq!(call(&mut instance, "size", &[]), if round == 1 { 5 } else { 4 });
    }
}

#[test]
fn a_guest_that_was_stopped_in_the_middle_leaves_a_clean_slot() {
    let module = module();
    let snapshot = start(&module).snapshot().unwrap();
    for _ in 0..3 {
        let mut instance = module
            .restore(&snapshot, world(), 0, InstanceLimits { fuel: 10, ..InstanceLimits::NONE })
            .unwrap();
        assert!(matches!(
            instance.call("fill", &[Number::I32(0), Number::I32(262_144)]).unwrap(),
            Outcome::OutOfFuel
        ));
        drop(instance);
        let mut instance = module.restore(&snapshot, world(), 0, InstanceLimits::NONE).unwrap();
        assert_eq!(count(&mut instance), 6);
    }
}

#[test]
fn a_snapshot_holds_changed_chunks_and_no_dead_stack() {
    let mut instance = start(&module());
    let first = instance.snapshot().unwrap();
    assert_eq!(first.size(), 0);
    count(&mut instance);
    let second = instance.snapshot().unwrap();
    assert!((1..1000).contains(&second.size()), "{}", second.size());
    let mut restored = module().restore(&second, world(), 0, InstanceLimits::NONE).unwrap();
    assert_eq!(call(&mut restored, "peek", &[100]), 0);
}

#[test]
fn a_snapshot_is_encoded_and_decoded() {
    let module = module();
    let mut instance = start(&module);
    let base: &'static [u8] = instance.image().unwrap().leak();
    let base = Image::embedded(base).unwrap();
    count(&mut instance);
    call(&mut instance, "grow", &[1]);
    let encoded = instance.snapshot().unwrap().encode(&base);
    let snapshot = python_wasm_engine::Snapshot::decode(&encoded, &base).unwrap();
    let mut restored = module.restore(&snapshot, world(), 0, InstanceLimits::NONE).unwrap();
    assert_eq!((count(&mut restored), call(&mut restored, "size", &[])), (7, 5));
}

#[test]
fn a_snapshot_that_does_not_fit_the_limit_is_refused() {
    let module = module();
    let snapshot = start(&module).snapshot().unwrap();
    let limits = InstanceLimits { memory: 3 << 16, ..InstanceLimits::NONE };
    let error = module.restore(&snapshot, world(), 0, limits).err().unwrap();
    assert_eq!(error.to_string(), "the module needs 262144 bytes of memory to start, its limit is 196608");
}

#[test]
fn restored_memory_grows_to_the_limit() {
    let module = module();
    let snapshot = start(&module).snapshot().unwrap();
    let limits = InstanceLimits { memory: 6 << 16, ..InstanceLimits::NONE };
    let mut instance = module.restore(&snapshot, world(), 0, limits).unwrap();
    assert_eq!(call(&mut instance, "grow", &[3]), -1);
    assert!(instance.memory_refused());
    assert_eq!(call(&mut instance, "grow", &[2]), 4);
    call(&mut instance, "fill", &[0, 6 << 16]);
}

#[test]
fn a_module_without_what_a_snapshot_needs_says_so() {
    let refused = |wat| {
        let module: Module<u32> =
            Module::new(&wat::parse_str(wat).unwrap(), Origin::Unknown, NO_FUNCTIONS).unwrap();
        start(&module).snapshot().err().unwrap().to_string()
    };
    assert!(refused(r#"(module (memory (export "memory") 1))"#).contains("no stack pointer"));
    let own = r#"(module (memory (export "memory") 1) (global (export "__stack_pointer") (mut i32) (i32.const 0)))"#;
    assert!(refused(own).contains("memory of its own"));
}

#[test]
fn snapshots_are_shared_by_threads() {
    let module = module();
    let mut first = start(&module);
    count(&mut first);
    let snapshot = first.snapshot().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..20 {
                    let mut instance = module.restore(&snapshot, world(), 0, InstanceLimits::NONE).unwrap();
                    assert_eq!(count(&mut instance), 7);
                }
            });
        }
    });
}

#[test]
fn a_large_buffer_of_zeros_is_not_compared_each_time() {
    let module = module();
    let mut instance = start(&module);
    instance.snapshot().unwrap();
    call(&mut instance, "grow", &[700]);
    let first = instance.snapshot().unwrap();
    count(&mut instance);
    let second = instance.snapshot().unwrap();
    assert_eq!(first.size(), 0);
    assert!((1..1000).contains(&second.size()), "{}", second.size());
    let mut restored = module.restore(&second, world(), 0, InstanceLimits::NONE).unwrap();
    assert_eq!((call(&mut restored, "peek", &[40 << 20]), count(&mut restored)), (0, 7));
}

#[test]
fn a_large_change_becomes_an_image_of_its_own() {
    let module = module();
    let mut instance = start(&module);
    instance.snapshot().unwrap();
    call(&mut instance, "grow", &[400]);
    call(&mut instance, "fill", &[300_000, 24 << 20]);
    let large = instance.snapshot().unwrap();
    assert_eq!(large.size(), 0);
    count(&mut instance);
    let after = instance.snapshot().unwrap();
    assert!((1..1000).contains(&after.size()), "{}", after.size());
    let mut restored = module.restore(&after, world(), 0, InstanceLimits::NONE).unwrap();
    assert_eq!(call(&mut restored, "peek", &[20 << 20]), 0x0707_0707);
    assert_eq!(count(&mut restored), 7);
}
