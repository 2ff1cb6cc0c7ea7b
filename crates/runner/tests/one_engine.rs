//! In a build with the interpreter alone nobody gets the other engine's work done by it in silence.
#![cfg(not(feature = "native"))]

use python_wasm::{Engine, Error, Python};

#[test]
fn an_engine_that_is_not_here_is_an_error_that_says_what_to_use() {
    assert!(!Engine::Native.is_available());
    let error = Python::builder().engine(Engine::Native).build().unwrap_err();
    assert!(matches!(error, Error::Config { source: Some(_), .. }), "{error:?}");
    assert_eq!(
        error.to_string(),
        "this build has no engine native; use wasmi, or build with --features native"
    );
}
