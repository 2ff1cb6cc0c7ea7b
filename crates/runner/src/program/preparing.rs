//! `--prepare`: a program whose imports are kept as an image.

use std::path::Path;

use python_wasm_engine::Outcome;
use python_wasm_sandbox::Sandbox;
use python_wasm_sandbox::command_line::{ending as endings, inherited, say, signals};
use wasi_core::Interrupt;

use super::{Program, ending, instance, no_streams};
use crate::error::Error;
use crate::python::guest::Guest;
use crate::python::image::Before;

impl Program {
    /// Runs the command line, and keeps what it leaves in Python as an image; the exit status. If the program fails
    /// nothing is written.
    pub(crate) fn prepare(self, sandbox: Sandbox, file: &Path) -> Result<u8, Error> {
        let limits = sandbox.limits.clone();
        let (wasi, state) = self.context(sandbox, inherited().map_err(no_streams)?)?;
        signals::forward(wasi.interrupt().clone(), Interrupt::interrupt, || ()).map_err(Error::config_of)?;
        let mut guest = Guest::new(instance(wasi, state, (&limits).into())?, limits.clone());
        guest.define_functions()?;
        let before = Before::of(&mut guest)?;
        match guest.run_main() {
            Ok(0) => {}
            Ok(status) => {
                let met = match guest.limit_met() {
                    Some(Error::Timeout) => Some(Outcome::Timeout),
                    Some(_) => Some(Outcome::OutOfFuel),
                    None => None,
                };
                let (status, line) = match met {
                    Some(limit) => ending::of(&limit, guest.instance(), &limits),
                    None => (status as u8, None),
                };
                return Ok(nothing_kept(file, &line.unwrap_or_else(|| "the program failed".into()), status));
            }
            Err(error) => {
                let Some(outcome) = guest.lost().cloned() else { return Err(error) };
                let (status, line) = ending::of(&outcome, guest.instance(), &limits);
                let line = line.unwrap_or_else(|| "the program ended python itself".into());
                return Ok(nothing_kept(file, &line, status));
            }
        }
        let kept = before.image(&mut guest).and_then(|image| image.save(file));
        kept.map(|()| 0)
            .map_err(|error| Error::snapshot_because(format!("--prepare {}: {error}", file.display()), error))
    }
}

/// Says why there is no image.
fn nothing_kept(file: &Path, why: &str, status: u8) -> u8 {
    say(&format!("python-wasm: --prepare {}: {why}, and nothing was kept", file.display()));
    if status == 0 { endings::USAGE } else { status }
}
