//! Runs what the documents show: blocks of `console`, command by command, and compares what is printed.
//!
//! A line `$ command` is run by `sh`, and the lines up to the next command are what it prints, on both streams. A
//! line of `...` stands for any number of lines. `$ cat NAME` of a file that is not there writes it as it is shown.

use std::fs;
use std::path::Path;
use std::process::Command;

/// Runs all blocks of a document in `folder`, one after the other. `prepare` sets what the shell finds.
///
/// Panics at the first command that prints something else.
pub fn run(document: &str, folder: &Path, prepare: impl Fn(&mut Command)) {
    let mut blocks = 0;
    for block in document.split("\n```console\n").skip(1) {
        let (block, _) = block.split_once("\n```").expect("the end of a block");
        let mut commands: Vec<(&str, Vec<&str>)> = Vec::new();
        for line in block.lines() {
            match (line.strip_prefix("$ "), commands.last_mut()) {
                (Some(command), _) => commands.push((command, Vec::new())),
                (None, Some((_, printed))) => printed.push(line),
                (None, None) => panic!("a block begins with a command, not with {line}"),
            }
        }
        for (command, expected) in commands {
            one(command, &expected, folder, &prepare);
        }
        blocks += 1;
    }
    assert!(blocks > 0, "the document shows no commands");
}

fn one(command: &str, expected: &[&str], folder: &Path, prepare: &impl Fn(&mut Command)) {
    if let Some(name) = command.strip_prefix("cat ")
        && !folder.join(name).exists()
    {
        fs::write(folder.join(name), expected.join("\n") + "\n").expect("the file that is shown");
        return;
    }
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("{{ {command}\n}} 2>&1")]).current_dir(folder);
    prepare(&mut shell);
    let output = shell.output().expect("there is a shell");
    let text = String::from_utf8_lossy(&output.stdout);
    let printed: Vec<&str> = text.lines().map(str::trim_end).collect();
    assert!(fits(&printed, expected), "$ {command}\nprints\n{text}\nand not\n{}", expected.join("\n"));
}

/// Whether lines are those that are expected.
fn fits(printed: &[&str], expected: &[&str]) -> bool {
    match expected {
        [] => printed.is_empty(),
        ["...", rest @ ..] => (0..=printed.len()).any(|skipped| fits(&printed[skipped..], rest)),
        [line, rest @ ..] => {
            printed.split_first().is_some_and(|(first, others)| first == line && fits(others, rest))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_stand_for_any_lines() {
        assert!(fits(&["a", "b", "c"], &["a", "...", "c"]) && fits(&["a", "c"], &["a", "...", "c"]));
        assert!(!fits(&["a", "b"], &["a", "...", "c"]) && !fits(&["a"], &[]) && fits(&[], &["..."]));
    }
}
