//! `--record` and `--replay`: a run kept in a file, and run again from it.

use std::fmt;
use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};

use python_wasm_engine::Instance;
use wasi_core::{Replay, WasiCtx};

use super::{Usage, say};
use crate::Limits;

/// What the two options say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recording {
    /// The file to write.
    pub record: Option<PathBuf>,
    /// The file to run from.
    pub replay: Option<PathBuf>,
}

impl Recording {
    /// Opens the file. A replay gets the limits of the run that it repeats.
    ///
    /// `module` names the program in one line; a recording of another program is refused.
    pub fn begin(&self, module: &str, wasi: &mut WasiCtx, limits: &mut Limits) -> Result<(), Usage> {
        match (&self.record, &self.replay) {
            (Some(_), Some(_)) => Err(Usage("--record and --replay exclude each other".into())),
            (Some(path), None) => record(path, module, wasi, limits),
            (None, Some(path)) => {
                let (memory, fuel) = replay(path, module, wasi)?;
                *limits = Limits::attended().memory(memory).fuel(fuel);
                Ok(())
            }
            (None, None) => Ok(()),
        }
    }

    /// Completes a recording, or compares a replay with its recording. Says what is wrong, and returns
    /// whether all is well.
    pub fn end<T: Send + 'static>(&self, program: &str, instance: Option<&mut Instance<T>>) -> bool {
        let Some(instance) = instance else { return true };
        let wasi = instance.wasi_mut();
        if let (Some(path), Err(error)) = (&self.record, wasi.finish_recording()) {
            say(&format!("{program}: the recording {} is not complete: {error}", path.display()));
            return false;
        }
        if let (Some(path), Some(difference)) = (&self.replay, wasi.divergence()) {
            let path = path.display();
            say(&format!("{program}: this run is not the one of the recording {path}: {difference}"));
            return false;
        }
        true
    }
}

fn record(path: &Path, module: &str, wasi: &mut WasiCtx, limits: &Limits) -> Result<(), Usage> {
    let failed = |error| Usage(format!("--record {}: {error}", path.display()));
    let file = BufWriter::new(File::create(path).map_err(failed)?);
    let header = format!("{module}\n{}\n{}", limits.memory, limits.fuel);
    wasi.record(file, header.as_bytes()).map_err(failed)
}

/// Returns the memory and the fuel that the recorded run was allowed.
fn replay(path: &Path, module: &str, wasi: &mut WasiCtx) -> Result<(u64, u64), Usage> {
    let failed = |error: &dyn fmt::Display| Usage(format!("--replay {}: {error}", path.display()));
    let file = File::open(path).map_err(|error| failed(&error))?;
    let replay = Replay::open(BufReader::new(file)).map_err(|error| failed(&error))?;
    let header = String::from_utf8_lossy(replay.header()).into_owned();
    let lines: Vec<&str> = header.lines().collect();
    let &[recorded, memory, fuel] = &lines[..] else {
        return Err(failed(&"it was made by something else"));
    };
    if recorded != module {
        return Err(failed(&format!("it was made with {recorded}, and this is {module}")));
    }
    let number = |text: &str| text.parse().map_err(|_| failed(&"its limits are damaged"));
    let limits = (number(memory)?, number(fuel)?);
    wasi.replay(replay);
    Ok(limits)
}
