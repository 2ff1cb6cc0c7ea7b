//! What is added to the module before it is compiled, by name: both sides must agree on them.

/// The export that holds what is left of the present slice of work: a mutable `i64`.
pub(super) const COUNTER: &str = "python_wasm_counter";

/// The import, module and name, that is called when nothing is left: no parameter, no result.
pub(super) const COUNTER_SPENT: (&str, &str) = ("python_wasm", "counter_spent");
