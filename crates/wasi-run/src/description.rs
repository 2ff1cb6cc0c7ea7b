//! What wasi-run says of itself: the help, and what its manual page and completions are made of.

use python_wasm_sandbox::command_line::{self, COMPLETIONS, Description, Entry, MANUAL, ending};

use super::OWN;

/// The options that stand alone.
const ALONE: [Entry; 4] = [
    Entry::new("--help", "", "this text").short("-h"),
    Entry::new("--version", "", "the version of this program").short("-V"),
    MANUAL,
    COMPLETIONS,
];

const USAGE: &str = "[options] MODULE.wasm [arguments]";

const STATUS: &str = "the program's own, or
  2   a wrong option
";

/// Returns the text of `--help`.
pub(super) fn help() -> String {
    let alone: String = ALONE.iter().map(Entry::line).collect();
    format!(
        "\
usage: wasi-run {USAGE}

Runs a WASI preview1 module in a sandbox: it sees its arguments, standard input,
output and error, and the folders that are granted, under exactly the names
given and in that order. A folder without a name of its own is called as written.
A program that zcc made starts by its name, and then with --inherit; without that
option it has what every module has.

options:
{}
{alone}
exit status: {STATUS}{}",
        command_line::help(&OWN),
        ending::HELP
    )
}

/// Returns what the manual page and the completions are made of.
pub(super) fn description() -> Description {
    Description {
        name: "wasi-run",
        summary: "runs a WebAssembly module for WASI preview1 in a sandbox",
        usage: USAGE,
        about: &[
            "Runs a WASI preview1 module in a sandbox. The module sees its arguments, standard input, output and \
             error, and the folders that are granted, under exactly the names given and in that order. A folder \
             without a name of its own is called as written.",
            "A program that zcc made starts by its name, and then with --inherit; without that option it has what \
             every module has.",
        ],
        options: command_line::entries(&OWN),
        alone: &ALONE,
        runs: ".wasm",
        sections: vec![
            ("EXIT STATUS", format!("{STATUS}{}", ending::HELP)),
            ("SEE ALSO", "python-wasm(1)".into()),
        ],
    }
}
