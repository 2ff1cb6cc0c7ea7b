//! What is added to CPython's module when it is split in two.

/// The import, module and name, that fetches the second part: a function without parameters whose
/// result means nothing.
pub const FETCH: (&str, &str) = ("python_wasm", "fetch_rest");

/// The export of the table through which each part calls functions of the other.
pub const SHARED: &str = "python_wasm_shared";
