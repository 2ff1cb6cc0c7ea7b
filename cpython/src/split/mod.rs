//! Splits the module in two: what most programs call, and the rest, which is fetched when one of its
//! functions is first called.
//!
//! Whoever starts the module has to read all of it, and most programs call a third of its functions. So
//! the others go into a module of their own. It imports what it shares with the first one, which keeps the
//! numbers of tables, memory and globals: addresses of functions stay what they were. A function that the
//! first module needs of the rest is there as a stub. It sees to it that the rest is there, and calls
//! through a table of its own.

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

/// What the exports of tables and globals begin with that the rest imports.
const TABLE: &str = "python_wasm_table";
const GLOBAL: &str = "python_wasm_global";

/// The two modules.
#[derive(Debug)]
pub struct Split {
    /// The one to start. It imports `python_wasm.fetch_rest` beside what the whole module imports, and has no data.
    pub near: Vec<u8>,
    /// The one that this fetches and instantiates. Its imports are exports of the first one, by their names,
    /// and functions in the first one's table `python_wasm_shared`, by their numbers.
    pub rest: Vec<u8>,
}

/// Why a module cannot be split.
#[derive(Debug, thiserror::Error)]
pub enum SplitError {
    /// It has what no module of ours has, told here.
    #[error("the module cannot be split: {0}")]
    Refused(&'static str),
    /// It is damaged.
    #[error("the module cannot be read: {0}")]
    Malformed(#[from] BinaryReaderError),
    /// It has what the encoder does not know.
    #[error("the module cannot be written anew: {0}")]
    Encode(#[from] reencode::Error<Infallible>),
}

/// Splits a module that imports its memory. `is_near` says of a function, by its number, whether it belongs
/// to the first part; those that the host calls do.
pub fn split(module: &[u8], is_near: impl Fn(u32) -> bool) -> Result<Split, SplitError> {
    let whole = Whole::read(module)?;
    let plan = Plan::of(&whole, is_near)?;
    Ok(Split { near: near::encode(&whole, &plan)?, rest: rest::encode(&whole, &plan)? })
}

/// The module up to its data section, which is the last one that counts. `None` if it is malformed, or counts
/// segments that it uses by number.
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
            // A count of segments that are used by number: they would be missed.
            12 => return None,
            _ => at = at.checked_add(1 + size)?,
        }
    }
}

/// The parts of a module.
#[derive(Default)]
struct Whole<'a> {
    types: Option<wasmparser::TypeSectionReader<'a>>,
    imports: Option<wasmparser::ImportSectionReader<'a>>,
    tables: Option<wasmparser::TableSectionReader<'a>>,
    globals: Option<wasmparser::GlobalSectionReader<'a>>,
    exports: Option<wasmparser::ExportSectionReader<'a>>,
    elements: Option<wasmparser::ElementSectionReader<'a>>,
    /// Parameters of each type.
    params: Vec<Vec<ValType>>,
    /// The type of each function, imported ones first.
    functions: Vec<u32>,
    imported: u32,
    bodies: Vec<FunctionBody<'a>>,
}

impl<'a> Whole<'a> {
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

    /// Its own functions by number, with their code.
    fn own(&self) -> impl Iterator<Item = (u32, &FunctionBody<'a>)> {
        (self.imported..).zip(&self.bodies)
    }

    fn type_of(&self, function: u32) -> u32 {
        self.functions.get(function as usize).copied().unwrap_or(u32::MAX)
    }

    fn tables(&self) -> u32 {
        self.tables.as_ref().map_or(0, wasmparser::SectionLimited::count)
    }

    fn globals(&self) -> u32 {
        self.globals.as_ref().map_or(0, wasmparser::SectionLimited::count)
    }
}

/// Which function goes where. All numbers are those of the whole module, sorted.
struct Plan {
    near: BTreeSet<u32>,
    /// Those of the rest that the first module refers to: a stub each there.
    stubs: Vec<u32>,
    /// Those of the first module that the rest calls.
    shared: Vec<u32>,
}

impl Plan {
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

    /// The place in the table [`SHARED`] of what has a stub, then of what the rest calls.
    fn slots(&self) -> u32 {
        (self.stubs.len() + self.shared.len()) as u32
    }
}

/// Gives each function that is in a module its number there.
struct Renumber {
    /// By the number in the whole module; none for functions that are not there.
    numbers: Vec<Option<u32>>,
}

impl Reencode for Renumber {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, reencode::Error<Infallible>> {
        let number = self.numbers.get(function as usize).copied().flatten();
        Ok(number.expect("what a module refers to is in it: see `Plan::of`"))
    }
}

/// The functions that a function calls.
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

/// The functions in tables.
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

/// The functions that the host calls.
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
