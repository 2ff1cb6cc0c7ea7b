//! A scanner for Python that never fails: what to colour, and where statements begin.
//!
//! The published lexers do not fit: those of ruff and RustPython are parts of their parsers (large, and
//! unstable or unmaintained as crates) and are not made for half-typed text. Nothing depends on this
//! one for correctness: the guest's compiler decides whether a block is complete.

use std::ops::Range;

/// The kind of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Name,
    Number,
    String,
    Comment,
    Open,
    Close,
    Other,
}

/// A piece of source. White space between tokens belongs to none of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) range: Range<usize>,
}

/// The result of a scan.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    pub(crate) tokens: Vec<Token>,
    /// Where each line begins, except for lines in a string, in brackets or after a backslash.
    pub(crate) logical_lines: Vec<usize>,
    /// The number of brackets that are open at the end.
    pub(crate) open_brackets: usize,
    /// Whether a triple-quoted string is open at the end.
    pub(crate) in_string: bool,
}

/// Strings nested deeper than this in f-strings are scanned as text, so that no input can exhaust the
/// host's stack.
const MAX_NESTING: usize = 16;

/// Scans all of `source`.
pub(crate) fn scan(source: &str) -> Scan {
    let last_brace = source.rfind('}').unwrap_or(0);
    let mut lexer = Lexer { source, at: 0, last_brace };
    let mut scan = Scan { logical_lines: vec![0], ..Scan::default() };
    while let Some(c) = lexer.peek() {
        let start = lexer.at;
        let kind = match c {
            '\n' => {
                lexer.bump();
                if scan.open_brackets == 0 {
                    scan.logical_lines.push(lexer.at);
                }
                continue;
            }
            '\\' => {
                lexer.bump();
                if lexer.peek() == Some('\n') {
                    lexer.bump();
                }
                continue;
            }
            c if c.is_whitespace() => {
                lexer.bump();
                continue;
            }
            '#' => {
                lexer.skip_while(|c| c != '\n');
                Kind::Comment
            }
            '\'' | '"' => {
                scan.in_string = !lexer.string(false, 0);
                Kind::String
            }
            '(' | '[' | '{' => {
                lexer.bump();
                scan.open_brackets += 1;
                Kind::Open
            }
            ')' | ']' | '}' => {
                lexer.bump();
                scan.open_brackets = scan.open_brackets.saturating_sub(1);
                Kind::Close
            }
            c if c.is_ascii_digit() => {
                lexer.number();
                Kind::Number
            }
            '.' if lexer.rest()[1..].starts_with(|c: char| c.is_ascii_digit()) => {
                lexer.number();
                Kind::Number
            }
            c if c == '_' || c.is_alphabetic() => {
                lexer.skip_while(|c| c == '_' || c.is_alphanumeric());
                match string_prefix(&source[start..lexer.at]) {
                    Some(formatted) if matches!(lexer.peek(), Some('\'' | '"')) => {
                        scan.in_string = !lexer.string(formatted, 0);
                        Kind::String
                    }
                    _ => Kind::Name,
                }
            }
            _ => {
                lexer.bump();
                Kind::Other
            }
        };
        scan.tokens.push(Token { kind, range: start..lexer.at });
    }
    scan
}

/// Returns whether `{` opens a field in a string with the prefix `word`; `None` if `word` is not a prefix.
fn string_prefix(word: &str) -> Option<bool> {
    match word.to_ascii_lowercase().as_str() {
        "r" | "b" | "u" | "br" | "rb" => Some(false),
        "f" | "fr" | "rf" | "t" | "tr" | "rt" => Some(true),
        _ => None,
    }
}

struct Lexer<'s> {
    source: &'s str,
    at: usize,
    last_brace: usize,
}

impl<'s> Lexer<'s> {
    fn rest(&self) -> &'s str {
        &self.source[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) {
        self.at += self.peek().map_or(0, char::len_utf8);
    }

    fn skip_while(&mut self, accept: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&accept) {
            self.bump();
        }
    }

    /// Skips digits, underscores, bases, exponents and suffixes, in any order.
    fn number(&mut self) {
        let mut last = ' ';
        while let Some(c) = self.peek() {
            let sign_of_exponent = matches!(c, '+' | '-') && matches!(last, 'e' | 'E');
            if !(c.is_ascii_alphanumeric() || c == '_' || c == '.' || sign_of_exponent) {
                break;
            }
            last = c;
            self.bump();
        }
    }

    /// Skips a string from its quote on. False if it is triple-quoted and does not end.
    fn string(&mut self, formatted: bool, nesting: usize) -> bool {
        let quote = &self.rest()[..1];
        let triple = self.rest().starts_with(&quote.repeat(3));
        let end = if triple { quote.repeat(3) } else { quote.to_owned() };
        self.at += end.len();
        while let Some(c) = self.peek() {
            if self.rest().starts_with(&end) {
                self.at += end.len();
                return true;
            }
            match c {
                '\n' if !triple => return true,
                '\\' => {
                    self.bump();
                    self.bump();
                }
                '{' if formatted && self.rest().starts_with("{{") => self.at += 2,
                '{' if formatted && nesting < MAX_NESTING => self.field(&end, nesting + 1),
                _ => self.bump(),
            }
        }
        !triple
    }

    /// Skips a replacement field of a formatted string, from its `{` past its `}`.
    fn field(&mut self, end: &str, nesting: usize) {
        let mut brackets = 0;
        let mut in_format = false;
        while let Some(c) = self.peek() {
            match c {
                // The field is half typed: the quote most likely ends the string.
                _ if self.rest().starts_with(end) && (in_format || self.at > self.last_brace) => return,
                '\n' if end.len() == 1 => return,
                '\'' | '"' if !in_format => {
                    self.string(false, nesting);
                    continue;
                }
                '{' if in_format && nesting < MAX_NESTING => {
                    self.field(end, nesting + 1);
                    continue;
                }
                '(' | '[' | '{' => brackets += 1,
                '}' if brackets == 0 => {
                    self.bump();
                    return;
                }
                ')' | ']' | '}' => brackets -= 1,
                ':' if brackets == 0 => in_format = true,
                _ => {}
            }
            self.bump();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(source: &str) -> Vec<(Kind, &str)> {
        scan(source).tokens.into_iter().map(|token| (token.kind, &source[token.range])).collect()
    }

    #[test]
    fn tells_names_numbers_strings_and_comments_apart() {
        assert_eq!(
            kinds("x1 = .5e-3 + 0xFF  # 'no'"),
            [
                (Kind::Name, "x1"),
                (Kind::Other, "="),
                (Kind::Number, ".5e-3"),
                (Kind::Other, "+"),
                (Kind::Number, "0xFF"),
                (Kind::Comment, "# 'no'"),
            ]
        );
    }

    #[test]
    fn a_string_keeps_its_prefix_and_its_escapes() {
        assert_eq!(kinds(r#"rb'a\'b' "c""#), [(Kind::String, r"rb'a\'b'"), (Kind::String, r#""c""#)]);
    }

    #[test]
    fn an_f_string_may_hold_its_own_quote() {
        assert_eq!(kinds("f'{d['k']}' x"), [(Kind::String, "f'{d['k']}'"), (Kind::Name, "x")]);
        assert_eq!(kinds("f'{x:'"), [(Kind::String, "f'{x:'")]);
        assert_eq!(kinds("f'{{' y"), [(Kind::String, "f'{{'"), (Kind::Name, "y")]);
    }

    #[test]
    fn an_open_triple_quoted_string_is_reported() {
        assert!(scan("'''a\nb").in_string);
        assert!(!scan("'''a\nb'''").in_string);
        assert!(!scan("'a").in_string);
    }

    #[test]
    fn lines_in_brackets_in_strings_and_after_a_backslash_are_not_logical_lines() {
        let source = "f(1,\n2)\n'''\n'''\na \\\n+ b\nc";
        let lines: Vec<&str> = scan(source).logical_lines.iter().map(|&at| &source[at..=at]).collect();
        assert_eq!(lines, ["f", "'", "a", "c"]);
    }

    #[test]
    fn deep_nesting_does_not_exhaust_the_stack() {
        scan(&"f'{".repeat(200_000));
        scan(&"f'{x:{".repeat(100_000));
    }
}
