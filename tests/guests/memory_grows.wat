;; The host can write to memory as soon as the guest has grown it.
(module
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    ;; Beyond the first page: FAULT.
    (if (i32.ne (call $random (i32.const 65536) (i32.const 16)) (i32.const 21))
      (then (call $exit (i32.const 1))))
    (if (i32.ne (memory.grow (i32.const 16)) (i32.const 1))
      (then (call $exit (i32.const 2))))
    (if (call $random (i32.const 1048576) (i32.const 65536))
      (then (call $exit (i32.const 3))))
    ;; 16 random bytes are all zero with a probability of 2^-128.
    (if (i64.eqz (i64.or (i64.load (i32.const 1048576)) (i64.load (i32.const 1114104))))
      (then (call $exit (i32.const 4))))))
