//! Colours for the line that is being edited: the default theme of CPython's own prompt.

use std::ops::Range;

use crate::lexer::{Kind, Scan, Token};
use crate::margin::NEWLINE;

const RESET: &str = "\x1b[0m";
const PROMPT: &str = "\x1b[1;35m";
const KEYWORD: &str = "\x1b[1;34m";
const BUILTIN: &str = "\x1b[36m";
const STRING: &str = "\x1b[32m";
const NUMBER: &str = "\x1b[33m";
const COMMENT: &str = "\x1b[31m";
const DEFINITION: &str = "\x1b[1m";
const BRACKET: &str = "\x1b[1;7m";
const HINT: &str = "\x1b[90m";

/// All keywords of Python 3.13. The soft ones (`match`, `case`, `type`) are treated as names.
const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def",
    "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is",
    "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// The functions and types of `builtins` that people type at a prompt.
const BUILTINS: [&str; 67] = [
    "abs",
    "aiter",
    "all",
    "anext",
    "any",
    "ascii",
    "bin",
    "bool",
    "breakpoint",
    "bytearray",
    "bytes",
    "callable",
    "chr",
    "classmethod",
    "compile",
    "complex",
    "delattr",
    "dict",
    "dir",
    "divmod",
    "enumerate",
    "eval",
    "exec",
    "exit",
    "filter",
    "float",
    "format",
    "frozenset",
    "getattr",
    "globals",
    "hasattr",
    "hash",
    "help",
    "hex",
    "id",
    "input",
    "int",
    "isinstance",
    "issubclass",
    "iter",
    "len",
    "list",
    "locals",
    "map",
    "max",
    "memoryview",
    "min",
    "next",
    "object",
    "open",
    "ord",
    "pow",
    "print",
    "property",
    "quit",
    "range",
    "repr",
    "reversed",
    "round",
    "set",
    "setattr",
    "slice",
    "sorted",
    "str",
    "sum",
    "super",
    "tuple",
];

/// Draws a buffer, with colours or without, each margin as `ps2`.
pub(crate) struct Painter<'p> {
    /// `sys.ps2`, as wide as a margin.
    pub(crate) ps2: &'p str,
    /// Whether any colour may be used.
    pub(crate) colors: bool,
}

impl Painter<'_> {
    /// Returns a prompt in its colour. A prompt with escapes of its own stays as it is.
    pub(crate) fn prompt(&self, prompt: &str) -> String {
        if self.colors && !prompt.contains('\x1b') {
            format!("{PROMPT}{prompt}{RESET}")
        } else {
            prompt.to_owned()
        }
    }

    /// Returns a hint in its colour.
    pub(crate) fn hint(&self, hint: &str) -> String {
        let mut out = String::new();
        self.piece(&mut out, hint, HINT);
        out
    }

    /// Returns the whole buffer in colours. `brackets` are the positions of two bytes that stand out.
    pub(crate) fn buffer(&self, buffer: &str, scan: &Scan, brackets: Option<(usize, usize)>) -> String {
        let mut out = String::with_capacity(buffer.len() * 2);
        let mut at = 0;
        let mut defines = false;
        let command = command_end(buffer).unwrap_or(0);
        if command > 0 {
            self.piece(&mut out, &buffer[..command], KEYWORD);
            at = command;
        }
        for Token { kind, range } in scan.tokens.iter().filter(|token| token.range.start >= command) {
            self.piece(&mut out, &buffer[at..range.start], "");
            let text = &buffer[range.clone()];
            let style = match kind {
                Kind::Name if defines => DEFINITION,
                Kind::Name if KEYWORDS.contains(&text) => KEYWORD,
                Kind::Name if BUILTINS.contains(&text) && !buffer[..range.start].ends_with('.') => BUILTIN,
                Kind::Number => NUMBER,
                Kind::String => STRING,
                Kind::Comment => COMMENT,
                Kind::Open | Kind::Close if is_one_of(range, brackets) => BRACKET,
                _ => "",
            };
            self.piece(&mut out, text, style);
            defines = matches!(text, "def" | "class");
            at = range.end;
        }
        self.piece(&mut out, &buffer[at..], "");
        out
    }

    /// Appends `text` in `style` to `out`, drawing its margins as prompts.
    fn piece(&self, out: &mut String, text: &str, style: &str) {
        let style = if self.colors { style } else { "" };
        for (index, line) in text.split(NEWLINE).enumerate() {
            if index > 0 {
                out.push('\n');
                out.push_str(&self.prompt(self.ps2));
            }
            if style.is_empty() || line.is_empty() {
                out.push_str(line);
            } else {
                out.push_str(style);
                out.push_str(line);
                out.push_str(RESET);
            }
        }
    }
}

/// Returns the end of the `%name` at the start of the buffer, if there is one.
fn command_end(buffer: &str) -> Option<usize> {
    let name = buffer.strip_prefix('%')?;
    Some(name.find(|c: char| !c.is_alphanumeric()).unwrap_or(name.len()) + 1)
}

fn is_one_of(range: &Range<usize>, places: Option<(usize, usize)>) -> bool {
    places.is_some_and(|(one, other)| range.start == one || range.start == other)
}

/// Returns the positions of the bracket at or before `cursor` and of its partner.
pub(crate) fn matching_brackets(buffer: &str, scan: &Scan, cursor: usize) -> Option<(usize, usize)> {
    let mut open = Vec::new();
    let mut pairs = Vec::new();
    for Token { kind, range } in &scan.tokens {
        match kind {
            Kind::Open => open.push(range.start),
            Kind::Close => {
                let start = open.pop()?;
                if matches!(&buffer[start..=start], "(" | "[" | "{") && fits(buffer, start, range.start) {
                    pairs.push((start, range.start));
                }
            }
            _ => {}
        }
    }
    let at = |place: usize| pairs.iter().copied().find(|&(open, close)| open == place || close == place);
    at(cursor).or_else(|| at(cursor.checked_sub(1)?))
}

fn fits(buffer: &str, open: usize, close: usize) -> bool {
    matches!((buffer.as_bytes()[open], buffer.as_bytes()[close]), (b'(', b')') | (b'[', b']') | (b'{', b'}'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexer::scan;

    fn paint(buffer: &str, colors: bool) -> String {
        Painter { ps2: "... ", colors }.buffer(buffer, &scan(buffer), None)
    }

    #[test]
    fn without_colours_there_is_no_escape() {
        assert_eq!(paint("if x:\n\t    print('a')  # b", false), "if x:\n...     print('a')  # b");
    }

    #[test]
    fn keywords_strings_and_definitions_are_coloured() {
        assert_eq!(
            paint("def f(): return 'a'", true),
            "\x1b[1;34mdef\x1b[0m \x1b[1mf\x1b[0m(): \x1b[1;34mreturn\x1b[0m \x1b[32m'a'\x1b[0m"
        );
        assert_eq!(paint("x.print", true), "x.print", "an attribute is not a builtin");
        assert_eq!(paint("%time 1", true), "\x1b[1;34m%time\x1b[0m \x1b[33m1\x1b[0m");
    }

    #[test]
    fn a_string_over_two_lines_leaves_the_prompt_its_own_colour() {
        assert_eq!(
            paint("'''a\n\tb'''", true),
            "\x1b[32m'''a\x1b[0m\n\x1b[1;35m... \x1b[0m\x1b[32mb'''\x1b[0m"
        );
    }

    #[test]
    fn brackets_match_outside_strings() {
        let buffer = "f(')', [1])";
        let found = |cursor| matching_brackets(buffer, &scan(buffer), cursor);
        assert_eq!(found(11), Some((1, 10)));
        assert_eq!(found(1), Some((1, 10)));
        assert_eq!(found(7), Some((7, 9)));
        assert_eq!(found(4), None);
    }
}
