//! Completion of the command line, by the three shells that people have. Each script completes the program's own
//! options up to the first other word, and files from there on: those words belong to the program in the sandbox.

mod bash;
mod fish;
mod zsh;

use super::Description;

/// A shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    /// [GNU Bash](https://www.gnu.org/software/bash/manual/html_node/Programmable-Completion.html), 3.2 and later.
    Bash,
    /// [fish](https://fishshell.com/docs/current/completions.html), 3 and later.
    Fish,
    /// [zsh](https://zsh.sourceforge.io/Doc/Release/Completion-System.html), 5 and later.
    Zsh,
}

impl Shell {
    /// Reads a shell's name. The error says which there are.
    pub fn named(name: &str) -> Result<Self, String> {
        match name {
            "bash" => Ok(Self::Bash),
            "fish" => Ok(Self::Fish),
            "zsh" => Ok(Self::Zsh),
            _ => Err("it must be bash, fish or zsh".into()),
        }
    }
}

/// Returns the script that makes a shell complete the program's command line.
pub fn completions(program: &Description, shell: Shell) -> String {
    match shell {
        Shell::Bash => bash::script(program),
        Shell::Fish => fish::script(program),
        Shell::Zsh => zsh::script(program),
    }
}
