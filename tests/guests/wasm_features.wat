;; Features that compilers use beyond the first wasm: the exit status counts those that work, up to 8.
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data $text "abc")
  (table 2 funcref)
  (global $right (mut i32) (i32.const 0))
  (func $count (param $ok i32)
    (global.set $right (i32.add (global.get $right) (local.get $ok))))
  (func $pair (result i32 i64) (i32.const 3) (i64.const 4))
  (func $down (param $n i32) (result i32)
    (if (result i32) (local.get $n)
      (then (return_call $down (i32.sub (local.get $n) (i32.const 1))))
      (else (i32.const 1))))
  (elem declare func $down)
  (func (export "_start") (local $wide i64)
    ;; 1: sign extension
    (call $count (i32.eq (i32.extend8_s (i32.const 0xff)) (i32.const -1)))
    ;; 2: saturating conversion
    (call $count (i32.eq (i32.trunc_sat_f64_s (f64.const inf)) (i32.const 0x7fffffff)))
    ;; 3: several results
    (call $pair) (local.set $wide) (drop)
    (call $count (i64.eq (local.get $wide) (i64.const 4)))
    ;; 4: bulk memory
    (memory.init $text (i32.const 16) (i32.const 0) (i32.const 3))
    (memory.copy (i32.const 17) (i32.const 16) (i32.const 3))
    (call $count (i32.eq (i32.load (i32.const 16)) (i32.const 0x63626161)))
    ;; 5: memory.fill
    (memory.fill (i32.const 32) (i32.const 7) (i32.const 4))
    (call $count (i32.eq (i32.load (i32.const 32)) (i32.const 0x07070707)))
    ;; 6: references
    (table.set (i32.const 1) (ref.func $down))
    (call $count (i32.eqz (ref.is_null (table.get (i32.const 1)))))
    ;; 7: a million tail calls in a constant stack
    (call $count (call $down (i32.const 1000000)))
    ;; 8: vectors
    (call $count (i32.eq (i32x4.extract_lane 2
      (i32x4.add (v128.const i32x4 1 2 3 4) (i32x4.splat (i32.const 10)))) (i32.const 13)))
    (call $exit (global.get $right))))
