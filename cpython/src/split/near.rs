//! Encodes the near module: the one to start.

use wasm_encoder::reencode::Reencode;
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, ElementSection, EntityType, ExportKind, ExportSection, Function,
    FunctionSection, GlobalSection, GlobalType, ImportSection, Module, RefType, TableSection, TableType,
    TypeSection, ValType,
};

use super::{FETCH, GLOBAL, Part, Plan, Renumber, SHARED, Segment, SplitError, TABLE, Whole, part, segments};

/// Encodes the near module.
pub(super) fn encode(whole: &Whole<'_>, plan: &Plan) -> Result<Vec<u8>, SplitError> {
    // The imports FETCH come after the other imports; the functions that call them come last.
    let parts = plan.fetched();
    let fetch = whole.imported;
    let mut next = 0;
    let numbers = (0..whole.functions.len() as u32).map(|function| {
        next += if function == fetch { parts.len() as u32 } else { 0 };
        let is_here = plan.part(function) == Part::Near || plan.stub(function).is_some();
        next += u32::from(is_here);
        is_here.then(|| next - 1)
    });
    let mut renumber = Renumber { numbers: numbers.collect() };
    let arrive = next;
    let (nothing, fetching) = (whole.params.len() as u32, whole.params.len() as u32 + 1);
    let (shared, there) = (whole.tables(), whole.globals());

    let mut types = TypeSection::new();
    if let Some(section) = whole.types.clone() {
        renumber.parse_type_section(&mut types, section)?;
    }
    types.ty().function([], []);
    types.ty().function([], [ValType::I32]);

    let mut imports = ImportSection::new();
    if let Some(section) = whole.imports.clone() {
        renumber.parse_import_section(&mut imports, section)?;
    }
    for name in FETCH.1.iter().take(parts.len()) {
        imports.import(FETCH.0, name, EntityType::Function(fetching));
    }

    let mut tables = TableSection::new();
    if let Some(section) = whole.tables.clone() {
        renumber.parse_table_section(&mut tables, section)?;
    }
    tables.table(table(plan));

    let mut globals = GlobalSection::new();
    if let Some(section) = whole.globals.clone() {
        renumber.parse_global_section(&mut globals, section)?;
    }
    let flag = GlobalType { val_type: ValType::I32, mutable: true, shared: false };
    for _ in parts {
        globals.global(flag, &ConstExpr::i32_const(0));
    }

    let mut exports = ExportSection::new();
    if let Some(section) = whole.exports.clone() {
        renumber.parse_export_section(&mut exports, section)?;
    }
    for number in 0..whole.tables() {
        exports.export(&format!("{TABLE}{number}"), ExportKind::Table, number);
    }
    for number in 0..whole.globals() {
        exports.export(&format!("{GLOBAL}{number}"), ExportKind::Global, number);
    }
    exports.export(SHARED, ExportKind::Table, shared);

    let mut elements = ElementSection::new();
    for segment in segments(whole)? {
        for run in segment.runs(|function| plan.part(function) != Part::Apart) {
            part::put(&mut elements, &mut renumber, &run)?;
        }
    }
    let start = plan.stubs.len() as i32;
    let callable = Segment { table: shared, start, functions: plan.shared.clone() };
    part::put(&mut elements, &mut renumber, &callable)?;

    let (mut functions, mut code) = (FunctionSection::new(), CodeSection::new());
    for (number, body) in whole.own() {
        if plan.part(number) == Part::Near {
            renumber.parse_function_body(&mut code, body.clone())?;
        } else if let Some(slot) = plan.stub(number) {
            let of = parts.iter().position(|part| *part == plan.part(number)).unwrap_or(0) as u32;
            code.function(&stub(whole, number, arrive + of, shared, slot as i32));
        } else {
            continue;
        }
        functions.function(whole.type_of(number));
    }
    for of in 0..parts.len() as u32 {
        functions.function(nothing);
        code.function(&arrival(fetch + of, there + of));
    }

    let mut module = Module::new();
    module.section(&types).section(&imports).section(&functions).section(&tables).section(&globals);
    module.section(&exports).section(&elements).section(&code);
    Ok(module.finish())
}

/// Returns the type of the table that the modules share.
pub(super) fn table(plan: &Plan) -> TableType {
    let slots = u64::from(plan.slots());
    TableType {
        element_type: RefType::FUNCREF,
        table64: false,
        minimum: slots,
        maximum: Some(slots),
        shared: false,
    }
}

/// Encodes a stub, which passes its call on to a function of another part once that has arrived.
fn stub(whole: &Whole<'_>, function: u32, arrive: u32, shared: u32, slot: i32) -> Function {
    let mut stub = Function::new([]);
    let mut code = stub.instructions();
    code.call(arrive);
    let ty = whole.type_of(function);
    let params = whole.params.get(ty as usize).map_or(0, Vec::len);
    for param in 0..params as u32 {
        code.local_get(param);
    }
    code.i32_const(slot).call_indirect(shared, ty).end();
    stub
}

/// Encodes the function that fetches a part if it is not there. Both ways cost the same fuel, a function
/// and one arm of an `if`, so that a program's fuel does not depend on what ran in this instance before.
fn arrival(fetch: u32, there: u32) -> Function {
    let mut arrival = Function::new([]);
    let mut code = arrival.instructions();
    code.global_get(there).if_(BlockType::Empty).else_();
    code.call(fetch).drop().i32_const(1).global_set(there);
    code.end().end();
    arrival
}
