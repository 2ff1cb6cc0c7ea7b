//! A workaround for wasmi 2.0.0, which translates some `select`s wrongly.
//!
//! wasmi fuses `select` with `i32.eqz`, or with a comparison with 0, that makes its condition. It drops the comparison
//! and looks at the comparison's operand instead, but if that is a local variable it looks at whatever was computed
//! last (`FuncTranslator::try_fuse_select`). SQLite crashed by that when it copied its write-ahead log.
//!
//! The comparisons are replaced by others of the same meaning, which wasmi does not fuse.

use std::borrow::Cow;
use std::ops::Range;

use wasmparser::{BinaryReaderError, FunctionBody, Operator, Parser, Payload};

/// Instead of `i32.eqz`: `i32.const 1`, `i32.lt_u`.
const IS_ZERO: [u8; 3] = [0x41, 1, 0x49];
/// Behind `i32.eq` and `i32.ne`, whose results are 0 or 1: `i32.const 1`, `i32.and`.
const AND_ONE: [u8; 3] = [0x41, 1, 0x71];
/// The number of the code section.
const CODE: u8 = 10;
/// The bytes before the first section.
const HEADER: usize = 8;

/// What stands in the place of some bytes of a module.
struct Edit {
    place: Range<usize>,
    bytes: [u8; 3],
}

/// Returns a module of the same meaning in which wasmi fuses no `select` with a comparison. One that cannot be parsed
/// is returned as it is: wasmi tells what is wrong with it.
pub fn unfused(wasm: &[u8]) -> Cow<'_, [u8]> {
    match replaced(wasm) {
        Ok(Some(module)) => Cow::Owned(module),
        Ok(None) | Err(_) => Cow::Borrowed(wasm),
    }
}

/// Returns the new module; `None` if nothing has to be replaced.
fn replaced(wasm: &[u8]) -> Result<Option<Vec<u8>>, BinaryReaderError> {
    // Where the code section begins with its number and size, and where its content ends.
    let (mut header, mut end) = (0, 0);
    let (mut before, mut bodies, mut any) = (HEADER, Vec::new(), false);
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        match &payload {
            Payload::CodeSectionStart { range, .. } => (header, end) = (before, range.end),
            Payload::CodeSectionEntry(body) => {
                let edits = edits(body)?;
                any |= !edits.is_empty();
                bodies.push(with(wasm, body.range(), &edits));
            }
            _ => {}
        }
        if let Some((_, range)) = payload.as_section() {
            before = range.end;
        }
    }
    let (Some(start), Some(rest), true) = (wasm.get(..header), wasm.get(end..), any) else { return Ok(None) };
    let mut content = number(bodies.len());
    for body in bodies {
        content.extend(number(body.len()));
        content.extend(body);
    }
    Ok(Some([start, &[CODE], &number(content.len()), &content, rest].concat()))
}

/// Returns what has to be replaced in a function.
fn edits(body: &FunctionBody<'_>) -> Result<Vec<Edit>, BinaryReaderError> {
    let mut edits = Vec::new();
    let mut previous = None;
    for operator in body.get_operators_reader()?.into_iter_with_offsets() {
        let (operator, offset) = operator?;
        if let (Operator::Select | Operator::TypedSelect { .. }, Some((condition, start))) =
            (&operator, &previous)
        {
            match condition {
                Operator::I32Eqz => edits.push(Edit { place: *start..offset, bytes: IS_ZERO }),
                Operator::I32Eq | Operator::I32Ne => {
                    edits.push(Edit { place: offset..offset, bytes: AND_ONE });
                }
                _ => {}
            }
        }
        previous = Some((operator, offset));
    }
    Ok(edits)
}

/// Returns these bytes of a module with the edits made.
fn with(wasm: &[u8], range: Range<usize>, edits: &[Edit]) -> Vec<u8> {
    let (mut bytes, mut done) = (Vec::with_capacity(range.len() + 3 * edits.len()), range.start);
    for Edit { place, bytes: new } in edits {
        bytes.extend(&wasm[done..place.start]);
        bytes.extend(new);
        done = place.end;
    }
    bytes.extend(&wasm[done..range.end]);
    bytes
}

/// Encodes a number as WebAssembly does, by LEB128.
fn number(number: usize) -> Vec<u8> {
    let (mut rest, mut bytes) = (number, Vec::new());
    loop {
        let byte = (rest & 0x7f) as u8;
        rest >>= 7;
        if rest == 0 {
            bytes.push(byte);
            return bytes;
        }
        bytes.push(byte | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{InstanceLimits, Module, Number, Origin, Outcome};

    /// A module whose functions compute something else first, and then select by a local variable.
    const MODULE: &str = r#"(module
        (memory (export "memory") 1)
        (func (export "eqz") (param i32) (result i32)
            (select (i32.const 1) (i32.add (i32.shl (local.get 0) (i32.const 12)) (i32.const -34))
                (i32.eqz (local.get 0))))
        (func (export "eq") (param i32) (result i32)
            (select (i32.const 1) (i32.add (i32.shl (local.get 0) (i32.const 12)) (i32.const -34))
                (i32.eq (local.get 0) (i32.const 0))))
        (func (export "ne") (param i32) (result i32)
            (select (i32.add (i32.shl (local.get 0) (i32.const 12)) (i32.const -34)) (i32.const 1)
                (i32.ne (local.get 0) (i32.const 0))))
        (func (export "typed") (param i32) (result i32)
            (select (result i32) (i32.const 1) (i32.add (i32.shl (local.get 0) (i32.const 12)) (i32.const -34))
                (i32.eqz (local.get 0)))))"#;

    #[test]
    fn a_select_by_a_comparison_with_zero_selects_the_right_value() {
        let wasm = wat::parse_str(MODULE).unwrap();
        let module = Module::<()>::new(&wasm, Origin::Unknown, &[]).unwrap();
        let context = wasi_core::WasiCtx::builder().build().unwrap();
        let mut instance = module.instantiate(context, (), InstanceLimits::NONE).unwrap();
        for name in ["eqz", "eq", "ne", "typed"] {
            for (argument, expected) in [(0, 1), (1, 4062), (2, 8158)] {
                let outcome = instance.call(name, &[Number::I32(argument)]).unwrap();
                assert_eq!(outcome, Outcome::Returned(Some(Number::I32(expected))), "{name}({argument})");
            }
        }
    }

    #[test]
    fn a_module_without_such_a_select_stays_as_it_is() {
        let wasm = wat::parse_str("(module (func (result i32) (i32.eqz (i32.const 1))))").unwrap();
        assert!(matches!(unfused(&wasm), Cow::Borrowed(_)));
        assert!(matches!(unfused(b"\0asm nonsense"), Cow::Borrowed(_)));
    }

    #[test]
    fn what_stands_before_and_behind_the_code_is_kept() {
        let text = "(module (memory 1) (func (param i32) (result i32)
            (select (i32.const 1) (i32.const 2) (i32.eqz (local.get 0)))) (data (i32.const 0) \"text\"))";
        let wasm = wat::parse_str(text).unwrap();
        let new = unfused(&wasm).into_owned();
        assert!(new.len() == wasm.len() + 2 && new.ends_with(b"text"));
        crate::validate(&new).unwrap();
    }
}
