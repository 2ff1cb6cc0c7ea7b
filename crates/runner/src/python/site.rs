//! `--site`: folders of packages, as `pip install --target` makes them.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use python_wasm_sandbox::place::absolute_name;
use python_wasm_sandbox::{Mount, Sandbox};

use super::bytecode::Bytecode;
use crate::error::Error;
use crate::value::Value;

/// What a guest runs before anything else, with the names of its folders as `folders`.
const SOURCE: &str = include_str!("site.py");

/// Returns the operation of the agent that adds these folders, and its arguments.
pub(super) fn request(folders: &[String]) -> (&'static str, Vec<Value>) {
    let source = literal(SOURCE);
    let list = folders.iter().map(|folder| literal(folder)).collect::<Vec<_>>().join(", ");
    let expression = format!("exec(compile({source}, '<site>', 'exec'), {{'folders': [{list}]}})");
    ("evaluate", vec![expression.into(), "<site>".into()])
}

/// Returns text as Python's literal.
fn literal(text: &str) -> String {
    let escaped = text.chars().map(|letter| match letter {
        '\n' => "\\n".to_owned(),
        '"' | '\\' => format!("\\{letter}"),
        ' '..='~' => letter.to_string(),
        letter => format!("\\U{:08x}", u32::from(letter)),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

/// Grants a folder of packages for reading, under its own name. Returns that name.
///
/// [`Error::Config`] if it is not a folder, or something else is granted under that name.
pub(crate) fn grant(sandbox: &mut Sandbox, folder: &Path) -> Result<String, Error> {
    let refused =
        |why: &dyn std::fmt::Display| Error::config(format!("the site {}: {why}", folder.display()));
    let name = absolute_name(folder).map_err(|error| refused(&error))?;
    if fs::metadata(folder).is_ok_and(|found| !found.is_dir()) {
        return Err(refused(&"it is not a folder; pip install --target makes one"));
    }
    if !sandbox.covers(&name, folder) {
        if sandbox.has_mount(&name) {
            return Err(refused(&format!("something else is granted as {name}")));
        }
        sandbox.mount(name.clone(), Mount::read_only(folder).map_err(|error| refused(&error))?);
    }
    Ok(name)
}

/// Lets all folders that were granted for reading have bytecode that is kept below `cache`.
pub(crate) fn keep_bytecode(sandbox: &mut Sandbox, cache: &Path) {
    let bytecode = Bytecode::new(cache, sandbox.engine, &sandbox.limits);
    sandbox.pass_read_only(&Arc::new(bytecode).through());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_any_kind_is_one_literal() {
        assert_eq!(literal("a\n\"\\é"), "\"a\\n\\\"\\\\\\U000000e9\"");
    }
}
