//! Splits the module: the functions that most programs call, and the rest, which is fetched when one of its functions
//! is first called.
//!
//! An engine reads all of a module at its start, but most programs call only a third of this one's functions.
//! So the others go into a second module, the rest. It imports what it shares with the first module, the near
//! one. Tables, memory and globals keep their indices, so addresses of functions do not change. The near
//! module has a stub for each function of the rest that it refers to: the stub has the rest fetched if it is
//! not there, and calls through a table that both share.
//!
//! A third part may hold functions that nothing can reach by their addresses before it is fetched, such as those of a
//! library with a function that initialises it. Its functions in tables need no stubs: it puts them there itself.

mod near;
mod part;
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

/// The part that a function belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The module to start.
    Near,
    /// The second module.
    Rest,
    /// The third module. Before one of its functions is called directly, none is called by its address.
    Apart,
}

/// The parts that are fetched, in the order of [`FETCH`].
const FETCHED: [Part; 2] = [Part::Rest, Part::Apart];

/// The modules.
#[derive(Debug)]
pub struct Split {
    /// The module to start. It imports `python_wasm.fetch_rest` (and `fetch_apart`, if there is a third module) beside
    /// the whole module's imports, and has no data segments.
    pub near: Vec<u8>,
    /// The module to fetch and instantiate later. It imports exports of the near module by name, and
    /// functions in that one's table `python_wasm_shared` by index.
    pub rest: Vec<u8>,
    /// Another one, if any function belongs to it.
    pub apart: Option<Vec<u8>>,
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

/// Splits a module that imports its memory. `part_of` takes a function's index and returns the part that it belongs to.
/// Imported and exported functions always belong to the near module.
///
/// Fails with [`SplitError`] if the module is malformed, or uses what our module does not.
pub fn split(module: &[u8], part_of: impl Fn(u32) -> Part) -> Result<Split, SplitError> {
    let whole = Whole::read(module)?;
    let plan = Plan::of(&whole, part_of)?;
    let apart = plan.fetched().contains(&Part::Apart).then(|| part::encode(&whole, &plan, Part::Apart));
    Ok(Split {
        near: near::encode(&whole, &plan)?,
        rest: part::encode(&whole, &plan, Part::Rest)?,
        apart: apart.transpose()?,
    })
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
    /// The part of each function.
    parts: Vec<Part>,
    /// The functions outside of the near module that have a stub there, those of one part after those of the other.
    stubs: Vec<u32>,
    /// The functions of the near module, stubs among them, that other parts call.
    shared: Vec<u32>,
}

impl Plan {
    /// Decides where each function goes.
    fn of(whole: &Whole<'_>, part_of: impl Fn(u32) -> Part) -> Result<Self, SplitError> {
        let exported = exported(whole)?;
        let place = |function| {
            if function < whole.imported || exported.contains(&function) {
                Part::Near
            } else {
                part_of(function)
            }
        };
        let parts: Vec<_> = (0..whole.functions.len() as u32).map(place).collect();
        let part = |function: u32| parts.get(function as usize).copied().unwrap_or(Part::Near);
        let (mut stubs, mut shared) = (BTreeSet::new(), BTreeSet::new());
        for (caller, body) in whole.own() {
            let from = part(caller);
            for callee in calls(body)? {
                let to = part(callee);
                if from != to && to != Part::Near {
                    stubs.insert(callee);
                }
                if from != to && from != Part::Near {
                    shared.insert(callee);
                }
            }
        }
        stubs.extend(addressed(whole)?.into_iter().filter(|function| part(*function) == Part::Rest));
        let stubs =
            FETCHED.iter().flat_map(|of| stubs.iter().copied().filter(|stub| part(*stub) == *of)).collect();
        Ok(Self { shared: shared.into_iter().collect(), stubs, parts })
    }

    /// Returns the part of a function.
    fn part(&self, function: u32) -> Part {
        self.parts.get(function as usize).copied().unwrap_or(Part::Near)
    }

    /// Returns the parts that are fetched.
    fn fetched(&self) -> &'static [Part] {
        if self.parts.contains(&Part::Apart) { &FETCHED } else { &FETCHED[..1] }
    }

    /// Returns the slot of a function's stub, in the table [`SHARED`].
    fn stub(&self, function: u32) -> Option<u32> {
        self.stubs.iter().position(|stub| *stub == function).map(|slot| slot as u32)
    }

    /// Returns the first slot of a part's stubs, and their functions.
    fn stubs_of(&self, part: Part) -> (u32, &[u32]) {
        let start = self.stubs.iter().position(|stub| self.part(*stub) == part).unwrap_or(0);
        let stubs = self.stubs.get(start..).unwrap_or_default();
        let count = stubs.iter().take_while(|stub| self.part(**stub) == part).count();
        (start as u32, &stubs[..count])
    }

    /// Returns the size of the table [`SHARED`]: first the functions that have a stub, then those that other parts
    /// call.
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
    Ok(segments(whole)?.into_iter().flat_map(|segment| segment.functions).collect())
}

/// Functions that stand in a table one after the other.
struct Segment {
    table: u32,
    start: i32,
    functions: Vec<u32>,
}

impl Segment {
    /// Returns the longest runs of functions for which `wanted` holds.
    fn runs(&self, wanted: impl Fn(u32) -> bool) -> Vec<Self> {
        let mut runs: Vec<Self> = Vec::new();
        let mut place = self.start;
        for group in self.functions.chunk_by(|one, other| wanted(*one) == wanted(*other)) {
            if group.first().is_some_and(|function| wanted(*function)) {
                runs.push(Self { table: self.table, start: place, functions: group.to_vec() });
            }
            place += group.len() as i32;
        }
        runs
    }
}

/// Returns what the module puts into its tables.
fn segments(whole: &Whole<'_>) -> Result<Vec<Segment>, SplitError> {
    let mut segments = Vec::new();
    for element in whole.elements.clone().into_iter().flatten() {
        let element = element?;
        match (element.kind, element.items) {
            (ElementKind::Active { table_index, offset_expr }, ElementItems::Functions(items)) => {
                let Operator::I32Const { value: start } = offset_expr.get_operators_reader().read()? else {
                    return Err(SplitError::Refused("the places in its tables are not constant"));
                };
                let functions = items.into_iter().collect::<Result<_, _>>()?;
                segments.push(Segment { table: table_index.unwrap_or(0), start, functions });
            }
            _ => return Err(SplitError::Refused("its tables hold more than functions")),
        }
    }
    Ok(segments)
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
