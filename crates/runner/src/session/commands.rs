//! The commands of the prompt, for what only a sandbox can tell or do.

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
use crate::python::replace::replace;
use crate::python::script;
use crate::value::Value;

/// A command: how the terminal shows and completes it, and what it does.
struct Row {
    command: Command,
    run: fn(&mut Prompt, &str) -> Answer,
}

/// What came of a command, or why it was refused.
type Answer = Result<Reply, String>;

/// In the order of the help.
const ROWS: [Row; 11] = [
    row("time", "CODE", Argument::Code, "what a block takes: time, fuel, memory", Prompt::time),
    row("undo", "[N]", Argument::Words, "as if the last block, or N blocks, had not been run", Prompt::undo),
    row(
        "save",
        "FILE",
        Argument::Path,
        "keep the session; python-wasm --resume FILE goes on with it",
        Prompt::save,
    ),
    row("fork", "NAME", Argument::Words, "go on in a copy of the session", Prompt::fork),
    row(
        "switch",
        "[NAME]",
        Argument::Words,
        "go over to another copy, or list them; main is the first",
        Prompt::switch,
    ),
    row(
        "run",
        "FILE [WORDS]",
        Argument::Path,
        "run a script in this session; its folder can be read",
        Prompt::run_file,
    ),
    row("limits", "", Argument::Words, "what Python may use, and what it has used", Prompt::limits),
    row("mounts", "", Argument::Words, "the folders that Python sees", Prompt::mounts),
    row("grant", "DIR[:ro]", Argument::Path, "add a folder; :overlay keeps its changes aside", Prompt::grant),
    row("diff", "", Argument::Words, "the changes that are kept aside", Prompt::diff),
    row(
        "trace",
        "on|off",
        Argument::Words,
        "show each call that a block makes to the sandbox",
        Prompt::set_trace,
    ),
];

const fn row(
    name: &'static str,
    usage: &'static str,
    argument: Argument,
    help: &'static str,
    run: fn(&mut Prompt, &str) -> Answer,
) -> Row {
    Row { command: Command { name, usage, argument, help }, run }
}

/// The commands alone, for the terminal.
pub(super) static COMMANDS: [Command; ROWS.len()] = {
    let mut commands = [ROWS[0].command; ROWS.len()];
    let mut at = 0;
    while at < ROWS.len() {
        commands[at] = ROWS[at].command;
        at += 1;
    }
    commands
};

#[expect(clippy::unnecessary_wraps, reason = "commands end with it")]
fn done(text: impl Into<String>) -> Answer {
    Ok(Reply::Done(text.into()))
}

impl Prompt {
    /// Runs a command.
    pub(super) fn obey(&mut self, name: &str, argument: &str) -> Reply {
        match ROWS.iter().find(|row| row.command.name == name) {
            Some(row) => (row.run)(self, argument).unwrap_or_else(Reply::Refused),
            None => Reply::Refused(format!("there is no command %{name} here")),
        }
    }

    fn time(&mut self, code: &str) -> Answer {
        if code.is_empty() {
            return Err("%time wants code: %time sum(range(10**6))".into());
        }
        let code = if code.contains('\n') { format!("{code}\n") } else { code.to_owned() };
        let (before, start) = (Meter::read(&self.guest), Instant::now());
        match self.perform(Some(&format!("%time {code}")), "run", [code.as_str().into()]) {
            Step::Continue => done(Meter::read(&self.guest).since(before, start.elapsed())),
            Step::Exit(status) => Ok(Reply::Exit(status)),
        }
    }

    fn run_file(&mut self, argument: &str) -> Answer {
        let answer = match self.ask("script", [argument.into()]).and_then(items) {
            Ok(answer) => answer,
            Err(error) => return Ok(self.after(&error)),
        };
        let (mut list, found) = match <[Value; 2]>::try_from(answer) {
            Ok([Value::List(words), Value::Bool(found)]) => (words, found),
            Ok([_, Value::Str(wrong)]) => return Err(format!("%run {argument}: {wrong}")),
            _ => return Ok(self.after(&garbled())),
        };
        let Some(Value::Str(file)) = list.first().cloned() else {
            return Err("%run wants a file: %run script.py".into());
        };
        if !found {
            // As the command line does it: a script's own folder can be read.
            let name = self.grant_script(Path::new(&file)).map_err(|why| format!("%run {file}: {why}"))?;
            list[0] = name.into();
        }
        match self.perform(Some(&format!("%run {argument}")), "run_script", [Value::List(list)]) {
            Step::Continue => done(""),
            Step::Exit(status) => Ok(Reply::Exit(status)),
        }
    }

    /// Grants a script's folder. Returns the script's own absolute name.
    fn grant_script(&mut self, file: &Path) -> Result<String, String> {
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
        done(lines.join("\n"))
    }

    fn save(&mut self, argument: &str) -> Answer {
        if argument.is_empty() {
            return Err("%save wants a file: %save session.pyw".into());
        }
        let failed = |error: &dyn std::fmt::Display| format!("%save {argument}: {error}");
        let state = self.guest.snapshot().map_err(|error| failed(&error))?;
        let bytes = state.encode(&[]).map_err(|error| failed(&error))?;
        replace(Path::new(argument), &bytes).map_err(|error| failed(&error))?;
        let kib = report::grouped((bytes.len() as u64).div_ceil(1 << 10));
        done(format!("{argument}: {kib} KiB; python-wasm --resume {argument} goes on from here"))
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
        done(format!("this is {name} now; %switch {left} goes back to where it came from"))
    }

    fn switch(&mut self, name: &str) -> Answer {
        if name.is_empty() {
            return done(self.branches.names());
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
        done(format!("this is {name}"))
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
        done(format!("{name} is granted ({})", access.described()))
    }

    fn mount(&mut self, name: &str, mount: Mount) -> Result<(), String> {
        let dir = self.around.grants.add(name, mount).map_err(|errno| match errno {
            Errno::Exist => format!("{name} is granted already; %mounts shows how"),
            errno => format!("{name} cannot be granted: {errno}"),
        })?;
        self.guest.grant(name, dir).map_err(|error| error.to_string())
    }

    fn diff(&mut self, _: &str) -> Answer {
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
        done(if lines.is_empty() { "nothing has changed".into() } else { lines.join("\n") })
    }

    fn set_trace(&mut self, argument: &str) -> Answer {
        self.around.tracing = match argument {
            "on" => true,
            "off" => false,
            _ => return Err(format!("%trace is on or off, not {argument:?}")),
        };
        done("")
    }

    fn limits(&mut self, _: &str) -> Answer {
        done(report::limits(&self.around.limits, &self.guest))
    }

    fn mounts(&mut self, _: &str) -> Answer {
        done(self.around.grants.table())
    }

    /// Decides whether the session goes on after an error that is not an exception of a block.
    fn after(&mut self, error: &Error) -> Reply {
        if self.guest.lost().is_some() || matches!(error, Error::Exit(_)) {
            Reply::Exit(self.status(error))
        } else {
            Reply::Refused(error.to_string())
        }
    }
}

/// Returns the absolute name of a path of the host, by which the guest gets it.
fn named(path: &Path) -> Result<String, String> {
    absolute_name(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Returns the name by which a block is shown.
fn first_line(source: &str) -> String {
    match source.split_once('\n') {
        Some((first, rest)) if !rest.is_empty() => format!("{first} ..."),
        _ => source.trim_end().to_owned(),
    }
}
