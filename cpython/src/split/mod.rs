//! Splits the module in two: the functions that most programs call, and the rest, which is fetched when one
//! of its functions is first called.
//!
//! An engine reads all of a module at its start, but most programs call only a third of this one's functions.
//! So the others go into a second module, the rest. It imports what it shares with the first module, the near
//! one. Tables, memory and globals keep their indices, so addresses of functions do not change. The near
//! module has a stub for each function of the rest that it refers to: the stub has the rest fetched if it is
//! not there, and calls through a table that both share.

mod near;
mod rest;
#[cfg(test)]
mod tests;
mod watched;

use std::collections::BTreeSet;
use std::convert::Infallible;

use python_wasm_contract::split::{FETCH, SHARED};
use wasm_encoder::reencode::{self, Reencode};
use wasmparser::{
    BinaryReaderError, ElementItems, ElementKind, ExternalKind, FunctionBody, Operator, Parser, Payload,
    TypeRef, ValType,
};

pub use self::watched::{CALLED, watched};

/// The prefix of the names under which the near module exports its tables for the rest.
const TABLE: &str = "python_wasm_table";
/// The prefix of the names under which it exports its globals.
const GLOBAL: &str = "python_wasm_global";

/// The two modules.
#[derive(Debug)]
pub struct Split {
    /// The module to start. It imports `python_wasm.fetch_rest` beside the whole module's imports, and has no
    /// data segments.
    pub near: Vec<u8>,
    /// The module to fetch and instantiate later. It imports exports of the near module by name, and
    /// functions in that one's table `python_wasm_shared` by index.
    pub rest: Vec<u8>,
}

/// Why a module cannot be split.
#[derive(Debug, thiserror::Error)]
pub enum SplitError {
    /// The module uses a feature that is not supported here.
    #[error("the module cannot be split: {0}")]
    Refused(&'static str),
    /// The module is damaged.
    #[error("the module cannot be read: {0}")]
    Malformed(#[from] BinaryReaderError),
    /// The module contains something that the encoder does not support.
    #[error("the module cannot be encoded: {0}")]
    Encode(#[from] reencode::Error<Infallible>),
}

/// Splits a module that imports its memory. `is_near` takes a function's index and returns whether it belongs
/// to the near module. Imported and exported functions always do.
///
/// Fails with [`SplitError`] if the module is malformed, or uses what our module does not.
pub fn split(module: &[u8], is_near: impl Fn(u32) -> bool) -> Result<Split, SplitError> {
    let whole = Whole::read(module)?;
    let plan = Plan::of(&whole, is_near)?;
    Ok(Split { near: near::encode(&whole, &plan)?, rest: rest::encode(&whole, &plan)? })
}

/// Returns the module up to its data section; only custom sections follow that. `None` if the module is
/// malformed, has no data section, or refers to data segments by index.
pub(crate) fn without_data(wasm: &[u8]) -> Option<&[u8]> {
    let mut at = 8;
    loop {
        let (id, start) = (*wasm.get(at)?, at);
        let (mut size, mut shift) = (0_usize, 0);
        loop {
            at += 1;
            let byte = *wasm.get(at)?;
            size |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                break;
            }
        }
        match id {
            11 => return wasm.get(..start),
            // A data count section: the code refers to segments by index, so they cannot be removed.
            12 => return None,
            _ => at = at.checked_add(1 + size)?,
        }
    }
}

/// The sections of the whole module.
#[derive(Default)]
struct Whole<'a> {
    types: Option<wasmparser::TypeSectionReader<'a>>,
    imports: Option<wasmparser::ImportSectionReader<'a>>,
    tables: Option<wasmparser::TableSectionReader<'a>>,
    globals: Option<wasmparser::GlobalSectionReader<'a>>,
    exports: Option<wasmparser::ExportSectionReader<'a>>,
    elements: Option<wasmparser::ElementSectionReader<'a>>,
    /// The parameters of each type.
    params: Vec<Vec<ValType>>,
    /// The type of each function, imported ones first.
    functions: Vec<u32>,
    /// The number of imported functions.
    imported: u32,
    bodies: Vec<FunctionBody<'a>>,
}

impl<'a> Whole<'a> {
    /// Reads a module. Fails if it uses what our module does not.
    fn read(module: &'a [u8]) -> Result<Self, SplitError> {
        let mut whole = Self::default();
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::TypeSection(types) => {
                    for ty in types.clone().into_iter_err_on_gc_types() {
                        whole.params.push(ty?.params().to_vec());
                    }
                    whole.types = Some(types);
                }
                Payload::ImportSection(imports) => {
                    let mut memory = false;
                    for import in imports.clone().into_imports() {
                        match import?.ty {
                            TypeRef::Func(ty) => whole.functions.push(ty),
                            TypeRef::Memory(_) => memory = true,
                            _ => {
                                return Err(SplitError::Refused(
                                    "it imports more than functions and a memory",
                                ));
                            }
                        }
                    }
                    whole.imported = whole.functions.len() as u32;
                    whole.imports = memory.then_some(imports);
                }
                Payload::FunctionSection(functions) => {
                    for ty in functions {
                        whole.functions.push(ty?);
                    }
                }
                Payload::TableSection(tables) => whole.tables = Some(tables),
                Payload::GlobalSection(globals) => whole.globals = Some(globals),
                Payload::ExportSection(exports) => whole.exports = Some(exports),
                Payload::ElementSection(elements) => whole.elements = Some(elements),
                Payload::CodeSectionEntry(body) => whole.bodies.push(body),
                Payload::StartSection { .. } => return Err(SplitError::Refused("it has a start function")),
                Payload::DataCountSection { .. } => {
                    return Err(SplitError::Refused("it uses its data by number"));
                }
                Payload::MemorySection(_) => {
                    return Err(SplitError::Refused("it does not import its memory"));
                }
                _ => {}
            }
        }
        if whole.imports.is_none() {
            Err(SplitError::Refused("it does not import its memory"))
        } else {
            Ok(whole)
        }
    }

    /// Returns the functions that the module defines, by index, with their code.
    fn own(&self) -> impl Iterator<Item = (u32, &FunctionBody<'a>)> {
        (self.imported..).zip(&self.bodies)
    }

    /// Returns the type index of a function.
    fn type_of(&self, function: u32) -> u32 {
        self.functions.get(function as usize).copied().unwrap_or(u32::MAX)
    }

    /// Returns the number of tables.
    fn tables(&self) -> u32 {
        self.tables.as_ref().map_or(0, wasmparser::SectionLimited::count)
    }

    /// Returns the number of globals.
    fn globals(&self) -> u32 {
        self.globals.as_ref().map_or(0, wasmparser::SectionLimited::count)
    }
}

/// Which function goes into which module. All indices are those of the whole module, sorted.
struct Plan {
    /// The functions of the near module.
    near: BTreeSet<u32>,
    /// The functions of the rest that the near module refers to, and has a stub for.
    stubs: Vec<u32>,
    /// The functions of the near module that the rest calls.
    shared: Vec<u32>,
}

impl Plan {
    /// Decides where each function goes.
    fn of(whole: &Whole<'_>, is_near: impl Fn(u32) -> bool) -> Result<Self, SplitError> {
        let exported = exported(whole)?;
        let near: BTreeSet<u32> = (0..whole.functions.len() as u32)
            .filter(|function| {
                *function < whole.imported || exported.contains(function) || is_near(*function)
            })
            .collect();
        let (mut stubs, mut shared) = (BTreeSet::new(), BTreeSet::new());
        for (caller, body) in whole.own() {
            let is_near = near.contains(&caller);
            for callee in calls(body)? {
                match (is_near, near.contains(&callee)) {
                    (true, false) => stubs.insert(callee),
                    (false, true) => shared.insert(callee),
                    _ => false,
                };
            }
        }
        for function in addressed(whole)? {
            if !near.contains(&function) {
                stubs.insert(function);
            }
        }
        Ok(Self { near, stubs: stubs.into_iter().collect(), shared: shared.into_iter().collect() })
    }

    /// Returns the size of the table [`SHARED`]: first the functions that have a stub, then those that the
    /// rest calls.
    fn slots(&self) -> u32 {
        (self.stubs.len() + self.shared.len()) as u32
    }
}

/// Gives each function of the whole module its index in one of the parts.
struct Renumber {
    /// The new index, by the index in the whole module. `None` for functions that the part does not contain.
    numbers: Vec<Option<u32>>,
}

impl Reencode for Renumber {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, reencode::Error<Infallible>> {
        let number = self.numbers.get(function as usize).copied().flatten();
        Ok(number.expect("a part contains every function that it refers to: see `Plan::of`"))
    }
}

/// Returns the functions that a function calls directly.
fn calls(body: &FunctionBody<'_>) -> Result<Vec<u32>, SplitError> {
    let mut callees = Vec::new();
    for operator in body.get_operators_reader()? {
        match operator? {
            Operator::Call { function_index } | Operator::ReturnCall { function_index } => {
                callees.push(function_index);
            }
            Operator::RefFunc { .. } => return Err(SplitError::Refused("it takes references to functions")),
            _ => {}
        }
    }
    Ok(callees)
}

/// Returns the functions in tables.
fn addressed(whole: &Whole<'_>) -> Result<Vec<u32>, SplitError> {
    let mut functions = Vec::new();
    for element in whole.elements.clone().into_iter().flatten() {
        let element = element?;
        match (element.kind, element.items) {
            (ElementKind::Active { .. }, ElementItems::Functions(items)) => {
                for function in items {
                    functions.push(function?);
                }
            }
            _ => return Err(SplitError::Refused("its tables hold more than functions")),
        }
    }
    Ok(functions)
}

/// Returns the exported functions, which the host may call.
fn exported(whole: &Whole<'_>) -> Result<BTreeSet<u32>, SplitError> {
    let mut functions = BTreeSet::new();
    for export in whole.exports.clone().into_iter().flatten() {
        let export = export?;
        if export.kind == ExternalKind::Func {
            functions.insert(export.index);
        }
    }
    Ok(functions)
}
