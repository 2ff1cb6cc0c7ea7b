//! Blocks: where typed or pasted source is cut into them, and how their lines are indented.

use crate::lexer::{self, Kind};

/// One step of indentation.
pub(crate) const INDENT: usize = 4;

/// Cuts `source` where a new statement begins at the left edge. Concatenated, the parts are `source`.
///
/// `else` and its like continue the statement before them, a decorator belongs to what it decorates,
/// and comments and blank lines belong to what precedes them.
pub(crate) fn split(source: &str) -> Vec<&str> {
    let mut starts = vec![0];
    let mut statement_seen = false;
    let mut after_decorator = false;
    for &line in &lexer::scan(source).logical_lines {
        let text = &source[line..];
        let Some(first) = text.chars().next() else { break };
        if first.is_whitespace() || first == '#' {
            continue;
        }
        if statement_seen && !after_decorator && !continues(text) {
            starts.push(line);
        }
        statement_seen = true;
        after_decorator = first == '@';
    }
    starts.push(source.len());
    starts.windows(2).map(|pair| &source[pair[0]..pair[1]]).collect()
}

/// Whether `source` has only white space and comments.
pub(crate) fn is_blank(source: &str) -> bool {
    lexer::scan(source).tokens.iter().all(|token| token.kind == Kind::Comment)
}

/// Whether a line continues the compound statement before it.
fn continues(line: &str) -> bool {
    let end = line.find(|c: char| c != '_' && !c.is_alphanumeric()).unwrap_or(line.len());
    matches!(&line[..end], "elif" | "else" | "except" | "finally")
}

/// Empties the last line of `source` if it has only spaces, and moves source that was copied from
/// inside a block to the left edge.
///
/// A single indented line stays as it is: for CPython it is an error.
pub(crate) fn tidy(source: &str) -> String {
    let (before, last) = source.rsplit_once('\n').map_or(("", source), |(before, last)| (before, last));
    let source = if last.trim().is_empty() && !before.is_empty() { &source[..=before.len()] } else { source };
    let Some(first) = source.lines().find(|line| !line.trim().is_empty()) else {
        return source.to_owned();
    };
    let indent = indentation(first);
    if indent.is_empty() || !source.trim_end().trim_start_matches('\n').contains('\n') {
        return source.to_owned();
    }
    let lines: Vec<&str> = source.split('\n').map(|line| line.strip_prefix(indent).unwrap_or(line)).collect();
    lines.join("\n")
}

/// Returns the indentation of a new line after `before`, which ends at the cursor: that of its last
/// line, one step more after a colon, one less after a statement that ends a block, none in a string.
pub(crate) fn next_indent(before: &str) -> String {
    let scan = lexer::scan(before);
    if scan.in_string {
        return String::new();
    }
    let line = before.rsplit('\n').next().unwrap_or_default();
    let mut indent = indentation(line).to_owned();
    if scan.open_brackets > 0 {
        return indent;
    }
    let Some(last) = scan.tokens.iter().rfind(|token| token.kind != Kind::Comment) else {
        return indent;
    };
    let statement = scan.logical_lines.last().map_or("", |&start| before[start..].trim_start());
    let word = statement.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    if &before[last.range.clone()] == ":" {
        indent.push_str(&" ".repeat(INDENT));
    } else if matches!(word, "break" | "continue" | "pass" | "raise" | "return") {
        indent.truncate(indent.len().saturating_sub(INDENT));
    }
    indent
}

/// Returns the spaces and tabs at the start of `line`.
fn indentation(line: &str) -> &str {
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_statement_at_the_left_edge_is_a_block() {
        assert_eq!(split("a = 1\nb = 2"), ["a = 1\n", "b = 2"]);
        assert_eq!(split(""), [""]);
    }

    #[test]
    fn a_compound_statement_is_one_block_with_its_blank_lines() {
        let source = "def f():\n    a = 1\n\n    return a\n\nif x:\n    y\nelse:\n    z\n\nf()\n";
        assert_eq!(
            split(source),
            ["def f():\n    a = 1\n\n    return a\n\n", "if x:\n    y\nelse:\n    z\n\n", "f()\n"]
        );
    }

    #[test]
    fn decorators_brackets_and_strings_hold_a_block_together() {
        let source = "@a\n@b\nclass C:\n    x = [\n1,\n]\ns = '''\ny = 1\n'''\n";
        assert_eq!(split(source), ["@a\n@b\nclass C:\n    x = [\n1,\n]\n", "s = '''\ny = 1\n'''\n"]);
    }

    #[test]
    fn leading_comments_belong_to_the_first_block() {
        assert_eq!(split("# one\n\nx = 1\n# two\ny = 2"), ["# one\n\nx = 1\n# two\n", "y = 2"]);
    }

    #[test]
    fn a_name_that_starts_with_else_starts_a_block() {
        assert_eq!(split("a\nelse_ = 1"), ["a\n", "else_ = 1"]);
    }

    #[test]
    fn comments_alone_are_blank() {
        assert!(is_blank("\n  # a\n"));
        assert!(!is_blank("'#'"));
    }

    #[test]
    fn indented_code_moves_to_the_left_edge() {
        assert_eq!(tidy("    def f():\n        return 1\n\n    f()\n"), "def f():\n    return 1\n\nf()\n");
        assert_eq!(tidy("  x"), "  x", "one line: CPython's IndentationError");
        assert_eq!(tidy("if x:\n    y\n    "), "if x:\n    y\n");
    }

    #[test]
    fn a_colon_indents_and_a_return_dedents() {
        assert_eq!(next_indent("if x:"), "    ");
        assert_eq!(next_indent("if x:  # why"), "    ");
        assert_eq!(next_indent("if x:\n    y"), "    ");
        assert_eq!(next_indent("def f():\n    return 1"), "");
        assert_eq!(next_indent("def f():\n    returned = 1"), "    ");
        assert_eq!(next_indent("x = {'a':"), "", "a colon in brackets starts no suite");
        assert_eq!(next_indent("if x:\n    s = '''a:"), "", "lines in a string are not indented");
    }
}
