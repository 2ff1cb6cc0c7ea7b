//! Makes a module report which of its functions are called.

use std::convert::Infallible;

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, EntityType, GlobalSection, GlobalType, ImportSection, Module,
    TypeSection, ValType,
};
use wasmparser::Parser;

use super::{SplitError, Whole};

/// Module and name of the import that a function calls with its index, when it is called for the first time.
/// It takes an `i32`, and returns one that has no meaning.
pub const CALLED: (&str, &str) = ("python_wasm", "called");

/// Returns the module with code at the entry of each function that reports its index in `module` to
/// [`CALLED`], once.
///
/// Fails with [`SplitError`] like [`split`](super::split).
pub fn watched(module: &[u8]) -> Result<Vec<u8>, SplitError> {
    let whole = Whole::read(module)?;
    let mut watch = Watch {
        called: whole.imported,
        ty: whole.params.len() as u32,
        flags: whole.globals(),
        functions: whole.bodies.len() as u32,
        next: 0,
    };
    let mut encoded = Module::new();
    watch.parse_core_module(&mut encoded, Parser::new(0), module)?;
    Ok(encoded.finish())
}

/// Copies a module and adds the code that reports calls.
struct Watch {
    /// The index of [`CALLED`], which is the last import.
    called: u32,
    /// The index of its type.
    ty: u32,
    /// The index of the first of the globals that say whether a function was called.
    flags: u32,
    /// The number of functions that the module defines.
    functions: u32,
    /// The number of bodies that were copied.
    next: u32,
}

impl Reencode for Watch {
    type Error = Infallible;

    /// Drops custom sections: the name section's indices would be wrong.
    fn parse_custom_section(
        &mut self,
        _module: &mut Module,
        _section: wasmparser::CustomSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        Ok(())
    }

    fn function_index(&mut self, function: u32) -> Result<u32, Error<Infallible>> {
        Ok(if function < self.called { function } else { function + 1 })
    }

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: wasmparser::TypeSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        utils::parse_type_section(self, types, section)?;
        types.ty().function([ValType::I32], [ValType::I32]);
        Ok(())
    }

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: wasmparser::ImportSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        utils::parse_import_section(self, imports, section)?;
        imports.import(CALLED.0, CALLED.1, EntityType::Function(self.ty));
        Ok(())
    }

    fn parse_global_section(
        &mut self,
        globals: &mut GlobalSection,
        section: wasmparser::GlobalSectionReader<'_>,
    ) -> Result<(), Error<Infallible>> {
        utils::parse_global_section(self, globals, section)?;
        let flag = GlobalType { val_type: ValType::I32, mutable: true, shared: false };
        for _ in 0..self.functions {
            globals.global(flag, &ConstExpr::i32_const(0));
        }
        Ok(())
    }

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: wasmparser::FunctionBody<'_>,
    ) -> Result<(), Error<Infallible>> {
        let mut function = self.new_function_with_parsed_locals(&body)?;
        let (flag, number) = (self.flags + self.next, self.called + self.next);
        let mut entry = function.instructions();
        entry.global_get(flag).i32_eqz().if_(BlockType::Empty);
        entry.i32_const(1).global_set(flag);
        entry.i32_const(number as i32).call(self.called).drop().end();
        let mut reader = body.get_operators_reader()?;
        while !reader.eof() {
            function.instruction(&self.parse_instruction(&mut reader)?);
        }
        code.function(&function);
        self.next += 1;
        Ok(())
    }
}
