//! The command line.

use std::ffi::{OsStr, OsString};
use std::iter::Peekable;
use std::path::PathBuf;
use std::time::Duration;

use python_wasm::{Engine, Limits, Mount};
use python_wasm_sandbox::Access;
use python_wasm_sandbox::command_line::values::{bytes, count, memory, number, seconds, text};
use python_wasm_sandbox::command_line::{Folder, Names, Row, Usage, own_help, take_own};

/// The folder of each session.
pub(crate) const WORK: &str = "/work";

/// What the command line says.
#[derive(Debug)]
pub(crate) struct Options {
    /// For each session.
    pub(crate) limits: Limits,
    /// How many sessions there may be.
    pub(crate) sessions: usize,
    /// How many of them may run at once.
    pub(crate) parallel: usize,
    /// How long a session may rest before it is closed.
    pub(crate) idle: Duration,
    /// How many steps of a session can be undone.
    pub(crate) undo: usize,
    /// A file of Python that runs before the first session.
    pub(crate) prelude: Option<PathBuf>,
    /// The image that sessions start from.
    pub(crate) image: Option<PathBuf>,
    /// Folders of packages.
    pub(crate) sites: Vec<PathBuf>,
    pub(crate) engine: Option<Engine>,
    pub(crate) env: Vec<(String, String)>,
    folders: Vec<Folder>,
}

impl Default for Options {
    /// Limits for code of a model that has a person waiting. All sessions together stay within the memory of a usual
    /// machine.
    fn default() -> Self {
        let limits = Limits::default()
            .timeout(Duration::from_mins(1))
            .fuel(u64::MAX)
            .memory(256 << 20)
            .output(1 << 20)
            .disk(64 << 20)
            .files(10_000);
        Self {
            limits,
            sessions: 16,
            parallel: std::thread::available_parallelism().map_or(1, usize::from),
            idle: Duration::from_hours(1),
            undo: 20,
            prelude: None,
            image: None,
            sites: Vec::new(),
            engine: None,
            env: Vec::new(),
            folders: Vec::new(),
        }
    }
}

/// In the order of the help.
pub(crate) static OPTIONS: [Row<Options>; 18] = [
    Row::new("--timeout", "SECONDS", "for each call (60)", |options, value| {
        options.limit(seconds(value)?, Limits::timeout)
    }),
    Row::new("--fuel", "N", "work for each call (no limit)", |options, value| {
        options.limit(count(value)?, Limits::fuel)
    }),
    Row::new("--max-memory", "MIB", "memory of a session (256)", |options, value| {
        options.limit(memory(value)?, Limits::memory)
    }),
    Row::new("--max-output", "KIB", "what one call may print (1024)", |options, value| {
        options.limit(bytes(value, 1 << 10)?, Limits::output)
    }),
    Row::new("--max-disk", "MIB", "what the files of a session may take (64)", |options, value| {
        options.limit(bytes(value, 1 << 20)?, Limits::disk)
    }),
    Row::new("--max-files", "N", "files and folders that a session may make (10000)", |options, value| {
        options.limit(count(value)?, Limits::files)
    }),
    Row::new("--sessions", "N", "sessions at once (16)", |options, value| {
        options.sessions = usize::from(count::<u16>(value)?);
        Ok(())
    }),
    Row::new("--parallel", "N", "sessions that run at once (one for each processor)", |options, value| {
        options.parallel = number(value, "a whole number from 1 to 256", |count| (1..=256).contains(count))?;
        Ok(())
    }),
    Row::new("--idle", "SECONDS", "close a session that is not used for so long (3600)", |options, value| {
        options.idle = seconds(value)?;
        Ok(())
    }),
    Row::new("--undo", "N", "steps of a session that can be undone (20)", |options, value| {
        options.undo = usize::from(count::<u16>(value)?);
        Ok(())
    }),
    Row::new("--ro-dir", "HOST[::GUEST]", "let sessions read a folder", |options, value| {
        options.folder("--ro-dir", value, Access::ReadOnly)
    }),
    Row::new("--dir", "HOST[::GUEST]", "let them read and write a folder", |options, value| {
        options.folder("--dir", value, Access::ReadWrite)
    }),
    Row::new(
        "--overlay-dir",
        "HOST[::GUEST]",
        "the same, but each session keeps its changes to itself",
        |options, value| options.folder("--overlay-dir", value, Access::Overlay),
    ),
    Row::new("--env", "KEY=VALUE", "set a variable", |options, value| {
        let (key, value) = text(value)?.split_once('=').ok_or("it must be KEY=VALUE")?;
        options.env.push((key.to_owned(), value.to_owned()));
        Ok(())
    }),
    Row::new("--site", "DIR", "packages: what pip install --target DIR made", |options, folder| {
        options.sites.push(folder.into());
        Ok(())
    }),
    Row::new("--image", "FILE", "start with what python-wasm --prepare has kept", |options, file| {
        options.image = Some(file.into());
        Ok(())
    }),
    Row::new("--prelude", "FILE", "run this Python once; every session begins after it", |options, file| {
        options.prelude = Some(file.into());
        Ok(())
    }),
    Row::new("--engine", "ENGINE", "wasmi, or native if this build has it", |options, value| {
        options.engine = Some(match text(value)? {
            "wasmi" => Engine::Wasmi,
            "native" if Engine::Native.is_available() => Engine::Native,
            "native" => return Err("this build has no machine code; use wasmi".into()),
            _ => return Err("it must be wasmi or native".into()),
        });
        Ok(())
    }),
];

impl Options {
    /// Takes the options off the front of a command line.
    pub(crate) fn take(args: &mut Peekable<impl Iterator<Item = OsString>>) -> Result<Self, Usage> {
        take_own(args, &OPTIONS)
    }

    /// Opens the folders of the host that sessions see.
    pub(crate) fn folders(&self) -> Result<Vec<(String, Mount)>, Usage> {
        let mut open: Vec<(String, Mount)> = Vec::new();
        for folder in &self.folders {
            let taken = |name: &str| name == WORK || open.iter().any(|(other, _)| other == name);
            let opened = folder.open(Names::Absolute, taken)?;
            open.push(opened);
        }
        Ok(open)
    }

    #[expect(clippy::unnecessary_wraps, reason = "rows of the table end with it")]
    fn limit<N>(&mut self, value: N, set: fn(Limits, N) -> Limits) -> Result<(), String> {
        self.limits = set(std::mem::take(&mut self.limits), value);
        Ok(())
    }

    fn folder(&mut self, option: &str, value: &OsStr, access: Access) -> Result<(), String> {
        self.folders.push(Folder::read(option, value, access)?);
        Ok(())
    }
}

/// The text of `--help`.
pub(crate) fn help() -> String {
    format!(
        "\
usage: python-wasm-mcp [options]

Serves the Model Context Protocol on standard input and output: tools that run
Python in sandboxes. A session keeps its variables, has a folder {WORK} in memory,
and sees no other file, no network and no process.

options:
{}  -h, --help, -V, --version, --licenses

In a client's configuration:
  {{\"mcpServers\": {{\"python\": {{\"command\": \"python-wasm-mcp\"}}}}}}
",
        own_help(&OPTIONS)
    )
}
