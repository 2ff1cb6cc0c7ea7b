//! Encodes a module that is fetched: the rest, or one set apart.

use std::collections::BTreeSet;
use std::convert::Infallible;

use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{
    CodeSection, ConstExpr, ElementSection, Elements, EntityType, FunctionSection, ImportSection, Module,
    TypeSection,
};
use wasmparser::TypeRef;

use super::{GLOBAL, Part, Plan, Renumber, SHARED, Segment, SplitError, TABLE, Whole, calls, near, segments};

/// The module name of its imports.
const NEAR: &str = "near";

/// Encodes a part.
pub(super) fn encode(whole: &Whole<'_>, plan: &Plan, part: Part) -> Result<Vec<u8>, SplitError> {
    // Imported functions come first.
    let mut numbers = vec![None; whole.functions.len()];
    let mut called = BTreeSet::new();
    for (function, body) in whole.own() {
        if plan.part(function) == part {
            called.extend(calls(body)?);
        }
    }
    let imported = || {
        let shared = plan.shared.iter().enumerate();
        shared.filter(|(_, function)| plan.part(**function) != part && called.contains(*function))
    };
    let own = whole.own().map(|(function, _)| function).filter(|function| plan.part(*function) == part);
    for (number, function) in (0..).zip(imported().map(|(_, function)| *function).chain(own)) {
        numbers[function as usize] = Some(number);
    }
    let mut renumber = Renumber { numbers };
    let mut types = TypeSection::new();
    if let Some(section) = whole.types.clone() {
        renumber.parse_type_section(&mut types, section)?;
    }

    let mut imports = ImportSection::new();
    for (place, &function) in imported() {
        let slot = (plan.stubs.len() + place).to_string();
        imports.import(NEAR, &slot, EntityType::Function(whole.type_of(function)));
    }
    for import in whole.imports.clone().into_iter().flat_map(wasmparser::SectionLimited::into_imports) {
        if let TypeRef::Memory(ty) = import?.ty {
            imports.import(NEAR, "memory", EntityType::Memory(renumber.memory_type(ty)?));
        }
    }
    for (number, table) in whole.tables.clone().into_iter().flatten().enumerate() {
        let ty = renumber.table_type(table?.ty)?;
        imports.import(NEAR, &format!("{TABLE}{number}"), EntityType::Table(ty));
    }
    imports.import(NEAR, SHARED, EntityType::Table(near::table(plan)));
    for (number, global) in whole.globals.clone().into_iter().flatten().enumerate() {
        let ty = renumber.global_type(global?.ty)?;
        imports.import(NEAR, &format!("{GLOBAL}{number}"), EntityType::Global(ty));
    }

    let mut elements = ElementSection::new();
    let (start, stubs) = plan.stubs_of(part);
    let stubbed = Segment { table: whole.tables(), start: start as i32, functions: stubs.to_vec() };
    put(&mut elements, &mut renumber, &stubbed)?;
    if part == Part::Apart {
        for segment in segments(whole)? {
            for run in segment.runs(|function| plan.part(function) == part) {
                put(&mut elements, &mut renumber, &run)?;
            }
        }
    }

    let (mut functions, mut code) = (FunctionSection::new(), CodeSection::new());
    for (number, body) in whole.own() {
        if plan.part(number) == part {
            functions.function(whole.type_of(number));
            renumber.parse_function_body(&mut code, body.clone())?;
        }
    }

    let mut module = Module::new();
    module.section(&types).section(&imports).section(&functions).section(&elements).section(&code);
    Ok(module.finish())
}

/// Adds functions to what a part puts into tables.
pub(super) fn put(
    elements: &mut ElementSection,
    renumber: &mut Renumber,
    segment: &Segment,
) -> Result<(), Error<Infallible>> {
    let functions = segment.functions.iter().map(|&function| renumber.function_index(function));
    let functions = functions.collect::<Result<Vec<_>, _>>()?;
    // The first table has a shorter form.
    let table = Some(segment.table).filter(|table| *table > 0);
    elements.active(table, &ConstExpr::i32_const(segment.start), Elements::Functions(functions.into()));
    Ok(())
}
