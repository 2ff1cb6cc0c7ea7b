//! What is added to the module when it is split, by name: both sides must agree on them.

/// The import, module and name, that fetches the rest: a function without parameters whose result means
/// nothing.
pub(super) const FETCH: (&str, &str) = ("python_wasm", "fetch_rest");

/// The export of the table through which each module gets at functions of the other.
pub(super) const SHARED: &str = "python_wasm_shared";
