//! Makes a module tell which of its functions are called.

use std::convert::Infallible;

use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, EntityType, GlobalSection, GlobalType, ImportSection, Module,
    TypeSection, ValType,
};
use wasmparser::Parser;

use super::{SplitError, Whole};

/// The import, module and name, that is told the number of a function when that is first called: one `i32`,
/// with another one as a result that means nothing.
pub const CALLED: (&str, &str) = ("python_wasm", "called");

/// The module, in which each function tells [`CALLED`] its number in `module`, once.
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

/// Copies a module and adds to it on the way.
struct Watch {
    /// The number of [`CALLED`], which is the last import, and of its type.
    called: u32,
    ty: u32,
    /// The first of the globals that say whether a function was called.
    flags: u32,
    functions: u32,
    /// Bodies that were copied.
    next: u32,
}

impl Reencode for Watch {
    type Error = Infallible;

    /// Names would be those of other numbers.
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
