//! The licences of what is in this library.

use crate::python::embedded;

/// The licences of the Rust crates, beside those of what is embedded; made by `tests/licenses.rs`.
const CRATES: &str = include_str!("../licenses.txt");
#[cfg(feature = "native")]
const MORE_CRATES: &str = include_str!("../licenses-native.txt");
#[cfg(not(feature = "native"))]
const MORE_CRATES: &str = "";

/// Returns the licences of CPython, of the C libraries and of the Rust crates in this library: a program that
/// contains it has to be passed on with them.
pub fn licenses() -> String {
    [embedded::LICENSES, "\n", CRATES, "\n", MORE_CRATES].concat()
}
