//! A sandbox that compiles one module, and is then thrown away.

use std::cell::OnceCell;

use python_wasm_engine::Engine;
use python_wasm_sandbox::Limits;

use crate::error::Error;
use crate::python::{Python, Snapshot};
use crate::value::Value;

/// What such a sandbox has beside Python: a function of source, its name and the level of `-O`.
const SOURCE: &str = "
def _compiled(source, optimization):
    import _imp, importlib._bootstrap_external as external
    code = compile(source, '<module>', 'exec', dont_inherit=True, optimize=optimization)
    checked = _imp.source_hash(external._RAW_MAGIC_NUMBER, source)
    return bytes(external._code_to_hash_pyc(code, checked, False))
";

/// Makes such sandboxes, each from the same snapshot, in which nothing was compiled yet.
pub(super) struct Compiler {
    engine: Engine,
    limits: Limits,
    /// Made when the first module is compiled.
    fresh: OnceCell<Option<Snapshot>>,
}

impl Compiler {
    pub(super) fn new(engine: Engine, limits: Limits) -> Self {
        Self { engine, limits, fresh: OnceCell::new() }
    }

    /// Returns a module's bytecode, or `None` if its source has errors or meets a limit.
    pub(super) fn compile(&self, source: &[u8], optimization: u8) -> Option<Vec<u8>> {
        let fresh = self.fresh.get_or_init(|| prepared(self.engine, self.limits.clone()).ok());
        let mut python = fresh.as_ref()?.spawn().ok()?;
        let words = (Value::Bytes(source.to_vec()), i64::from(optimization));
        match python.call("_compiled", words).ok()? {
            Value::Bytes(bytecode) => Some(bytecode),
            _ => None,
        }
    }
}

fn prepared(engine: Engine, limits: Limits) -> Result<Snapshot, Error> {
    let mut python = Python::builder().engine(engine).limits(limits).build()?;
    python.exec(SOURCE)?;
    python.snapshot()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compile(source: &[u8]) -> Option<Vec<u8>> {
        Compiler::new(Engine::Wasmi, Limits::default()).compile(source, 0)
    }

    #[test]
    fn bytecode_says_that_nobody_need_check_it() {
        let bytecode = compile(b"x = 1").unwrap();
        assert_eq!(bytecode[4..8], [1, 0, 0, 0], "by hash, unchecked");
    }

    #[test]
    fn source_with_errors_has_no_bytecode() {
        assert_eq!(compile(b"x ="), None);
        assert_eq!(compile(b"\xff"), None);
    }

    #[test]
    fn source_that_never_ends_is_given_up() {
        let limits = Limits::default().fuel(30_000_000);
        let deep = format!("x = {}", "[x for x in ".repeat(60) + &"]".repeat(60));
        let wide = "x = 1 + 1\n".repeat(2_000_000);
        for source in [deep, wide] {
            assert_eq!(Compiler::new(Engine::Wasmi, limits.clone()).compile(source.as_bytes(), 0), None);
        }
    }

    #[test]
    fn one_module_does_not_see_what_was_compiled_before() {
        let compiler = Compiler::new(Engine::Wasmi, Limits::default());
        let before = compiler.compile(b"name = 'other'", 0).unwrap();
        assert!(compiler.compile(b"import sys", 0).is_some());
        assert_eq!(compiler.compile(b"name = 'other'", 0).unwrap(), before);
    }
}
