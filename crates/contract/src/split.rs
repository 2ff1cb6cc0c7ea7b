//! What the build adds to CPython's module when it splits it.

/// Module and names of the imports that fetch the second part and the third, if there is one: functions without
/// parameters, whose `i32` result has no meaning.
pub const FETCH: (&str, [&str; 2]) = ("python_wasm", ["fetch_rest", "fetch_apart"]);

/// The exported table through which each part calls functions of the others.
pub const SHARED: &str = "python_wasm_shared";
