//! The manual page, in the macros of [man(7)](https://man.openbsd.org/man.7).

use std::fmt::Write as _;

use super::Description;

/// When the pages' text was last changed.
const DATE: &str = "2026-11-28";

/// Returns the page for section 1.
pub fn manual(program: &Description) -> String {
    let Description { name, summary, usage, about, .. } = program;
    let version = env!("CARGO_PKG_VERSION");
    let mut page = format!(
        ".\\\" {name} --manual wrote this.\n\
         .TH {} 1 {DATE} \"{name} {version}\" \"User Commands\"\n\
         .SH NAME\n{} \\- {}\n\
         .SH SYNOPSIS\n.B {}\n{}\n\
         .SH DESCRIPTION\n",
        escaped(&name.to_uppercase()),
        escaped(name),
        escaped(summary),
        escaped(name),
        escaped(usage)
    );
    for (index, paragraph) in about.iter().enumerate() {
        let macro_line = if index == 0 { "" } else { ".PP\n" };
        let _ = writeln!(page, "{macro_line}{}", escaped(paragraph));
    }
    page += ".SH OPTIONS\n";
    for option in program.all() {
        let value =
            if option.takes_value() { format!(" \\fI{}\\fR", escaped(option.value)) } else { String::new() };
        let short = if option.short.is_empty() {
            String::new()
        } else {
            format!("\\fB{}\\fR, ", escaped(option.short))
        };
        let _ = writeln!(
            page,
            ".TP\n{short}\\fB{}\\fR{value}\n{}",
            escaped(option.name),
            escaped(&sentence(option.help))
        );
    }
    for (title, text) in &program.sections {
        let lines: String = text.trim_end().lines().map(|line| escaped(line) + "\n").collect();
        let _ = write!(page, ".SH {title}\n.nf\n{lines}.fi\n");
    }
    page
}

/// Writes a line of the help as a sentence.
fn sentence(help: &str) -> String {
    let mut letters = help.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    first + letters.as_str() + "."
}

/// Escapes what roff would take for its own: backslashes, hyphens that are to be copied as such, quotes, and a dot
/// or an apostrophe at the beginning of a line.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    if text.starts_with(['.', '\'']) {
        escaped += "\\&";
    }
    for letter in text.chars() {
        match letter {
            '\\' => escaped += "\\e",
            '-' => escaped += "\\-",
            '\'' => escaped += "\\(aq",
            '`' => escaped += "\\(ga",
            '^' => escaped += "\\(ha",
            '~' => escaped += "\\(ti",
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::super::Entry;
    use super::*;

    const OPTION: Entry = Entry::new("--dir", "HOST", "grant a folder").short("-d");

    #[test]
    fn an_option_is_a_paragraph_with_a_tag() {
        let program = Description {
            name: "a-b",
            summary: "does it",
            usage: "[options]",
            about: &["First.", ".second"],
            options: vec![OPTION],
            alone: &[],
            runs: "",
            sections: vec![("FILES", "  a\n.b\n".into())],
        };
        let page = manual(&program);
        assert!(page.contains(".SH NAME\na\\-b \\- does it\n"), "{page}");
        assert!(page.contains("First.\n.PP\n\\&.second\n"), "{page}");
        assert!(
            page.contains(".TP\n\\fB\\-d\\fR, \\fB\\-\\-dir\\fR \\fIHOST\\fR\nGrant a folder.\n"),
            "{page}"
        );
        assert!(page.ends_with(".SH FILES\n.nf\n  a\n\\&.b\n.fi\n"), "{page}");
    }

    #[test]
    fn nothing_of_a_text_is_a_request_to_roff() {
        assert_eq!(escaped("'\\n' is ~ a -x"), "\\&\\(aq\\en\\(aq is \\(ti a \\-x");
    }
}
