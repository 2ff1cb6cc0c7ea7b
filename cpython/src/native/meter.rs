//! Adds a counter of work to the module, so that the host can stop its compiled code.
//!
//! The counter is a global that the host fills. Each round of a loop decrements it, and so does each entry of
//! a function at which a cycle of calls can close. At zero the code calls a function of the host, which may
//! check clocks and interrupts, refill the counter, or end the guest. Code that runs for long passes such
//! places again and again, and the count is the same in every run.
//!
//! For code that is compiled ahead of time the module's imported memory also becomes its own: such code reaches that with
//! one indirection less, and the host creates it in either case.

mod cycles;

use std::convert::Infallible;

use python_wasm_contract::native::{COUNTER, COUNTER_SPENT};
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    BlockType, BranchHint, BranchHints, CodeSection, ConstExpr, EntityType, ExportKind, ExportSection,
    Function, GlobalSection, GlobalType, ImportSection, Instruction, MemorySection, Module, SectionId,
    TypeSection, ValType,
};
use wasmparser::{BinaryReaderError, Parser, Payload, TypeRef};

/// Returns the module with its counter, and with its memory as its own. The error says what is wrong with the module.
#[cfg(any(feature = "native", test))]
pub(super) fn metered(module: &[u8]) -> Result<Vec<u8>, String> {
    meter(module, true)
}

/// Returns the module with its counter, for an engine that gives it its memory. The error says what is wrong with the
/// module.
///
/// The host fills the exported global `python_wasm_counter`, and is called at `python_wasm.counter_spent` when it is
/// used up.
#[cfg(feature = "meter")]
pub fn imported(module: &[u8]) -> Result<Vec<u8>, String> {
    meter(module, false)
}

fn meter(module: &[u8], owns_memory: bool) -> Result<Vec<u8>, String> {
    let counts = Counts::of(module).map_err(|error| error.to_string())?;
    let recurring =
        cycles::recurring(module, counts.imported_functions).map_err(|error| error.to_string())?;
    // Branch hints come before the code that they refer to, so a first pass gathers them and a second pass
    // writes them.
    let mut hints = Vec::new();
    let mut metered = Vec::new();
    for _ in 0..2 {
        let mut meter = Meter {
            counts,
            recurring: &recurring,
            owns_memory,
            has_counter: false,
            exports_counter: false,
            memory: None,
            hints,
            gathered: Vec::new(),
        };
        let mut encoded = Module::new();
        meter.parse_core_module(&mut encoded, Parser::new(0), module).map_err(|error| error.to_string())?;
        hints = meter.gathered;
        metered = encoded.finish();
    }
    Ok(metered)
}

/// The number of items of each kind in the module, which is the index of the next one that is added.
#[derive(Clone, Copy, Default)]
struct Counts {
    types: u32,
    imported_functions: u32,
    globals: u32,
}

impl Counts {
    /// Counts the items of a module.
    fn of(module: &[u8]) -> Result<Self, BinaryReaderError> {
        let mut counts = Self::default();
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::TypeSection(types) => {
                    for group in types {
                        counts.types += group?.types().len() as u32;
                    }
                }
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        match import?.ty {
                            TypeRef::Func(_) => counts.imported_functions += 1,
                            TypeRef::Global(_) => counts.globals += 1,
                            _ => {}
                        }
                    }
                }
                Payload::GlobalSection(globals) => counts.globals += globals.count(),
                _ => {}
            }
        }
        Ok(counts)
    }
}

/// Copies a module and adds the counter.
struct Meter<'a> {
    counts: Counts,
    /// For each function that the module defines, whether its entry is counted.
    recurring: &'a [bool],
    /// Whether the memory that the module imports becomes its own.
    owns_memory: bool,
    /// Whether the counter is among the globals already, and among the exports.
    has_counter: bool,
    exports_counter: bool,
    /// The type of the memory that the module imported.
    memory: Option<wasm_encoder::MemoryType>,
    /// For each function, the offsets of the branches to the host, as the first pass gathered them.
    hints: Vec<Vec<u32>>,
    /// The same offsets, as this pass gathers them.
    gathered: Vec<Vec<u32>>,
}

impl Meter<'_> {
    fn add_counter(&mut self, globals: &mut GlobalSection) {
        let counter = GlobalType { val_type: ValType::I64, mutable: true, shared: false };
        globals.global(counter, &ConstExpr::i64_const(0));
        self.has_counter = true;
    }

    fn export_counter(&mut self, exports: &mut ExportSection) {
        exports.export(COUNTER, ExportKind::Global, self.counts.globals);
        self.exports_counter = true;
    }

    /// Emits code that decrements the counter, and calls the host if nothing is left. Adds the branch's
    /// offset to `rare`.
    fn count(&self, function: &mut Function, rare: &mut Vec<u32>) {
        let Counts { globals: counter, imported_functions: spent, .. } = self.counts;
        let mut code = function.instructions();
        code.global_get(counter).i64_const(1).i64_sub().global_set(counter);
        code.global_get(counter).i64_const(0).i64_le_s();
        rare.push(function.byte_len() as u32);
        function.instructions().if_(BlockType::Empty).call(spent).end();
    }
}

impl Reencode for Meter<'_> {
    type Error = Infallible;

    /// Renumbers a function: the new import comes after the imported functions and before all others.
    fn function_index(&mut self, function: u32) -> Result<u32, Error<Infallible>> {
        Ok(if function < self.counts.imported_functions { function } else { function + 1 })
    }

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: wasmparser::TypeSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        utils::parse_type_section(self, types, section)?;
        types.ty().function([], []);
        Ok(())
    }

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: wasmparser::ImportSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        for import in section.into_imports() {
            let import = import?;
            match import.ty {
                TypeRef::Memory(ty) if self.owns_memory => self.memory = Some(self.memory_type(ty)?),
                _ => self.parse_import(imports, import)?,
            }
        }
        let (module, name) = COUNTER_SPENT;
        imports.import(module, name, EntityType::Function(self.counts.types));
        Ok(())
    }

    fn parse_global_section(
        &mut self,
        globals: &mut GlobalSection,
        section: wasmparser::GlobalSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        utils::parse_global_section(self, globals, section)?;
        self.add_counter(globals);
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: wasmparser::ExportSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        utils::parse_export_section(self, exports, section)?;
        self.export_counter(exports);
        Ok(())
    }

    fn intersperse_section_hook(
        &mut self,
        module: &mut Module,
        _after: Option<SectionId>,
        before: Option<SectionId>,
    ) -> Result<(), Error<Infallible>> {
        if before == Some(SectionId::Global)
            && let Some(memory) = self.memory
        {
            let mut memories = MemorySection::new();
            memories.memory(memory);
            module.section(&memories);
        }
        // The sections that the module has none of: they come before all that follow them.
        if before.is_some_and(|section| section > SectionId::Global) && !self.has_counter {
            let mut globals = GlobalSection::new();
            self.add_counter(&mut globals);
            module.section(&globals);
        }
        if before.is_some_and(|section| section > SectionId::Export) && !self.exports_counter {
            let mut exports = ExportSection::new();
            self.export_counter(&mut exports);
            module.section(&exports);
        }
        if before == Some(SectionId::Code) {
            let mut hints = BranchHints::new();
            for (index, rare) in (self.counts.imported_functions + 1..).zip(&self.hints) {
                let hint = |&at| BranchHint { branch_func_offset: at, branch_hint_value: 0 };
                if !rare.is_empty() {
                    hints.function_hints(index, rare.iter().map(hint).collect::<Vec<_>>());
                }
            }
            module.section(&hints);
        }
        Ok(())
    }

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: wasmparser::FunctionBody<'_>,
    ) -> Result<(), Error<Infallible>> {
        let mut function = self.new_function_with_parsed_locals(&body)?;
        let mut rare = Vec::new();
        if self.recurring[self.gathered.len()] {
            self.count(&mut function, &mut rare);
        }
        let mut reader = body.get_operators_reader()?;
        while !reader.eof() {
            let instruction = self.parse_instruction(&mut reader)?;
            function.instruction(&instruction);
            if matches!(instruction, Instruction::Loop(_)) {
                self.count(&mut function, &mut rare);
            }
        }
        code.function(&function);
        self.gathered.push(rare);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metered_text(wat: &str) -> String {
        let module = metered(&wat::parse_str(wat).unwrap()).unwrap();
        wasmprinter::print_bytes(&module).unwrap()
    }

    /// Returns a module with an import, a global and an export, like ours.
    fn module(functions: &str) -> String {
        format!(
            r#"(module (import "host" "f" (func $host)) (global (export "sp") (mut i32) (i32.const 0))
                (memory 1) {functions})"#
        )
    }

    /// Returns, for each function, at how many places it decrements the counter.
    fn places(functions: &str) -> Vec<usize> {
        let text = metered_text(&module(functions));
        text.split("\n  (func ").skip(1).map(|function| function.matches("i64.sub").count()).collect()
    }

    #[test]
    fn loops_are_counted_and_straight_code_is_not() {
        let functions =
            "(func (drop (i32.load (i32.const 0)))) (func (loop $l (loop $m (br_if $m (i32.const 0)))))";
        assert_eq!(places(functions), [0, 2]);
    }

    #[test]
    fn functions_are_renumbered_consistently() {
        let text = metered_text(&module("(func $a (call $host)) (func $b (call $a)) (start $b)"));
        for part in [
            r#"(import "python_wasm" "counter_spent" (func (;1;)"#,
            "(func $a (;2;) (type 0)\n    call $host",
            "(func $b (;3;) (type 0)\n    call $a",
            "(start $b)",
            r#"(export "python_wasm_counter" (global 1))"#,
            "(global (;1;) (mut i64) i64.const 0)",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
    }

    #[test]
    fn an_imported_memory_becomes_the_module_s_own() {
        let text = metered_text(
            r#"(module (import "env" "memory" (memory 3)) (global i32 (i32.const 0)) (export "memory" (memory 0)))"#,
        );
        assert!(text.contains("(memory (;0;) 3)") && !text.contains("\"env\""), "{text}");
    }

    #[test]
    fn a_module_without_globals_and_exports_gets_them() {
        let text = metered_text("(module (memory 1) (func (loop $l (br $l))))");
        assert!(text.contains("(global (;0;) (mut i64) i64.const 0)"), "{text}");
        assert!(text.contains(r#"(export "python_wasm_counter" (global 0))"#), "{text}");
    }

    #[test]
    fn the_branch_to_the_host_is_marked_as_rare() {
        let text = metered_text(&module("(func (loop $l (br $l)))"));
        let rare = "(@metadata.code.branch_hint \"\\00\")\n      if ;; label = @2\n        call 1";
        assert!(text.contains(rare), "{text}");
    }

    #[test]
    fn a_damaged_module_is_an_error() {
        let module = wat::parse_str(module("(func)")).unwrap();
        assert!(metered(&module[..module.len() - 1]).is_err());
    }
}
