//! The script for fish.

use std::fmt::Write as _;

use super::super::Description;
use super::super::entry::{Entry, Offer};

/// Returns the script.
pub(super) fn script(program: &Description) -> String {
    let (name, front) = (program.name, format!("_{}_in_front", program.function()));
    let names = |wanted| -> Vec<String> {
        program
            .all()
            .filter(|option| option.takes_value() == wanted)
            .map(|option| option.name.to_owned())
            .collect()
    };
    let (valued, flags) = (names(true), names(false));
    let inline: Vec<String> = valued.iter().map(|name| format!("'{name}=*'")).collect();
    let mut script = format!(
        "# Completion of {name} for fish: {name} --completions fish | source\n\
         # Whether no word stands before the cursor that ends the program's own options.\n\
         function {front}\n    \
             set -l words (commandline -opc)\n    \
             set -e words[1]\n    \
             while set -q words[1]\n        \
                 switch $words[1]\n            \
                     case {}\n                \
                         set -e words[1]\n            \
                     case {} {}\n            \
                     case '*'\n                \
                         return 1\n        \
                 end\n        \
                 set -e words[1]\n    \
             end\n\
         end\n",
        valued.join(" "),
        flags.join(" "),
        inline.join(" ")
    );
    for option in program.all() {
        let _ = writeln!(script, "complete -c {name} -n {front} {}", line(option));
    }
    script
}

fn line(option: &Entry) -> String {
    let help = option.help.replace('\\', "\\\\").replace('\'', "\\'");
    let value = match option.offer() {
        Offer::NoValue => String::new(),
        Offer::Folders => " -x -a '(__fish_complete_directories (commandline -ct))'".to_owned(),
        Offer::Files => " -r -F".to_owned(),
        Offer::Variables => " -x -a '(set -nx)'".to_owned(),
        Offer::Words(words) => format!(" -x -a '{words}'"),
        Offer::Nothing => " -x".to_owned(),
    };
    format!("-l {}{value} -d '{help}'", option.name.trim_start_matches("--"))
}
