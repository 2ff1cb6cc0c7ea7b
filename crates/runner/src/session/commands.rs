//! The commands of the prompt: what only a sandbox can tell or do.

use std::fs;
use std::path::Path;
use std::time::Instant;

use python_wasm_repl::{Argument, Command, Reply, Step};
use python_wasm_sandbox::place::absolute_name;
use python_wasm_sandbox::{Access, Mount};
use wasi_core::Errno;
use wasi_core::fs::ChangeKind;

use super::Prompt;
use super::past::{Branch, Checkpoint};
use super::report::{self, Meter};
use crate::answer::{garbled, items};
use crate::error::Error;
use crate::python::script;
use crate::value::Value;

/// In the order of the help.
pub(super) const ALL: &[Command] = &[
    row("time", "CODE", Argument::Code, "what a block takes: time, fuel, memory"),
    row("undo", "[N]", Argument::Words, "as if the last block, or N blocks, had not been run"),
    row("save", "FILE", Argument::Path, "keep the session; python-wasm --resume FILE goes on with it"),
    row("fork", "NAME", Argument::Words, "go on in a copy of the session"),
    row("switch", "[NAME]", Argument::Words, "go over to another copy, or list them; main is the first"),
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
            "undo" => self.undo(argument),
            "save" => self.save(argument),
            "fork" => self.fork(argument),
            "switch" => self.switch(argument),
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
        match self.perform(Some(&format!("%time {code}")), "run", [code.as_str().into()]) {
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
        match self.perform(Some(&format!("%run {argument}")), "run_script", [Value::List(list)]) {
            Step::Continue => Reply::Done(String::new()),
            Step::Exit(status) => Reply::Exit(status),
        }
    }

    /// Grants a script's folder; the script's own absolute name.
    fn grant_script(&mut self, file: &Path) -> Answer {
        let folder = script::folder(file).map_err(|error| error.to_string())?;
        let (folder, name) = folder.filter(|_| file.is_file()).ok_or("it is not a file")?;
        let mount = Mount::read_only(folder).map_err(|error| error.to_string())?;
        self.mount(&name, mount)?;
        named(file)
    }

    fn undo(&mut self, argument: &str) -> Answer {
        let count = match argument.parse() {
            _ if argument.is_empty() => 1,
            Ok(count @ 1..) => count,
            _ => return Err(format!("%undo takes a number of blocks, not {argument}")),
        };
        let before = match (self.past.before(count), self.past.len()) {
            (Some(before), _) => before.clone(),
            (None, 0) => return Err("there is nothing to undo".into()),
            (None, 1) => return Err("there is one block to undo".into()),
            (None, all) => return Err(format!("there are {all} blocks to undo")),
        };
        self.go_back(&before).map_err(|error| error.to_string())?;
        let sources = self.past.forget(count);
        let lines: Vec<String> =
            sources.iter().map(|source| format!("undone: {}", first_line(source))).collect();
        Ok(lines.join("\n"))
    }

    fn save(&mut self, argument: &str) -> Answer {
        if argument.is_empty() {
            return Err("%save wants a file: %save session.pyw".into());
        }
        let failed = |error: &dyn std::fmt::Display| format!("%save {argument}: {error}");
        let kept = self.guest.snapshot().map_err(|error| failed(&error))?;
        let bytes = kept.encode(&[]).map_err(|error| failed(&error))?;
        // Beside it first: what is there is good until the new one is whole.
        let path = Path::new(argument);
        let part = path.with_extension(format!("part.{}", std::process::id()));
        let written = fs::write(&part, &bytes).and_then(|()| fs::rename(&part, path));
        if let Err(error) = written {
            let _may_not_be_there = fs::remove_file(&part);
            return Err(failed(&error));
        }
        let kib = report::grouped((bytes.len() as u64).div_ceil(1 << 10));
        Ok(format!("{argument}: {kib} KiB; python-wasm --resume {argument} goes on from here"))
    }

    fn fork(&mut self, name: &str) -> Answer {
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err("%fork wants a name, of one word".into());
        }
        if name == self.branches.current || self.branches.others.contains_key(name) {
            return Err(format!("there is a {name} already; %switch {name} goes there"));
        }
        let now = self.now()?;
        let left = std::mem::replace(&mut self.branches.current, name.to_owned());
        let branch = Branch { now, past: self.past.clone() };
        self.branches.others.insert(left.clone(), branch);
        Ok(format!("this is {name} now; %switch {left} goes back to where it came from"))
    }

    fn switch(&mut self, name: &str) -> Answer {
        if name.is_empty() {
            return Ok(self.branches.names());
        }
        if name == self.branches.current {
            return Err(format!("this is {name}"));
        }
        let Some(branch) = self.branches.others.get(name) else {
            let names: Vec<&str> = self.branches.others.keys().map(String::as_str).collect();
            return Err(match &names[..] {
                [] => "there is no other copy of the session; %fork NAME makes one".into(),
                names => format!("there is no {name}, but {}", names.join(" ")),
            });
        };
        let (there, past) = (branch.now.clone(), branch.past.clone());
        let now = self.now()?;
        self.go_back(&there).map_err(|error| error.to_string())?;
        let left = std::mem::replace(&mut self.branches.current, name.to_owned());
        self.branches.others.remove(name);
        let past = std::mem::replace(&mut self.past, past);
        self.branches.others.insert(left, Branch { now, past });
        Ok(format!("this is {name}"))
    }

    fn now(&mut self) -> Result<Checkpoint, String> {
        self.checkpoint().ok_or_else(|| "the state of the session cannot be kept".into())
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
        let name = named(Path::new(folder))?;
        let mount = access.mount(Path::new(&name)).map_err(|error| error.to_string())?;
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

/// The absolute name of a path of the host, by which the guest gets it.
fn named(path: &Path) -> Answer {
    absolute_name(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// What a block is called.
fn first_line(source: &str) -> String {
    match source.split_once('\n') {
        Some((first, rest)) if !rest.is_empty() => format!("{first} ..."),
        _ => source.trim_end().to_owned(),
    }
}
