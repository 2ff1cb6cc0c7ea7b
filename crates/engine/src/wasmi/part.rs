//! The other parts of our own module, each of which is fetched when one of its functions is first called. The crate
//! `cpython` says in `split` how a module is split.

use std::sync::{Arc, OnceLock};

use python_wasm_contract::split::SHARED;
use wasmi::{Caller, Extern, ExternType, Nullable, Ref};

use super::host::Data;
use crate::host::Unwind;
use crate::{Code, Outcome, Trap};

/// A part of a module, loaded and compiled at most once.
pub(super) struct Part {
    code: Code,
    module: OnceLock<wasmi::Module>,
}

impl Part {
    /// # Safety
    ///
    /// The module that `code` loads must be valid: [`super::validate`] must have accepted it.
    #[expect(unsafe_code, reason = "its caller must promise that the code is valid")]
    pub(super) unsafe fn new(code: Code) -> Self {
        Self { code, module: OnceLock::new() }
    }

    /// Returns the function that the first part imports by one of the names in
    /// [`FETCH`](python_wasm_contract::split::FETCH). An instance calls it once.
    pub(super) fn function<T: Send + 'static>(
        self: &Arc<Self>,
        store: &mut wasmi::Store<Data<T>>,
    ) -> wasmi::Func {
        let part = Arc::clone(self);
        wasmi::Func::wrap(store, move |caller: Caller<'_, Data<T>>| match part.instantiate(caller) {
            Ok(()) => Ok(0_i32),
            Err(reason) => {
                let trap = Trap(format!("a part of the module cannot be fetched: {reason}"));
                Err(wasmi::Error::host(Unwind(Outcome::Trapped(trap))))
            }
        })
    }

    /// Returns the module, loaded first if it is not yet.
    fn module(&self, engine: &wasmi::Engine) -> Result<&wasmi::Module, String> {
        if let Some(module) = self.module.get() {
            return Ok(module);
        }
        let code = (self.code)().map_err(|error| error.to_string())?;
        // SAFETY: the caller of `new` promised that the code is valid.
        #[expect(unsafe_code, reason = "the build validated it")]
        let module = unsafe { wasmi::Module::new_unchecked(engine, &code) };
        let module = module.map_err(|error| error.to_string())?;
        Ok(self.module.get_or_init(|| module))
    }

    /// Instantiates the part beside the instance that calls.
    fn instantiate<T>(&self, mut caller: Caller<'_, Data<T>>) -> Result<(), String> {
        let module = self.module(caller.engine())?;
        let shared = caller.get_export(SHARED).and_then(Extern::into_table).ok_or("it shares no table")?;
        let mut externs = Vec::new();
        for import in module.imports() {
            let found = match import.ty() {
                ExternType::Func(_) => {
                    let function = import.name().parse().ok().and_then(|slot| shared.get(&caller, slot));
                    match function {
                        Some(Ref::Func(Nullable::Val(function))) => Some(function.into()),
                        _ => None,
                    }
                }
                _ => caller.get_export(import.name()),
            };
            externs.push(found.ok_or_else(|| format!("it imports {}", import.name()))?);
        }
        wasmi::Instance::new(&mut caller, module, &externs).map_err(|error| error.to_string())?;
        Ok(())
    }
}
