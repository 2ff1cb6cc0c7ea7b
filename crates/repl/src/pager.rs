//! A text that is longer than the screen, a screen at a time, as `more` shows it.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr as _;

/// What a key means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Move {
    Screen,
    Line,
    Back,
    End,
    Quit,
}

/// Shows `text` on a screen of so many rows and columns; `key` reads one key, empty when there
/// are no more.
pub(crate) fn page(
    text: &str,
    (rows, columns): (usize, usize),
    mut key: impl FnMut() -> io::Result<Vec<u8>>,
    output: &mut impl Write,
) -> io::Result<()> {
    let lines: Vec<&str> = text.strip_suffix('\n').unwrap_or(text).split('\n').collect();
    // A line that is wider than the screen takes several rows.
    let height = |line: &str| line.width().div_ceil(columns.max(1)).max(1);
    let room = rows.saturating_sub(1).max(1);
    // The first line behind those that fill one screen from `start` on.
    let screen_from = |start: usize| {
        let mut left = room;
        let fits = lines[start..].iter().take_while(|line| {
            let height = height(line);
            let fits = height <= left;
            left = left.saturating_sub(height);
            fits
        });
        (start + fits.count()).max(start + 1).min(lines.len())
    };
    let mut top = 0;
    let mut next = screen_from(0);
    show(&lines[..next], output)?;
    while next < lines.len() {
        write!(output, "-- more ({} %, h for help) --", next * 100 / lines.len())?;
        output.flush()?;
        let pressed = key()?;
        write!(output, "\r{}\r", " ".repeat(31))?;
        let from = next;
        match meaning(&pressed) {
            Some(Move::Screen) => (top, next) = (next, screen_from(next)),
            Some(Move::Line) => (top, next) = (top + 1, next + 1),
            Some(Move::End) => next = lines.len(),
            Some(Move::Back) => {
                top = top.saturating_sub(room);
                next = screen_from(top);
                show(&lines[top..next], output)?;
                continue;
            }
            Some(Move::Quit) => break,
            None => {
                writeln!(output, "space: next screen  Enter: next line  b: back  G: end  q: quit")?;
                continue;
            }
        }
        show(&lines[from..next], output)?;
    }
    output.flush()
}

fn show(lines: &[&str], output: &mut impl Write) -> io::Result<()> {
    lines.iter().try_for_each(|line| writeln!(output, "{line}"))
}

fn meaning(key: &[u8]) -> Option<Move> {
    Some(match key {
        b" " | b"f" | b"\x1b[6~" | b"\x06" => Move::Screen,
        b"\r" | b"\n" | b"j" | b"\x1b[B" | b"\x1bOB" => Move::Line,
        b"b" | b"\x1b[5~" | b"\x02" | b"k" | b"\x1b[A" | b"\x1bOA" => Move::Back,
        b"G" | b"\x1b[F" => Move::End,
        b"" | b"q" | b"Q" | b"\x1b" | b"\x03" | b"\x04" => Move::Quit,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is shown of `count` numbered lines at a screen of 4 rows, prompts left out.
    fn shown(text: &str, keys: &[&str]) -> String {
        let mut keys = keys.iter();
        let mut output = Vec::new();
        let key = || Ok(keys.next().map_or_else(Vec::new, |key| key.as_bytes().to_vec()));
        page(text, (4, 10), key, &mut output).unwrap();
        let text = String::from_utf8(output).unwrap();
        let pieces = text.split("-- more (").map(|piece| match piece.split_once('\r') {
            Some((_, rest)) => rest.trim_start_matches([' ', '\r']).to_owned(),
            None => piece.to_owned(),
        });
        pieces.collect::<Vec<_>>().join("|").replace('\n', " ")
    }

    const TEN: &str = "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n";

    #[test]
    fn a_text_that_fits_asks_nothing() {
        assert_eq!(shown("a\nb\nc\n", &[]), "a b c ");
    }

    #[test]
    fn keys_move_by_screens_and_lines() {
        assert_eq!(shown(TEN, &[" ", "\r", "q"]), "0 1 2 |3 4 5 |6 |");
        assert_eq!(shown(TEN, &[" ", "b", "G"]), "0 1 2 |3 4 5 |0 1 2 |3 4 5 6 7 8 9 ");
        assert_eq!(shown(TEN, &[]), "0 1 2 |", "no more keys");
    }

    #[test]
    fn wide_lines_count_as_the_rows_they_take() {
        assert_eq!(shown(&format!("{}\nb\nc\n", "a".repeat(15)), &["q"]), format!("{} b |", "a".repeat(15)));
    }
}
