//! `--record` and `--replay`: a run kept in a file, and run again from it.

use std::fmt;
use std::fs::File;
use std::io::{BufReader, BufWriter, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use python_wasm_engine::{Instance, Outcome};
use wasi_core::{Replay, Stop, WasiCtx};

use super::{Usage, ending, say};
use crate::Limits;

/// What the two options say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recording {
    /// The file to write.
    pub record: Option<PathBuf>,
    /// The file to run from.
    pub replay: Option<PathBuf>,
}

/// A run that is recorded, or that repeats a recorded one, or neither.
#[derive(Debug)]
pub struct RecordedRun {
    recording: Recording,
    limits: Limits,
    /// The limits of the recorded run, in a replay.
    then: Option<Limits>,
}

impl Recording {
    /// Opens the file, for a run with these limits. A recording takes at most as much of the disk as the
    /// guest may ([`Limits::disk`]). A replay has, beside these limits, the memory and the fuel of the run
    /// that it repeats.
    ///
    /// `module` names the program in one line; a recording of another program is refused.
    pub fn begin(self, module: &str, wasi: &mut WasiCtx, mut limits: Limits) -> Result<RecordedRun, Usage> {
        let then = match (&self.record, &self.replay) {
            (Some(_), Some(_)) => return Err(Usage("--record and --replay exclude each other".into())),
            (Some(path), None) => record(path, module, wasi, &limits).map(|()| None)?,
            (None, Some(path)) => Some(replay(path, module, wasi)?),
            (None, None) => None,
        };
        if let Some(then) = &then {
            limits.memory = limits.memory.min(then.memory);
            limits.fuel = limits.fuel.min(then.fuel);
        }
        Ok(RecordedRun { recording: self, limits, then })
    }
}

impl RecordedRun {
    /// Returns the limits of this run.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Completes a recording, or compares a replay with its recording. Returns the limits that the outcome is
    /// to be told with. The error is an exit status: what is wrong was said then.
    pub fn end<T: Send + 'static>(
        self,
        program: &str,
        outcome: &Outcome,
        instance: Option<&mut Instance<T>>,
    ) -> Result<Limits, u8> {
        let Some(wasi) = instance.map(Instance::wasi_mut) else { return Ok(self.told()) };
        match (&self.recording, wasi.recorded_stop()) {
            (Recording { record: Some(path), .. }, _) => match wasi.finish_recording() {
                Ok(()) => Ok(self.limits),
                Err(error) if error.kind() == ErrorKind::StorageFull && error.get_ref().is_some() => {
                    Err(full(program, path, &self.limits))
                }
                Err(error) => {
                    say(&format!("{program}: the recording {} is not complete: {error}", path.display()));
                    Err(ending::RECORDING)
                }
            },
            (Recording { replay: Some(path), .. }, Some(Stop::RecordingLimit)) => {
                Err(full(program, path, &self.told()))
            }
            (Recording { replay: Some(path), .. }, stop) => {
                if stop.is_none() && self.is_cut_short(outcome, wasi) {
                    return Ok(self.limits);
                }
                match wasi.divergence() {
                    None => Ok(self.told()),
                    Some(difference) => {
                        let (path, more) = (path.display(), self.less_memory());
                        say(&format!(
                            "{program}: this run is not the one of the recording {path}: {difference}{more}"
                        ));
                        Err(ending::RECORDING)
                    }
                }
            }
            _ => Ok(self.limits),
        }
    }

    /// Returns the limits of the recorded run where there is one, as far as those of now are not lower.
    fn told(&self) -> Limits {
        let Some(then) = &self.then else { return self.limits.clone() };
        let mut told = self.limits.clone();
        told.timeout = told.timeout.min(then.timeout);
        told.output = told.output.min(then.output);
        told.disk = told.disk.min(then.disk);
        told.files = told.files.min(then.files);
        told
    }

    /// Whether a limit of now, or a signal, ended the replay before the recording does.
    fn is_cut_short(&self, outcome: &Outcome, wasi: &WasiCtx) -> bool {
        match outcome {
            Outcome::Timeout | Outcome::Terminated | Outcome::OutputLimit => true,
            Outcome::OutOfFuel => self.then.as_ref().is_some_and(|then| self.limits.fuel < then.fuel),
            // An interrupt of now stays pending.
            Outcome::Interrupted => wasi.interrupt().pending().is_some(),
            Outcome::Returned(_) | Outcome::Exited(_) | Outcome::Trapped(_) => false,
        }
    }

    /// The likely reason for a difference.
    fn less_memory(&self) -> String {
        match self.then.as_ref().map(|then| then.memory) {
            Some(memory) if memory > self.limits.memory => {
                format!("; it had {} MiB of memory (--max-memory)", memory >> 20)
            }
            _ => String::new(),
        }
    }
}

/// Says that a recording has reached its limit. Returns the exit status.
fn full(program: &str, path: &Path, limits: &Limits) -> u8 {
    let (path, mib) = (path.display(), limits.disk >> 20);
    say(&format!("{program}: stopped when the recording {path} had {mib} MiB (--max-disk)"));
    ending::DISK
}

fn record(path: &Path, module: &str, wasi: &mut WasiCtx, limits: &Limits) -> Result<(), Usage> {
    let failed = |error| Usage(format!("--record {}: {error}", path.display()));
    let file = BufWriter::new(File::create(path).map_err(failed)?);
    wasi.record_at_most(limits.disk, file, header(module, limits).as_bytes()).map_err(failed)
}

/// Returns the limits of the recorded run, as far as they matter to a replay.
fn replay(path: &Path, module: &str, wasi: &mut WasiCtx) -> Result<Limits, Usage> {
    let failed = |error: &dyn fmt::Display| Usage(format!("--replay {}: {error}", path.display()));
    let file = File::open(path).map_err(|error| failed(&error))?;
    let replay = Replay::open(BufReader::new(file)).map_err(|error| failed(&error))?;
    let header = String::from_utf8_lossy(replay.header()).into_owned();
    let (recorded, limits) =
        header.split_once('\n').ok_or_else(|| failed(&"it was made by something else"))?;
    if recorded != module {
        return Err(failed(&format!("it was made with {recorded}, and this is {module}")));
    }
    let limits = parse(limits).ok_or_else(|| failed(&"its limits are damaged"))?;
    wasi.replay(replay);
    Ok(limits)
}

/// The program, then limits, one a line.
fn header(module: &str, limits: &Limits) -> String {
    let Limits { memory, fuel, timeout, output, disk, files, .. } = limits;
    let (seconds, nanos) = (timeout.as_secs(), timeout.subsec_nanos());
    format!("{module}\n{memory}\n{fuel}\n{seconds}\n{nanos}\n{output}\n{disk}\n{files}")
}

fn parse(lines: &str) -> Option<Limits> {
    let numbers: Vec<u64> = lines.lines().map(|line| line.parse().ok()).collect::<Option<_>>()?;
    let &[memory, fuel, seconds, nanos, output, disk, files] = &numbers[..] else { return None };
    let nanos = u32::try_from(nanos).ok().filter(|nanos| *nanos < 1_000_000_000)?;
    let limits = Limits::attended().memory(memory).fuel(fuel).output(output).disk(disk).files(files);
    Some(limits.timeout(Duration::new(seconds, nanos)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read_as_they_were_written() {
        for limits in [Limits::attended(), Limits::default().timeout(Duration::from_millis(1500)).output(7)] {
            let text = header("a program", &limits);
            assert_eq!(text.split_once('\n').and_then(|(_, lines)| parse(lines)).unwrap(), limits);
        }
        for damaged in ["", "1\n2\n3", "1\n2\n3\n1000000000\n5\n6\n7", "1\n2\n3\n4\n5\n6\nx"] {
            assert_eq!(parse(damaged), None, "{damaged:?}");
        }
    }
}
