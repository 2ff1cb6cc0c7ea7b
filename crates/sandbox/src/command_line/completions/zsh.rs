//! The script for zsh: a file `_NAME` in a folder of `fpath`, or sourced.

use std::fmt::Write as _;

use super::super::Description;
use super::super::entry::{Entry, Offer};

/// Returns the script.
pub(super) fn script(program: &Description) -> String {
    let (name, function) = (program.name, program.function());
    let mut specs = String::new();
    for option in program.all() {
        let _ = writeln!(specs, "        '{}' \\", spec(option));
    }
    let runs = program.runs;
    format!(
        "#compdef {name}\n\
         # Completion of {name} for zsh: source <({name} --completions zsh), behind compinit\n\
         {function}() {{\n    \
             _arguments -S \\\n\
         {specs}        \
                 '(-)1:program:_files -g \"*{runs}(-.)\"' \\\n        \
                 '(-)*::argument:_files'\n\
         }}\n\
         if [ \"$funcstack[1]\" = {function} ]; then\n    \
             {function} \"$@\"\n\
         else\n    \
             compdef {function} {name}\n\
         fi\n"
    )
}

/// Returns an argument of `_arguments`, for single quotes.
fn spec(option: &Entry) -> String {
    let help = option.help.replace('\'', "'\\''").replace('[', "\\[").replace(']', "\\]").replace(':', "\\:");
    let value = option.value.replace(':', "\\:");
    let action = match option.offer() {
        Offer::NoValue => return format!("*{}[{help}]", option.name),
        Offer::Folders => "_files -/".to_owned(),
        Offer::Files => "_files".to_owned(),
        Offer::Variables => "_parameters -g \"*export*\"".to_owned(),
        Offer::Words(words) => format!("({words})"),
        Offer::Nothing => " ".to_owned(),
    };
    format!("*{}=[{help}]:{value}:{action}", option.name)
}
