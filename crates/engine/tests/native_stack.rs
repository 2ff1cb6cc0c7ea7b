//! No instruction may grow the native stack, however often a guest runs it.
//!
//! wasmi's handlers end in sibling calls where LLVM can make them. A handler that does not leaves a frame
//! behind each time it runs, until the fuel slice ends: a loop of it would overflow the stack and abort the
//! host. So each kind of instruction runs here in a loop, on a thread with a small stack. A failure aborts
//! this program; the last line that it prints names the instruction.

use std::io::Write as _;
use std::thread;

use python_wasm_engine::{HostFunction, InstanceLimits, Module, Origin, Outcome};
use wasi_core::WasiCtx;

const NO_FUNCTIONS: &[HostFunction<()>] = &[];

/// Rounds of each loop. A frame has at least 16 bytes, so together they would exceed [`STACK`].
const ROUNDS: u32 = 200_000;

/// Bytes of stack for a test's thread. A run that leaves no frames needs a tenth of it.
const STACK: usize = 1 << 20;

/// Instructions by name, each in a body that leaves the operand stack unchanged. `$i` counts the rounds.
const INSTRUCTIONS: &[(&str, &str)] = &[
    ("memory.grow by 0 pages", "(drop (memory.grow (i32.const 0)))"),
    ("memory.grow beyond the limit", "(drop (memory.grow (i32.const 65535)))"),
    ("memory.grow by one page", "(drop (memory.grow (i32.eqz (i32.and (local.get $i) (i32.const 1023)))))"),
    ("memory.size", "(drop (memory.size))"),
    ("memory.copy", "(memory.copy (i32.const 0) (i32.const 100) (i32.and (local.get $i) (i32.const 31)))"),
    ("memory.fill", "(memory.fill (i32.const 0) (i32.const 7) (i32.and (local.get $i) (i32.const 31)))"),
    ("memory.init", "(memory.init $data (i32.const 0) (i32.const 0) (i32.const 0))"),
    ("data.drop", "(data.drop $data)"),
    ("table.grow", "(drop (table.grow $table (ref.null func) (i32.const 0)))"),
    ("table.grow beyond the limit", "(drop (table.grow $table (ref.null func) (i32.const 100000000)))"),
    ("table.size", "(drop (table.size $table))"),
    ("table.copy", "(table.copy $table $table (i32.const 0) (i32.const 2) (i32.const 1))"),
    ("table.fill", "(table.fill $table (i32.const 3) (ref.null func) (i32.const 2))"),
    ("table.init", "(table.init $table $elem (i32.const 0) (i32.const 0) (i32.const 0))"),
    ("table.get", "(drop (table.get $table (i32.const 1)))"),
    ("table.set", "(table.set $table (i32.const 3) (ref.func $leaf))"),
    ("elem.drop", "(elem.drop $elem)"),
    ("call", "(drop (call $leaf (local.get $i)))"),
    ("call of a function that calls in its tail", "(drop (call $tail (local.get $i)))"),
    ("call_indirect", "(drop (call_indirect $table (type $unary) (local.get $i) (i32.const 0)))"),
    ("call of the host", "(drop (call $yield))"),
    ("call_indirect of the host", "(drop (call_indirect $table (type $nullary) (i32.const 1)))"),
    ("global.get and global.set", "(global.set $g (i32.add (global.get $g) (i32.const 1)))"),
    ("br_table", "(block (block (br_table 0 1 (i32.and (local.get $i) (i32.const 1)))))"),
    (
        "br_table with a value",
        "(drop (block (result i32) (block (result i32) (br_table 0 1 (local.get $i) (local.get $i)))))",
    ),
    ("select", "(drop (select (local.get $i) (i32.const 7) (local.get $i)))"),
    ("i32.load and store", "(i32.store (i32.const 8) (i32.load (i32.const 4)))"),
    ("i64.load and store", "(i64.store (i32.const 8) (i64.load (i32.const 4)))"),
    ("f64.load and store", "(f64.store (i32.const 8) (f64.load (i32.const 16)))"),
    (
        "division",
        "(drop (i32.div_s (local.get $i) (i32.const 7)))(drop (i64.rem_u (i64.const 9) (i64.extend_i32_u (i32.or (local.get $i) (i32.const 1)))))",
    ),
    ("counting bits", "(drop (i32.popcnt (local.get $i)))(drop (i64.clz (i64.extend_i32_u (local.get $i))))"),
    (
        "f32 rounding",
        "(local.set $f (f32.ceil (f32.floor (f32.trunc (f32.nearest (f32.convert_i32_s (local.get $i)))))))",
    ),
    (
        "f64 rounding",
        "(local.set $d (f64.ceil (f64.floor (f64.trunc (f64.nearest (f64.convert_i32_s (local.get $i)))))))",
    ),
    (
        "f64 arithmetic",
        "(local.set $d (f64.sqrt (f64.div (f64.min (local.get $d) (f64.const 3)) (f64.const 7))))",
    ),
    ("copysign", "(local.set $d (f64.copysign (local.get $d) (f64.const -1)))"),
    (
        "conversion",
        "(drop (i64.trunc_sat_f64_u (f64.convert_i32_u (local.get $i))))(drop (i32.trunc_f64_s (f64.convert_i32_s (local.get $i))))",
    ),
    (
        "sign extension",
        "(drop (i32.extend8_s (local.get $i)))(drop (i64.extend32_s (i64.extend_i32_u (local.get $i))))",
    ),
    (
        "v128 integers",
        "(local.set $v (i32x4.add (local.get $v) (i8x16.narrow_i16x8_s (local.get $v) (local.get $v))))",
    ),
    (
        "v128 products",
        "(local.set $v (i32x4.dot_i16x8_s (local.get $v) (i16x8.q15mulr_sat_s (local.get $v) (local.get $v))))",
    ),
    ("v128 floats", "(local.set $v (f32x4.ceil (f32x4.nearest (f64x2.floor (f64x2.sqrt (local.get $v))))))"),
    ("v128 shuffles", "(local.set $v (i8x16.swizzle (local.get $v) (v128.load (i32.const 32))))"),
    (
        "v128 lanes",
        "(local.set $v (i64x2.replace_lane 1 (local.get $v) (i64x2.extract_lane 0 (local.get $v))))",
    ),
    ("v128 store", "(v128.store (i32.const 64) (local.get $v))"),
];

fn module(body: &str) -> Vec<u8> {
    let text = format!(
        r#"(module
            (type $unary (func (param i32) (result i32)))
            (type $nullary (func (result i32)))
            (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
            (memory (export "memory") 1)
            (global $g (mut i32) (i32.const 0))
            (table $table 8 funcref)
            (elem (table $table) (i32.const 0) func $leaf $yield $leaf)
            (elem $elem func $leaf)
            (data $data "data")
            (func $leaf (type $unary) (i32.add (local.get 0) (i32.const 1)))
            (func $tail (type $unary) (return_call $leaf (local.get 0)))
            (func (export "_start") (local $i i32) (local $f f32) (local $d f64) (local $v v128)
                (loop $again
                    {body}
                    (br_if $again
                        (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const {ROUNDS}))))))"#
    );
    wat::parse_str(text).unwrap_or_else(|error| panic!("{body}: {error}"))
}

fn run_all(origin: Origin) {
    let run = move || {
        for (name, body) in INSTRUCTIONS {
            // Directly to stderr: an abort would lose what the test harness captures.
            let _ = writeln!(std::io::stderr(), "{name}");
            let module = Module::new(&module(body), origin, NO_FUNCTIONS).unwrap();
            let limits = InstanceLimits { memory: 64 << 20, ..InstanceLimits::NONE };
            let mut instance = module.instantiate(WasiCtx::builder().build().unwrap(), (), limits).unwrap();
            assert_eq!(instance.call("_start", &[]).unwrap(), Outcome::Returned(None), "{name}");
        }
    };
    thread::Builder::new().stack_size(STACK).spawn(run).unwrap().join().unwrap();
}

#[test]
fn no_instruction_of_a_foreign_module_grows_the_native_stack() {
    run_all(Origin::Unknown);
}

#[test]
fn no_instruction_of_our_own_module_grows_the_native_stack() {
    run_all(Origin::Trusted);
}
