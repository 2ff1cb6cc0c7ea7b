//! The form of a block in the editor's buffer: each line but the first begins with a margin, one tab.
//!
//! rustyline draws one prompt, before the first line, and starts all other lines in column 0. It expands
//! a tab to the next tab stop, so with the tab stop set to the width of `sys.ps2`, a tab at the start of
//! a line takes exactly the room in which the highlighter draws `sys.ps2`. Hence a newline of the source
//! is `"\n\t"` in the buffer, and a tab of the source is [`TAB_SIGN`]. Every buffer can be decoded,
//! whatever the editor has done to it: a deleted margin is not an error.

/// A newline of the source in the buffer.
pub(crate) const NEWLINE: &str = "\n\t";

/// A tab of the source in the buffer: one column wide, and visible.
const TAB_SIGN: char = '\u{2409}';

/// Returns the buffer for `source`.
pub(crate) fn encode(source: &str) -> String {
    let mut buffer = String::with_capacity(source.len() + 16);
    for c in source.chars() {
        match c {
            '\n' => buffer.push_str(NEWLINE),
            '\t' => buffer.push(TAB_SIGN),
            c => buffer.push(c),
        }
    }
    buffer
}

/// Returns the source in `buffer`.
pub(crate) fn decode(buffer: &str) -> String {
    let mut source = String::with_capacity(buffer.len());
    let mut chars = buffer.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' => {
                source.push('\n');
                chars.next_if_eq(&'\t');
            }
            TAB_SIGN => source.push('\t'),
            c => source.push(c),
        }
    }
    source
}

/// Returns the start of the line that holds `position`, after its margin.
pub(crate) fn line_start(buffer: &str, position: usize) -> usize {
    match buffer[..position].rfind('\n') {
        None => 0,
        Some(newline) if buffer[newline..position].starts_with(NEWLINE) => newline + NEWLINE.len(),
        Some(newline) => newline + 1,
    }
}

/// Returns `position`, or the end of the margin if `position` is right before one, where some commands
/// of vi stop.
pub(crate) fn after(buffer: &str, position: usize) -> usize {
    let before_margin = buffer[..position].ends_with('\n') && buffer[position..].starts_with('\t');
    position + usize::from(before_margin)
}

/// Returns the end of the line that holds `position`, before its newline.
pub(crate) fn line_end(buffer: &str, position: usize) -> usize {
    buffer[position..].find('\n').map_or(buffer.len(), |offset| position + offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_survives_the_buffer() {
        for source in ["", "x", "if x:\n    y()\n", "a\tb\n\tc\n\n\t\n", "\n", "é\n→\t"] {
            assert_eq!(decode(&encode(source)), source);
        }
    }

    #[test]
    fn a_deleted_margin_does_no_harm() {
        assert_eq!(decode("if x:\n    y()\n\tz"), "if x:\n    y()\nz");
    }

    #[test]
    fn a_tab_inside_a_line_is_kept() {
        assert_eq!(decode("a\tb"), "a\tb");
    }

    #[test]
    fn lines_begin_after_their_margin() {
        let buffer = encode("ab\ncd\n");
        assert_eq!(buffer, "ab\n\tcd\n\t");
        assert_eq!((line_start(&buffer, 1), line_end(&buffer, 1)), (0, 2));
        assert_eq!((line_start(&buffer, 5), line_end(&buffer, 5)), (4, 6));
        assert_eq!((line_start(&buffer, 8), line_end(&buffer, 8)), (8, 8));
        assert_eq!(line_start(&buffer, 3), 3, "before a margin, never after the position");
        assert_eq!((after(&buffer, 3), after(&buffer, 4), after(&buffer, 2)), (4, 4, 2));
    }
}
