//! The program `python-wasm`: sandbox options, then everything that `python3` takes.

mod description;
mod options;

use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use python_wasm_sandbox::Sandbox;
use python_wasm_sandbox::command_line::{
    self, Names, Options, Recording, ending, print, say, signals, unknown_option,
};

use self::description::{description, help, version};
use self::options::{PROMPT, PromptOptions};
use crate::error::Error;
use crate::functions::Functions;
use crate::licenses::licenses;
use crate::program::{self, CommandLine, Program, Run, is_long_option};
use crate::python::world::furnish;
use crate::python::{Image, embedded, script, site, user_cache};

/// Runs `python-wasm` with this process's arguments.
pub fn main() -> ExitCode {
    let status = python_wasm(std::env::args_os().skip(1).collect()).unwrap_or_else(|error| {
        say(&format!("python-wasm: {}", line(&error)));
        ending::USAGE
    });
    ExitCode::from(status)
}

/// The line for an error, which names the option to change.
fn line(error: &Error) -> String {
    match error {
        Error::MemoryLimit { needed, limit } => {
            let (limit, needed) = (limit >> 20, needed.div_ceil(1 << 20));
            format!("--max-memory {limit}: Python needs {needed} MiB to start")
        }
        error => error.to_string(),
    }
}

fn python_wasm(args: Vec<OsString>) -> Result<u8, Error> {
    let mut args = args.into_iter().peekable();
    let (options, prompt) = command_line::take(&mut args, &PROMPT).map_err(Error::config_of)?;
    let mut words: Vec<OsString> = args.collect();
    if let Some(text) = description().asked(&words) {
        return text.map(|text| print(&text)).map_err(Error::config);
    }
    match words.first().and_then(|word| word.to_str()) {
        Some("-h" | "--help") => return Ok(print(&help())),
        Some("-V" | "--version") => return Ok(print(&version())),
        Some("--licenses") => return Ok(print(&licenses())),
        Some("--help-python") => words = vec!["-h".into()],
        Some(word) if word.starts_with("--") && word != "--" && !is_long_option(word.as_ref()) => {
            return Err(Error::config_of(unknown_option(word, &PROMPT, "python-wasm")));
        }
        _ => {}
    }
    signals::survive_large_files().map_err(Error::config_of)?;
    match &prompt.resume {
        Some(file) => resume(file, &words, options, &prompt),
        None => run(words, options, &prompt),
    }
}

/// Goes on with a saved session. Any other command line is refused.
fn resume(file: &Path, words: &[OsString], options: Options, prompt: &PromptOptions) -> Result<u8, Error> {
    if options.recording != Recording::default() {
        return Err(Error::config("--record and --replay are for a program, not for the prompt"));
    }
    if let Some(word) = words.first() {
        return Err(Error::config(format!("--resume takes no command line: {}", word.display())));
    }
    if prompt.prepare.is_some() {
        return Err(Error::config("--prepare is for a program, not for a session that goes on"));
    }
    let trace = options.trace;
    let mut sandbox = options.sandbox(Names::Absolute).map_err(Error::config_of)?;
    packages(&mut sandbox, prompt, image(prompt)?.as_ref())?;
    program::resume(file, sandbox, &prompt.editing(), trace)
}

/// Runs a command line of Python's.
fn run(words: Vec<OsString>, options: Options, prompt: &PromptOptions) -> Result<u8, Error> {
    if options.recording.replay.is_some() && !words.is_empty() {
        return Err(Error::config("--replay takes no command line: it has the one that was recorded"));
    }
    if options.recording != Recording::default() && !prompt.sites.is_empty() {
        return Err(Error::config(
            "--site does not go with --record and --replay; grant the folder by --ro-dir and name it in PYTHONPATH",
        ));
    }
    let mut line = CommandLine::read(words);
    line.follow_link();
    let mut program = Program {
        line,
        cwd: std::env::current_dir().ok().and_then(|cwd| cwd.into_os_string().into_string().ok()),
        trace: options.trace,
        editing: prompt.editing(),
        recording: options.recording.clone(),
        functions: Functions::default(),
        is_last: true,
        sites: Vec::new(),
        image: image(prompt)?,
    };
    if program.recording.record.is_some() && program.is_prompt() {
        return Err(Error::config("--record is for a program, not for the prompt"));
    }
    if prompt.prepare.is_some() {
        if program.recording != Recording::default() {
            return Err(Error::config("--prepare does not go with --record and --replay"));
        }
        if program.line.run == Run::Stdin {
            return Err(Error::config(
                "--prepare needs a program that imports: -c command, -m module or a script",
            ));
        }
    }
    let sandbox = sandbox(options, prompt, &mut program)?;
    match &prompt.prepare {
        Some(file) => program.prepare(sandbox, file),
        None => program.start(sandbox),
    }
}

/// Opens the image to start from, if there is one.
fn image(prompt: &PromptOptions) -> Result<Option<Image>, Error> {
    let open = |file: &PathBuf| {
        Image::load(file).map_err(|error| match error {
            Error::Io(error) => Error::config(format!("--image {}: {error}", file.display())),
            error => Error::snapshot_because(format!("--image {}: {error}", file.display()), error),
        })
    };
    prompt.image.as_ref().map(open).transpose()
}

/// What was granted, the script's own folder, and what every Python program sees.
fn sandbox(mut options: Options, prompt: &PromptOptions, program: &mut Program) -> Result<Sandbox, Error> {
    if is_plain_terminal() {
        // First, so that the user's own word counts.
        options.env.insert(0, (b"PYTHON_COLORS".into(), b"0".into()));
    }
    let mut sandbox = options.sandbox(Names::Absolute).map_err(Error::config_of)?;
    program.sites = packages(&mut sandbox, prompt, program.image.as_ref())?;
    // Whoever starts from an image has a time zone of their own.
    if !sandbox.is_fixed()
        && prompt.prepare.is_none()
        && is_at_terminal()
        && let Some(zone) = time_zone()
    {
        sandbox.default_env("TZ", &zone);
    }
    let mut passed = None;
    if let Run::Script(script) = &program.line.run {
        script::grant(&mut sandbox, Path::new(script))?;
        passed = script::passed(Path::new(script), sandbox.limits.disk)?;
    }
    furnish(&mut sandbox, embedded::library()?, program.cwd.as_deref(), passed).map_err(|errno| {
        Error::config(format!("a folder's name cannot be used inside the sandbox: {errno}"))
    })?;
    Ok(sandbox)
}

/// Grants the folders of packages and those of the image, and lets folders that are only read have bytecode, from the
/// user's cache. Returns the names of the first.
fn packages(
    sandbox: &mut Sandbox,
    prompt: &PromptOptions,
    image: Option<&Image>,
) -> Result<Vec<String>, Error> {
    let grant = |folder: &PathBuf| site::grant(sandbox, folder);
    let sites = prompt.sites.iter().map(grant).collect::<Result<_, _>>()?;
    for (name, mount) in image.into_iter().flat_map(Image::mounts) {
        // The folder itself, as it is today, goes before what the image has of it.
        if !sandbox.has_mount(&name) {
            sandbox.mount(name, mount);
        }
    }
    let is_wanted =
        !prompt.no_bytecode && std::env::var_os("PYTHON_WASM_NO_BYTECODE").is_none_or(|it| it.is_empty());
    if is_wanted && let Some(cache) = user_cache() {
        site::keep_bytecode(sandbox, &cache);
    }
    Ok(sites)
}

/// Whether a person sees what the program prints, or types what it reads.
fn is_at_terminal() -> bool {
    io::stdin().is_terminal() || io::stdout().is_terminal()
}

/// The person's time zone, as every other program at this terminal has it.
fn time_zone() -> Option<String> {
    let zone = std::env::var("TZ").ok().filter(|zone| !zone.is_empty());
    zone.or_else(|| iana_time_zone::get_timezone().ok())
}

/// Whether Python writes to a terminal that wants no colours. It cannot see the variables that say so.
fn is_plain_terminal() -> bool {
    let variable = |name| std::env::var_os(name).unwrap_or_default();
    let plain = !variable("NO_COLOR").is_empty() || variable("TERM") == "dumb";
    plain && (io::stdout().is_terminal() || io::stderr().is_terminal())
}
