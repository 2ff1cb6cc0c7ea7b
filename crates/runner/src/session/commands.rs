//! The commands of the prompt: what only a sandbox can tell or do.

use std::path::{Component, Path, PathBuf};
use std::time::Instant;

use python_wasm_repl::{Argument, Command, Reply, Step};
use wasi_core::Errno;
use wasi_core::fs::ChangeKind;

use super::Prompt;
use super::report::{self, Meter};
use crate::error::Error;
use crate::python::guest::{garbled, items};
use crate::sandbox::{Access, Mount};
use crate::value::Value;

/// In the order of the help.
pub(super) const ALL: &[Command] = &[
    row("time", "CODE", Argument::Code, "what a block takes: time, fuel, memory"),
    row("run", "FILE [WORDS]", Argument::Path, "run a script in this session; its folder can be read"),
    row("limits", "", Argument::Words, "what Python may use, and what it has used"),
    row("mounts", "", Argument::Words, "the folders that Python sees"),
    row("grant", "DIR[:ro]", Argument::Path, "add a folder; :overlay keeps its changes aside"),
    row("diff", "", Argument::Words, "the changes that are kept aside"),
    row("trace", "on|off", Argument::Words, "show each call that a block makes to the sandbox"),
];

const fn row(name: &'static str, usage: &'static str, argument: Argument, help: &'static str) -> Command {
    Command { name, usage, argument, help }
}

/// A command's text, or why it was refused.
type Answer = Result<String, String>;

impl Prompt {
    /// Does what a command says.
    pub(super) fn obey(&mut self, name: &str, argument: &str) -> Reply {
        let answer = match name {
            "time" => return self.time(argument),
            "run" => return self.run_file(argument),
            "limits" => Ok(report::limits(&self.around.limits, &self.guest)),
            "mounts" => Ok(self.around.grants.table()),
            "grant" => self.grant(argument),
            "diff" => self.diff(),
            "trace" => self.set_trace(argument),
            name => Err(format!("%{name} is not done here")),
        };
        answer.map_or_else(Reply::Refused, Reply::Done)
    }

    fn time(&mut self, code: &str) -> Reply {
        if code.is_empty() {
            return Reply::Refused("%time wants code: %time sum(range(10**6))".into());
        }
        let code = if code.contains('\n') { format!("{code}\n") } else { code.to_owned() };
        let (before, start) = (Meter::read(&self.guest), Instant::now());
        match self.perform("run", [code.as_str().into()]) {
            Step::Continue => Reply::Done(Meter::read(&self.guest).since(before, start.elapsed())),
            Step::Exit(status) => Reply::Exit(status),
        }
    }

    fn run_file(&mut self, argument: &str) -> Reply {
        let answer = match self.ask("script", [argument.into()]).and_then(items) {
            Ok(answer) => answer,
            Err(error) => return self.after(&error),
        };
        let (mut list, found) = match <[Value; 2]>::try_from(answer) {
            Ok([Value::List(words), Value::Bool(found)]) => (words, found),
            Ok([_, Value::Str(wrong)]) => return Reply::Refused(format!("%run {argument}: {wrong}")),
            _ => return self.after(&garbled()),
        };
        let Some(Value::Str(file)) = list.first().cloned() else {
            return Reply::Refused("%run wants a file: %run script.py".into());
        };
        if !found {
            // As the command line does it: a script's own folder can be read.
            match self.grant_script(Path::new(&file)) {
                Ok(name) => list[0] = name.as_str().into(),
                Err(refusal) => return Reply::Refused(format!("%run {file}: {refusal}")),
            }
        }
        match self.perform("run_script", [Value::List(list)]) {
            Step::Continue => Reply::Done(String::new()),
            Step::Exit(status) => Reply::Exit(status),
        }
    }

    fn grant_script(&mut self, file: &Path) -> Answer {
        let path = absolute(file)?;
        let folder = path.parent().filter(|_| path.is_file()).ok_or("it is no file")?.to_owned();
        let name = utf8(&folder)?;
        let mount = Mount::host(&folder, Access::ReadOnly).map_err(|error| error.to_string())?;
        self.mount(&name, mount)?;
        utf8(&path)
    }

    fn grant(&mut self, argument: &str) -> Answer {
        let (folder, access) = match argument.rsplit_once(':') {
            Some((folder, "ro")) => (folder, Access::ReadOnly),
            Some((folder, "rw")) => (folder, Access::ReadWrite),
            Some((folder, "overlay")) => (folder, Access::Overlay),
            _ => (argument, Access::ReadWrite),
        };
        if folder.is_empty() {
            return Err("%grant wants a folder: %grant data:ro".into());
        }
        let folder = absolute(Path::new(folder))?;
        let name = utf8(&folder)?;
        let mount = Mount::host(&folder, access).map_err(|error| error.to_string())?;
        self.mount(&name, mount)?;
        Ok(format!("{name} is granted ({})", access.described()))
    }

    fn mount(&mut self, name: &str, mount: Mount) -> Result<(), String> {
        let dir = self.around.grants.add(name, mount).map_err(|errno| match errno {
            Errno::Exist => format!("{name} is granted already; %mounts shows how"),
            errno => format!("{name} cannot be granted: {errno}"),
        })?;
        self.guest.grant(name, dir).map_err(|error| error.to_string())
    }

    fn diff(&mut self) -> Answer {
        let wasi = self.guest.instance().wasi();
        let overlays: Vec<_> =
            self.around.grants.names().filter_map(|name| Some((name, wasi.overlay(name)?))).collect();
        if overlays.is_empty() {
            return Err(
                "no folder's changes are kept aside; --overlay-dir and %grant DIR:overlay do that".into()
            );
        }
        let mut lines = Vec::new();
        for (name, overlay) in overlays {
            let changes = overlay.diff().map_err(|errno| format!("{name}: {errno}"))?;
            lines.extend(changes.iter().map(|change| {
                let what = match change.kind {
                    ChangeKind::Added => "added",
                    ChangeKind::Changed => "changed",
                    ChangeKind::Removed => "removed",
                };
                format!("{what:<8} {name}/{}", change.path)
            }));
        }
        Ok(if lines.is_empty() { "nothing has changed".into() } else { lines.join("\n") })
    }

    fn set_trace(&mut self, argument: &str) -> Answer {
        self.around.tracing = match argument {
            "on" => true,
            "off" => false,
            _ => return Err(format!("%trace is on or off, not {argument:?}")),
        };
        Ok(String::new())
    }

    /// What an error that is not an exception of a block leaves of the session.
    fn after(&mut self, error: &Error) -> Reply {
        if self.guest.lost().is_some() || matches!(error, Error::Exit(_)) {
            Reply::Exit(self.status(error))
        } else {
            Reply::Refused(error.to_string())
        }
    }
}

/// A path of the host without `.`, and without `..` as far as it exists.
fn absolute(path: &Path) -> Result<PathBuf, String> {
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    if path.components().any(|part| part == Component::ParentDir) {
        return path.canonicalize().map_err(failed);
    }
    Ok(std::path::absolute(path).map_err(failed)?.components().collect())
}

fn utf8(path: &Path) -> Answer {
    path.to_str().map(str::to_owned).ok_or_else(|| format!("{}: the name is not UTF-8", path.display()))
}
