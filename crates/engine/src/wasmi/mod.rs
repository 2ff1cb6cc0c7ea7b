//! The engine wasmi: interprets any module, on any machine, without a JIT.

mod fuel;
mod host;
mod interrupt;
mod part;
mod selects;
mod sibling_calls;
mod slot;
#[cfg(test)]
mod tests;
mod wasi;

use std::sync::Arc;

use python_wasm_contract::{WASM_PAGE, export, split};
use wasi_core::WasiCtx;
use wasmi::Val;

use self::fuel::SLICE;
use self::host::{Data, Import};
use self::part::Part;
pub use self::selects::unfused;
use super::host::Unwind;
use super::slot::{self as seam, Compiled};
use super::{Code, Error, HostFunction, Number, Origin, Outcome, Trap};

/// The depth to which wasm calls may nest. CPython reaches its own limits first: its recursion limit, and 8
/// MiB of stack in its memory. With wasmi's default of 1,000 it could not import its library. Where CPython
/// does not check the depth (the hash of nested tuples), this allows more than 8 MiB of native stack would.
const MAX_DEPTH: usize = 400_000;

/// Bytes of locals and operands that all nested calls may hold together, chosen for the same reason.
const MAX_STACK: usize = 64 << 20;

/// Elements that a table may hold: enough for the functions of any real program.
const MAX_TABLE: usize = 1_000_000;

/// A compiled module with its imports resolved.
pub(super) struct Module<T> {
    module: wasmi::Module,
    imports: Vec<Import<T>>,
}

impl<T: Send + 'static> Module<T> {
    pub(super) fn new(wasm: &[u8], origin: Origin, functions: &[HostFunction<T>]) -> Result<Self, Error> {
        if !wasm.starts_with(b"\0asm") {
            return Err(Error::Malformed("it does not start with the four bytes \\0asm".into()));
        }
        let engine = wasmi::Engine::new(&config(origin));
        let module = wasmi::Module::new(&engine, unfused(wasm)).map_err(|error| malformed(&error))?;
        Self::complete(module, &[], functions)
    }

    /// Compiles a module of [`Origin::Trusted`] in parts without validating them.
    ///
    /// # Safety
    ///
    /// All parts must be valid: [`validate`] must have accepted them.
    #[expect(unsafe_code, reason = "passes its caller's promise on")]
    pub(super) unsafe fn validated(
        near: &[u8],
        others: &[Code],
        functions: &[HostFunction<T>],
    ) -> Result<Self, Error> {
        let engine = wasmi::Engine::new(&config(Origin::Trusted));
        // SAFETY: the caller promises that it is valid.
        let module = unsafe { wasmi::Module::new_unchecked(&engine, near) };
        // SAFETY: the caller promises that these are valid, too.
        let others: Vec<_> = others.iter().map(|code| Arc::new(unsafe { Part::new(*code) })).collect();
        Self::complete(module.map_err(|error| malformed(&error))?, &others, functions)
    }

    fn complete(
        module: wasmi::Module,
        others: &[Arc<Part>],
        functions: &[HostFunction<T>],
    ) -> Result<Self, Error> {
        let imports = resolve(&module, others, functions)?;
        Ok(Self { module, imports })
    }
}

impl<T: Send + 'static> Compiled<T> for Module<T> {
    fn slot(
        &self,
        guest: Option<(WasiCtx, T)>,
        memory_limit: u64,
        len: Option<usize>,
        fuel: u64,
    ) -> Result<Box<dyn seam::Slot<T>>, Error> {
        let slot = slot::Slot::new(&self.module, &self.imports, guest, memory_limit, len, fuel)?;
        Ok(Box::new(slot))
    }

    fn initial_memory(&self) -> u64 {
        let exported = self.module.exports().map(|export| export.ty().clone());
        let imported = self.module.imports().map(|import| import.ty().clone());
        let pages = exported.chain(imported).filter_map(|ty| match ty {
            wasmi::ExternType::Memory(ty) => Some(ty.minimum().saturating_mul(WASM_PAGE)),
            _ => None,
        });
        pages.max().unwrap_or(0)
    }

    fn has_function(&self, name: &str) -> bool {
        matches!(self.module.get_export(name), Some(wasmi::ExternType::Func(_)))
    }
}

fn config(origin: Origin) -> wasmi::Config {
    let mut config = wasmi::Config::default();
    fuel::price(&mut config, origin);
    config
        .compilation_mode(match origin {
            Origin::Unknown => wasmi::CompilationMode::LazyTranslation,
            Origin::Trusted => wasmi::CompilationMode::Lazy,
        })
        .ignore_custom_sections(true)
        // With one memory, its limit is the instance's limit.
        .wasm_multi_memory(false)
        .set_max_stack_height(MAX_STACK)
        .set_max_recursion_depth(MAX_DEPTH);
    config
}

/// Validates every function of a module, whatever the module imports.
///
/// Fails with [`Error::Malformed`] if the module or one of its functions is not valid.
pub fn validate(wasm: &[u8]) -> Result<(), Error> {
    let engine = wasmi::Engine::new(&config(Origin::Unknown));
    wasmi::Module::new(&engine, wasm).map(drop).map_err(|error| malformed(&error))
}

/// Checks the module's imports and finds what each of them refers to, in order.
fn resolve<T: Send + 'static>(
    module: &wasmi::Module,
    others: &[Arc<Part>],
    functions: &[HostFunction<T>],
) -> Result<Vec<Import<T>>, Error> {
    let mut imports = Vec::new();
    for import in module.imports() {
        let unknown =
            |what| Error::UnknownImport { what, module: import.module().into(), name: import.name().into() };
        let wanted = match import.ty() {
            wasmi::ExternType::Func(ty) => ty,
            wasmi::ExternType::Memory(ty) if (import.module(), import.name()) == export::MEMORY => {
                imports.push(Import::Memory(*ty));
                continue;
            }
            wasmi::ExternType::Memory(_) => return Err(unknown("memory")),
            wasmi::ExternType::Table(_) => return Err(unknown("table")),
            wasmi::ExternType::Global(_) => return Err(unknown("global")),
        };
        let fetched = split::FETCH
            .1
            .iter()
            .position(|name| (import.module(), import.name()) == (split::FETCH.0, *name));
        if let Some(part) = fetched.and_then(|number| others.get(number)) {
            imports.push(Import::Part(Arc::clone(part)));
            continue;
        }
        let provided = host::find(import.module(), import.name(), functions);
        let (provided, function) = provided.ok_or_else(|| unknown("function"))?;
        if *wanted != provided {
            return Err(Error::ImportType {
                module: import.module().into(),
                name: import.name().into(),
                wanted: signature(wanted),
                provided: signature(&provided),
            });
        }
        imports.push(function);
    }
    Ok(imports)
}

/// Sets the fuel of a store. It cannot fail, because every engine made here meters fuel.
fn set_fuel<T>(store: &mut wasmi::Store<Data<T>>, fuel: u64) {
    let metered = store.set_fuel(fuel);
    debug_assert!(metered.is_ok(), "every engine made here meters fuel");
}

fn malformed(error: &wasmi::Error) -> Error {
    // The parser's message may have several lines; this is one.
    Error::Malformed(error.to_string().split_whitespace().collect::<Vec<_>>().join(" "))
}

fn start_error(error: &wasmi::Error) -> Error {
    match error.kind() {
        wasmi::errors::ErrorKind::Host(_) | wasmi::errors::ErrorKind::TrapCode(_) => {
            Error::Start(outcome(error))
        }
        _ => Error::Instantiate(error.to_string()),
    }
}

/// Returns the outcome of a call from wasmi's error.
fn outcome(error: &wasmi::Error) -> Outcome {
    if let Some(Unwind(outcome)) = error.downcast_ref::<Unwind>() {
        return outcome.clone();
    }
    match error.as_trap_code() {
        Some(wasmi::TrapCode::OutOfFuel) => Outcome::OutOfFuel,
        Some(code) => Outcome::Trapped(Trap(code.to_string())),
        None => Outcome::Trapped(Trap(error.to_string())),
    }
}

/// Formats a signature, such as `(i32, i64) -> i32`.
fn signature(ty: &wasmi::FuncType) -> String {
    let list = |types: &[wasmi::ValType]| {
        types.iter().map(|ty| format!("{ty:?}").to_lowercase()).collect::<Vec<_>>().join(", ")
    };
    match ty.results() {
        [] => format!("({})", list(ty.params())),
        [result] => format!("({}) -> {}", list(ty.params()), list(&[*result])),
        results => format!("({}) -> ({})", list(ty.params()), list(results)),
    }
}

impl From<Number> for Val {
    fn from(value: Number) -> Self {
        match value {
            Number::I32(number) => Val::I32(number),
            Number::I64(number) => Val::I64(number),
        }
    }
}

fn value(val: &Val) -> Option<Number> {
    match val {
        Val::I32(number) => Some(Number::I32(*number)),
        Val::I64(number) => Some(Number::I64(*number)),
        _ => None,
    }
}
