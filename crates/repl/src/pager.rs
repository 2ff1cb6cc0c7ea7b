//! A pager like `more`: it shows a long text a screen at a time, and searches it.

use std::io::{self, Write};
use std::ops::Range;

use unicode_width::UnicodeWidthStr as _;

/// The commands of the pager.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Move {
    Screen,
    Line,
    Back,
    End,
    Quit,
    Search,
    Next,
    Previous,
}

/// Shows `text` on a screen of this many rows and columns. `key` reads one key and returns no bytes at
/// the end of the input.
pub(crate) fn page(
    text: &str,
    (rows, columns): (usize, usize),
    key: impl FnMut() -> io::Result<Vec<u8>>,
    output: &mut impl Write,
) -> io::Result<()> {
    let lines = text.strip_suffix('\n').unwrap_or(text).split('\n').collect();
    let room = rows.saturating_sub(1).max(1);
    let columns = columns.max(1);
    Pager { lines, room, columns, shown: 0..0, sought: String::new(), key, output }.run()
}

const HELP: &str = "\
space: next screen  Enter: next line  b: back  G: end  /text: search  n, N: next, previous  q: quit";

struct Pager<'t, K, W> {
    lines: Vec<&'t str>,
    /// The rows for the text: all but the one of the prompt.
    room: usize,
    columns: usize,
    /// The lines on the screen.
    shown: Range<usize>,
    /// The text that was last searched for.
    sought: String,
    key: K,
    output: W,
}

impl<K: FnMut() -> io::Result<Vec<u8>>, W: Write> Pager<'_, K, W> {
    fn run(&mut self) -> io::Result<()> {
        self.show_screen(0)?;
        while self.shown.end < self.lines.len() {
            let Range { start: top, end: next } = self.shown;
            match meaning(&self.prompt()?) {
                Some(Move::Screen) => self.show_screen(next)?,
                Some(Move::Line) => self.scroll(top + 1..next + 1)?,
                Some(Move::End) => self.scroll(top..self.lines.len())?,
                Some(Move::Back) => self.show_screen(top.saturating_sub(self.room))?,
                Some(Move::Search) => {
                    if self.ask()? {
                        self.find(top + 1..self.lines.len())?;
                    }
                }
                Some(Move::Next) => self.find(top + 1..self.lines.len())?,
                Some(Move::Previous) => self.find((0..top).rev())?,
                Some(Move::Quit) => break,
                None => writeln!(self.output, "{HELP}")?,
            }
        }
        self.output.flush()
    }

    /// Shows the prompt below the text and reads a key.
    fn prompt(&mut self) -> io::Result<Vec<u8>> {
        let prompt = format!("-- more ({} %, h for help) --", self.shown.end * 100 / self.lines.len());
        write!(self.output, "{prompt}")?;
        self.output.flush()?;
        let pressed = (self.key)()?;
        self.erase(prompt.width())?;
        Ok(pressed)
    }

    /// Shows the line `start` and as many of the following lines as fit.
    fn show_screen(&mut self, start: usize) -> io::Result<()> {
        let mut left = self.room;
        let fits = self.lines[start..].iter().take_while(|line| {
            // A line that is wider than the screen takes several rows.
            let height = line.width().div_ceil(self.columns).max(1);
            let fits = height <= left;
            left = left.saturating_sub(height);
            fits
        });
        let end = start + fits.count().max(1);
        self.shown = start..end;
        self.show(start..end)
    }

    /// Prints the lines up to the end of `shown`, which are then on the screen.
    fn scroll(&mut self, shown: Range<usize>) -> io::Result<()> {
        let new = self.shown.end..shown.end;
        self.shown = shown;
        self.show(new)
    }

    fn show(&mut self, lines: Range<usize>) -> io::Result<()> {
        self.lines[lines].iter().try_for_each(|line| writeln!(self.output, "{line}"))
    }

    /// Shows a screen that begins with the first of `candidates` that contains the text searched for.
    fn find(&mut self, mut candidates: impl Iterator<Item = usize>) -> io::Result<()> {
        if self.sought.is_empty() {
            return writeln!(self.output, "there is no search to repeat: /text starts one");
        }
        match candidates.find(|&at| holds(self.lines[at], &self.sought)) {
            Some(at) => self.show_screen(at),
            None => writeln!(self.output, "not found: {}", self.sought),
        }
    }

    /// Reads the text to search for. False if the search was cancelled.
    fn ask(&mut self) -> io::Result<bool> {
        let mut typed = Vec::new();
        let is_entered = loop {
            let text = String::from_utf8_lossy(&typed).into_owned();
            write!(self.output, "\r/{text} \x08")?;
            self.output.flush()?;
            let pressed = (self.key)()?;
            match &pressed[..] {
                b"" | b"\x1b" | b"\x03" | b"\x04" => break false,
                b"\x7f" | b"\x08" => {
                    let Some((last, _)) = text.char_indices().next_back() else { break false };
                    write!(self.output, "\r{}", " ".repeat(text.width() + 1))?;
                    typed.truncate(last);
                }
                // Another key that sends an escape sequence.
                [0x1b, ..] => {}
                keys => {
                    let line = keys.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
                    let keys = &keys[..line.unwrap_or(keys.len())];
                    typed.extend(keys.iter().filter(|byte| !byte.is_ascii_control()));
                    if line.is_some() {
                        break true;
                    }
                }
            }
        };
        let text = String::from_utf8_lossy(&typed).into_owned();
        // The slash, the text, and the blank under the cursor.
        self.erase(text.width() + 2)?;
        // As in `more`, an empty text repeats the last search.
        if is_entered && !text.is_empty() {
            self.sought = text;
        }
        Ok(is_entered)
    }

    /// Blanks the first `columns` of the row and returns to its start.
    fn erase(&mut self, columns: usize) -> io::Result<()> {
        write!(self.output, "\r{}\r", " ".repeat(columns))
    }
}

/// Whether the line contains the text. Case matters only if the text has capitals.
fn holds(line: &str, sought: &str) -> bool {
    if sought.contains(char::is_uppercase) {
        line.contains(sought)
    } else {
        line.to_lowercase().contains(sought)
    }
}

fn meaning(key: &[u8]) -> Option<Move> {
    Some(match key {
        b" " | b"f" | b"\x1b[6~" | b"\x06" => Move::Screen,
        b"\r" | b"\n" | b"j" | b"\x1b[B" | b"\x1bOB" => Move::Line,
        b"b" | b"\x1b[5~" | b"\x02" | b"k" | b"\x1b[A" | b"\x1bOA" => Move::Back,
        b"G" | b"\x1b[F" => Move::End,
        b"/" => Move::Search,
        b"n" => Move::Next,
        b"N" => Move::Previous,
        b"" | b"q" | b"Q" | b"\x1b" | b"\x03" | b"\x04" => Move::Quit,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns what a screen of 4 rows and 10 columns shows of `text`, without the prompts.
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
    fn a_text_that_fits_is_shown_without_a_prompt() {
        assert_eq!(shown("a\nb\nc\n", &[]), "a b c ");
    }

    #[test]
    fn keys_move_by_screens_and_lines() {
        assert_eq!(shown(TEN, &[" ", "\r", "q"]), "0 1 2 |3 4 5 |6 |");
        assert_eq!(shown(TEN, &[" ", "b", "G"]), "0 1 2 |3 4 5 |0 1 2 |3 4 5 6 7 8 9 ");
        assert_eq!(shown(TEN, &[]), "0 1 2 |", "no more keys");
    }

    /// Returns what is shown after the first screen, without the line of the search and the blanks over it.
    fn found(keys: &[&str]) -> String {
        let text = "one\ntwo\nthree\nTwo\n5\n6\ntwo\n8\n9\n10\n11\n12\n";
        let shown = shown(text, keys);
        let shown =
            shown.split('|').skip(1).map(|part| part.rsplit(['\r', '\x08']).next().unwrap_or_default());
        shown.map(|part| part.trim_start().to_owned()).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn a_slash_searches_and_n_repeats_the_search() {
        assert_eq!(found(&["/", "t", "w", "o", "\r", "q"]), "two three Two |");
        assert_eq!(found(&["/", "two\r", "n", "n", "N", "q"]), "two three Two |Two 5 6 |two 8 9 |Two 5 6 |");
        assert_eq!(
            found(&["/", "Twx", "\x7f", "o\r", "q"]),
            "Two 5 6 |",
            "case matters if there are capitals"
        );
    }

    #[test]
    fn a_search_without_a_match_says_so_and_a_cancelled_one_does_nothing() {
        assert_eq!(found(&["/", "zzz\r", "q"]), "not found: zzz |");
        assert_eq!(found(&["/", "t", "\x1b", "q"]), "|");
        assert_eq!(found(&["n", "q"]), "there is no search to repeat: /text starts one |");
    }

    #[test]
    fn a_wide_line_counts_as_several_rows() {
        assert_eq!(shown(&format!("{}\nb\nc\n", "a".repeat(15)), &["q"]), format!("{} b |", "a".repeat(15)));
    }
}
