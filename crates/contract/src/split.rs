//! What the build adds to CPython's module when it splits it in two.

/// Module and name of the import that fetches the second part: a function without parameters, whose `i32`
/// result has no meaning.
pub const FETCH: (&str, &str) = ("python_wasm", "fetch_rest");

/// The exported table through which each part calls functions of the other.
pub const SHARED: &str = "python_wasm_shared";
