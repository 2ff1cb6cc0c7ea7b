//! The workplace of a stage: its folders, the results that it needs, its commands and their log.

use std::collections::VecDeque;
use std::env;
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::cache::Cache;
use crate::error::{Error, IoContext as _};
use crate::progress::Bar;
use crate::stage::Recipe;

/// The workplace of a running stage.
pub(crate) struct Workshop<'a> {
    recipe: &'a Recipe,
    cache: &'a Cache,
    work: PathBuf,
    out: PathBuf,
    log_path: PathBuf,
    log: File,
    bar: Bar,
}

impl<'a> Workshop<'a> {
    /// Creates the folders and the log of a stage below `work`.
    pub(crate) fn open(recipe: &'a Recipe, cache: &'a Cache, work: &Path, bar: Bar) -> Result<Self, Error> {
        let out = work.join("out");
        fs::create_dir_all(&out).on("create", &out)?;
        let log_path = work.join("log.txt");
        let log = File::create(&log_path).on("create", &log_path)?;
        Ok(Self { recipe, cache, work: work.to_path_buf(), out, log_path, log, bar })
    }

    /// Returns the folder of the result, and the log.
    pub(crate) fn close(self) -> (PathBuf, PathBuf) {
        (self.out, self.log_path)
    }

    /// Returns a folder for temporary files, which is removed after the stage.
    pub(crate) fn work(&self) -> &Path {
        &self.work
    }

    /// Returns the folder that becomes the result. It is moved afterwards, so the result must not contain its
    /// path.
    pub(crate) fn out(&self) -> &Path {
        &self.out
    }

    /// Returns this crate's folder, which contains the stage's files.
    pub(crate) fn home(&self) -> &Path {
        self.recipe.home()
    }

    /// Returns the title of a stage: what it builds, in which version.
    pub(crate) fn title(&self, stage: &str) -> &'static str {
        self.recipe.title(stage)
    }

    /// Returns the hash of the whole recipe.
    pub(crate) fn recipe_hash(&self) -> &str {
        self.recipe.hash()
    }

    /// Returns the folder of an earlier stage's result.
    pub(crate) fn result(&self, stage: &str) -> PathBuf {
        self.results().find(|(name, _)| *name == stage).unwrap_or_else(|| panic!("no stage {stage}")).1
    }

    /// Returns the folder of an earlier stage's result, if the recipe has such a stage: some are parts of it only with
    /// a feature.
    pub(crate) fn result_if_any(&self, stage: &str) -> Option<PathBuf> {
        self.results().find(|(name, _)| *name == stage).map(|(_, result)| result)
    }

    /// Returns the name and the result's folder of each stage of the recipe, there or not.
    pub(crate) fn results(&self) -> impl Iterator<Item = (&'static str, PathBuf)> {
        self.recipe.results(self.cache)
    }

    /// Returns a folder that outlives the stage, for a program's own cache.
    pub(crate) fn shared(&self, name: &str) -> PathBuf {
        self.cache.root().join(name)
    }

    /// Returns a command that sees only those environment variables that say where programs are, so that it
    /// does the same on every machine.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().current_dir(&self.work);
        for name in ["PATH", "HOME", "TMPDIR", "SDKROOT", "DEVELOPER_DIR"] {
            command.envs(env::var_os(name).map(|value| (name, value)));
        }
        command.envs([
            ("LC_ALL", "C"),
            ("TZ", "UTC"),
            ("PYTHONHASHSEED", "0"),
            ("PYTHONDONTWRITEBYTECODE", "1"),
        ]);
        command
    }

    /// Returns a command that fetches something. It sees the caller's environment, which may name a proxy, a
    /// mirror or certificates.
    pub(crate) fn fetching(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.work);
        command
    }

    /// Runs a command to its end, with its output in the log.
    ///
    /// Fails with [`Error::Command`], which has the last 25 lines, if it exits with another status than 0.
    pub(crate) fn run(&mut self, command: &mut Command) -> Result<(), Error> {
        const TAIL: usize = 25;
        let what = described(command);
        let log_path = self.log_path.clone();
        writeln!(self.log, "$ {what}").on("write", &log_path)?;

        let program = PathBuf::from(command.get_program());
        let (output, input) = io::pipe().on("connect", &program)?;
        let errors = input.try_clone().on("connect", &program)?;
        command.stdin(Stdio::null()).stdout(input).stderr(errors);
        let mut child = command.spawn().on("start", &program)?;
        // `command` still holds the pipe's write end. Without this, reading would never end.
        command.stdout(Stdio::null()).stderr(Stdio::null());

        let mut tail = VecDeque::with_capacity(TAIL);
        for line in BufReader::new(output).split(b'\n') {
            let line = line.on("read from", &program)?;
            let line = String::from_utf8_lossy(&line).into_owned();
            writeln!(self.log, "{line}").on("write", &log_path)?;
            self.bar.step();
            if tail.len() == TAIL {
                tail.pop_front();
            }
            tail.push_back(line);
        }
        let status = child.wait().on("wait for", &program)?;
        if status.success() {
            return Ok(());
        }
        Err(Error::Command { what, status: status.to_string(), log: log_path, tail: tail.into() })
    }

    /// Runs `make` in `folder`, with a job for each processor.
    pub(crate) fn make(&mut self, folder: &Path, targets: &[&str]) -> Result<(), Error> {
        let jobs = std::thread::available_parallelism().map_or(1, usize::from);
        let mut make = self.command("make");
        self.run(make.current_dir(folder).arg(format!("-j{jobs}")).args(targets))
    }

    /// Advances the bar by one step, for work that writes no lines.
    pub(crate) fn step(&mut self) {
        self.bar.step();
    }
}

/// Returns a command as one line, shortened to 300 characters.
fn described(command: &Command) -> String {
    const ENOUGH: usize = 300;
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|word| word.to_string_lossy().into_owned()));
    let text = words.join(" ").replace('\n', " ");
    match text.char_indices().nth(ENOUGH) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}
