//! Encodes the rest: the module that is fetched.

use std::convert::Infallible;

use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{
    CodeSection, ConstExpr, ElementSection, Elements, EntityType, FunctionSection, ImportSection, Module,
    TypeSection,
};
use wasmparser::TypeRef;

use super::{GLOBAL, Plan, Renumber, SHARED, TABLE, Whole, near};

/// The module name of the rest's imports.
const NEAR: &str = "near";

/// Encodes the rest.
pub(super) fn encode(whole: &Whole<'_>, plan: &Plan) -> Result<Vec<u8>, Error<Infallible>> {
    // Imported functions come first.
    let mut numbers = vec![None; whole.functions.len()];
    let own = whole.own().map(|(function, _)| function).filter(|function| !plan.near.contains(function));
    for (number, function) in (0..).zip(plan.shared.iter().copied().chain(own)) {
        numbers[function as usize] = Some(number);
    }
    let mut renumber = Renumber { numbers };
    let mut types = TypeSection::new();
    if let Some(section) = whole.types.clone() {
        renumber.parse_type_section(&mut types, section)?;
    }

    let mut imports = ImportSection::new();
    for (place, &function) in plan.shared.iter().enumerate() {
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
    let stubbed = plan.stubs.iter().map(|&function| renumber.function_index(function));
    let stubbed = stubbed.collect::<Result<Vec<_>, _>>()?;
    let start = ConstExpr::i32_const(0);
    elements.active(Some(whole.tables()), &start, Elements::Functions(stubbed.into()));

    let (mut functions, mut code) = (FunctionSection::new(), CodeSection::new());
    for (number, body) in whole.own() {
        if !plan.near.contains(&number) {
            functions.function(whole.type_of(number));
            renumber.parse_function_body(&mut code, body.clone())?;
        }
    }

    let mut module = Module::new();
    module.section(&types).section(&imports).section(&functions).section(&elements).section(&code);
    Ok(module.finish())
}
