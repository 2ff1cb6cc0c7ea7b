//! What python-wasm says of itself: the help, the version, and what its manual page and completions are made of.

use python_wasm_sandbox::command_line::{self, COMPLETIONS, Description, Entry, MANUAL, ending};

use super::options::PROMPT;

/// The engines in this program, the default first.
const ENGINES: &str = if cfg!(feature = "native") { "engines native and wasmi" } else { "engine wasmi" };

/// The options that stand alone.
const ALONE: [Entry; 6] = [
    Entry::new("--help", "", "this text; --help-python tells Python's own options").short("-h"),
    Entry::new("--help-python", "", "Python's own options"),
    Entry::new("--version", "", "the versions of Python and of the sandbox, its engines and its recipe")
        .short("-V"),
    Entry::new("--licenses", "", "the licences of everything in this program"),
    MANUAL,
    COMPLETIONS,
];

const USAGE: &str = "[sandbox options] [python options] [-c command | -m module | script | -] [arguments]";

const ENVIRONMENT: &str = "  \
  PYTHON_WASM_CACHE         where bytecode is kept (default: the user's cache folder)
  PYTHON_WASM_NO_BYTECODE   if set, as --no-bytecode
";

const STATUS: &str = "Python's own, or
  2   a wrong option
";

const EXAMPLES: &str = "\
python-wasm
    the prompt
python-wasm script.py
    a script, which may read its own folder
python-wasm --ro-dir data --timeout 10 -c \"print(open('data/prices.csv').read())\"
    a command that may read one folder, for ten seconds
python-wasm --record run.wasmrec script.py; python-wasm --replay run.wasmrec
    a run, and the same run again without its files
";

/// Returns the text of `--version`.
pub(super) fn version() -> String {
    format!(
        "Python {} (python-wasm {}, {ENGINES}, recipe {})\n",
        env!("PYTHON_WASM_PYTHON_VERSION"),
        env!("CARGO_PKG_VERSION"),
        env!("PYTHON_WASM_RECIPE")
    )
}

/// Returns the text of `--help`.
pub(super) fn help() -> String {
    let alone: String = ALONE.iter().map(Entry::line).collect();
    format!(
        "\
usage: python-wasm {USAGE}

Runs CPython {} in a WebAssembly sandbox. A script's own folder can be read, /tmp is
in memory, and nothing else of this machine can be seen until it is granted.

sandbox options:
{}
{alone}
From the first word that is not a sandbox option, the command line is python3's.

environment:
{ENVIRONMENT}
exit status: {STATUS}{}",
        env!("PYTHON_WASM_PYTHON_VERSION"),
        command_line::help(&PROMPT),
        ending::HELP
    )
}

/// Returns what the manual page and the completions are made of.
pub(super) fn description() -> Description {
    Description {
        name: "python-wasm",
        summary: "CPython in a WebAssembly sandbox",
        usage: USAGE,
        about: &[
            "Runs CPython and its standard library, which are inside of this one file, in a WebAssembly sandbox. \
             Without a command, a module or a script it is Python's prompt.",
            "The program sees no file of the machine but those that are granted by the options below. It can read a \
             script's own folder; /tmp and the home are in memory and are gone at the end. It has no network, no \
             processes and no threads.",
            "The sandbox's options come first. From the first word that is none of them, the command line is \
             python3's.",
        ],
        options: command_line::entries(&PROMPT),
        alone: &ALONE,
        runs: ".py",
        sections: vec![
            ("ENVIRONMENT", ENVIRONMENT.into()),
            ("EXIT STATUS", format!("{STATUS}{}", ending::HELP)),
            ("EXAMPLES", EXAMPLES.into()),
            ("SEE ALSO", "python3(1), wasi-run(1)".into()),
        ],
    }
}
