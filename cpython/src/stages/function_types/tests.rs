//! Objects made by hand: two functions, and a table with their addresses.

use wasm_encoder::{
    CodeSection, ConstExpr, CustomSection, DataSection, Function, FunctionSection, LinkingSection, Module,
    SymbolTable, TypeSection, ValType,
};

use super::object::Object;
use super::places::{Checked, check};

const FUNCTION_ADDRESS: u8 = 2;
const DATA_ADDRESS: u8 = 5;

/// An object whose functions 0 and 1 are `int f(int)` and `void g(int)`, with a table of bytes in which
/// some words are addresses: (offset, of a function?, its symbol). Symbol 2 is the table, 3 the last `tail`
/// bytes of it.
fn object(bytes: &[u8], tail: u32, addresses: &[(u8, u8, u8)]) -> Vec<u8> {
    // The number of the data section among all; the bytes begin after a count, a kind, an address and a length.
    const DATA: u8 = 3;
    const START: u8 = 6;
    let mut types = TypeSection::new();
    types.ty().function([ValType::I32], [ValType::I32]);
    types.ty().function([ValType::I32], []);
    let mut functions = FunctionSection::new();
    functions.function(0).function(1);
    let mut code = CodeSection::new();
    for result in [true, false] {
        let mut body = Function::new([]);
        if result {
            body.instructions().i32_const(0);
        }
        body.instructions().end();
        code.function(&body);
    }
    let mut data = DataSection::new();
    data.active(0, &ConstExpr::i32_const(0), bytes.iter().copied());
    let mut symbols = SymbolTable::new();
    symbols.function(0, 0, Some("f")).function(0, 1, Some("g"));
    let all = u32::try_from(bytes.len()).unwrap();
    for (name, offset, size) in [("table", 0, all - tail), ("tail", all - tail, tail)] {
        let definition = wasm_encoder::DataSymbolDefinition { index: 0, offset, size };
        symbols.data(0, name, Some(definition));
    }
    let mut linking = LinkingSection::new();
    linking.symbol_table(&symbols);
    let mut relocations = vec![DATA, u8::try_from(addresses.len()).unwrap()];
    for (offset, kind, symbol) in addresses {
        relocations.extend([*kind, START + offset, *symbol]);
        relocations.extend((*kind == DATA_ADDRESS).then_some(0));
    }
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&code).section(&data).section(&linking);
    module.section(&CustomSection { name: "reloc.DATA".into(), data: relocations.into() });
    module.finish()
}

fn checked(bytes: &[u8]) -> (Vec<String>, Checked) {
    let mut checked = Checked::default();
    let wrong = check(&Object::read(bytes).unwrap(), &mut checked);
    (wrong, checked)
}

/// `PyType_Spec { name, 0, 0, 0, slots }` before `PyType_Slot { Py_tp_clear, function }`.
fn spec(function: u8) -> Vec<u8> {
    let mut bytes = vec![0; 28];
    bytes[20] = 51;
    object(&bytes, 8, &[(0, DATA_ADDRESS, 2), (16, DATA_ADDRESS, 3), (24, FUNCTION_ADDRESS, function)])
}

#[test]
fn a_slot_with_a_function_of_its_type_is_counted() {
    assert_eq!(checked(&spec(0)), (vec![], Checked { slots: 1, ..Checked::default() }));
}

#[test]
fn a_slot_with_a_function_of_another_type_is_named() {
    let (wrong, _) = checked(&spec(1));
    assert_eq!(wrong, ["g has the type i:, tail[51] demands i:i"]);
}

#[test]
fn a_method_must_take_what_its_flags_say() {
    // PyMethodDef { name, f, METH_O, 0 }.
    let mut bytes = vec![0; 16];
    bytes[8] = 8;
    let (wrong, checked) = checked(&object(&bytes, 0, &[(0, DATA_ADDRESS, 2), (4, FUNCTION_ADDRESS, 0)]));
    assert_eq!(
        (wrong.as_slice(), checked.methods),
        (&["f has the type i:i, table[] demands ii:i".to_owned()][..], 1)
    );
}

#[test]
fn what_has_the_shape_of_no_table_is_left_alone() {
    let bytes = [0; 16];
    assert_eq!(checked(&object(&bytes, 0, &[(4, FUNCTION_ADDRESS, 1)])), (vec![], Checked::default()));
}
