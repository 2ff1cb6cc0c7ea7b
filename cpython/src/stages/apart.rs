//! Finds the functions of a library in a module by the names of two that stand around them, and drops all names.

use std::ops::RangeInclusive;

use wasm_encoder::{Module, RawSection};
use wasmparser::{BinaryReaderError, KnownCustom, Name, Parser};

/// A library's functions in a module.
pub(super) struct Found {
    /// Their indices.
    pub(super) functions: RangeInclusive<u32>,
    /// The module without its custom sections.
    pub(super) module: Vec<u8>,
}

/// Finds the functions from the one named `first` to the one named `last`. `None` if one of the two is not there.
pub(super) fn between(wasm: &[u8], first: &str, last: &str) -> Result<Option<Found>, BinaryReaderError> {
    let (mut start, mut end) = (None, None);
    let mut module = Module::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        if let wasmparser::Payload::CustomSection(section) = &payload {
            let KnownCustom::Name(names) = section.as_known() else { continue };
            for subsection in names {
                let Name::Function(functions) = subsection? else { continue };
                for function in functions {
                    let function = function?;
                    if function.name == first {
                        start = Some(function.index);
                    } else if function.name == last {
                        end = Some(function.index);
                    }
                }
            }
        } else if let Some((id, range)) = payload.as_section() {
            module.section(&RawSection { id, data: wasm.get(range).unwrap_or_default() });
        }
    }
    Ok(start.zip(end).map(|(start, end)| Found { functions: start..=end, module: module.finish() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODULE: &str = r#"(module
        (func $a) (func $first) (func $b) (func $last) (func $c (call $b)) (export "c" (func $c)) (@custom "x" "y"))"#;

    #[test]
    fn functions_are_found_between_two_and_names_are_dropped() {
        let wasm = wat::parse_str(MODULE).unwrap();
        let found = between(&wasm, "first", "last").unwrap().unwrap();
        assert_eq!(found.functions, 1..=3);
        let text = wasmprinter::print_bytes(found.module).unwrap();
        assert!(text.contains(r#"(export "c" (func 4))"#) && !text.contains("$first"), "{text}");
        assert!(!text.contains("@custom"), "{text}");
        assert!(between(&wasm, "first", "other").unwrap().is_none());
    }
}
