;; Grows its memory page by page for ever, in vain from the limit on.
(module
  (memory (export "memory") 1)
  (func (export "_start")
    (loop $again
      (drop (memory.grow (i32.const 1)))
      (br $again))))
