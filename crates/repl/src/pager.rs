//! A text that is longer than the screen, a screen at a time, as `more` shows it, with a search.

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
    Search,
    Next,
    Previous,
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
    let mut sought = String::new();
    show(&lines[..next], output)?;
    while next < lines.len() {
        write!(output, "-- more ({} %, h for help) --", next * 100 / lines.len())?;
        output.flush()?;
        let pressed = key()?;
        write!(output, "\r{}\r", " ".repeat(31))?;
        let (from, searched) = (next, meaning(&pressed));
        match searched {
            Some(Move::Screen) => (top, next) = (next, screen_from(next)),
            Some(Move::Line) => (top, next) = (top + 1, next + 1),
            Some(Move::End) => next = lines.len(),
            Some(Move::Back) => {
                top = top.saturating_sub(room);
                next = screen_from(top);
                show(&lines[top..next], output)?;
                continue;
            }
            Some(Move::Search | Move::Next | Move::Previous) => {
                if searched == Some(Move::Search) {
                    match ask(&mut key, output)? {
                        // As elsewhere, nothing means the same again.
                        Some(text) if text.is_empty() => {}
                        Some(text) => sought = text,
                        None => continue,
                    }
                }
                if sought.is_empty() {
                    writeln!(output, "nothing was searched for: /text does that")?;
                    continue;
                }
                let place = match searched {
                    Some(Move::Previous) => (0..top).rev().find(|&at| holds(lines[at], &sought)),
                    _ => (top + 1..lines.len()).find(|&at| holds(lines[at], &sought)),
                };
                let Some(place) = place else {
                    writeln!(output, "not found: {sought}")?;
                    continue;
                };
                (top, next) = (place, screen_from(place));
                show(&lines[top..next], output)?;
                continue;
            }
            Some(Move::Quit) => break,
            None => {
                writeln!(output, "{HELP}")?;
                continue;
            }
        }
        show(&lines[from..next], output)?;
    }
    output.flush()
}

const HELP: &str = "\
space: next screen  Enter: next line  b: back  G: end  /text: search  n, N: next, previous  q: quit";

/// Reads what to search for; none if that was given up.
fn ask(key: &mut impl FnMut() -> io::Result<Vec<u8>>, output: &mut impl Write) -> io::Result<Option<String>> {
    let mut typed = Vec::new();
    let answer = loop {
        let text = String::from_utf8_lossy(&typed).into_owned();
        write!(output, "\r/{text} \x08")?;
        output.flush()?;
        let pressed = key()?;
        match &pressed[..] {
            b"" | b"\x1b" | b"\x03" | b"\x04" => break None,
            b"\x7f" | b"\x08" => {
                let Some((last, _)) = text.char_indices().next_back() else { break None };
                write!(output, "\r{}", " ".repeat(text.width() + 1))?;
                typed.truncate(last);
            }
            // Some other key that sends a sequence.
            [0x1b, ..] => {}
            keys => {
                let line = keys.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
                typed.extend(
                    keys[..line.unwrap_or(keys.len())].iter().filter(|byte| !byte.is_ascii_control()),
                );
                if line.is_some() {
                    break Some(String::from_utf8_lossy(&typed).into_owned());
                }
            }
        }
    };
    let shown = String::from_utf8_lossy(&typed).width() + 2;
    write!(output, "\r{}\r", " ".repeat(shown))?;
    Ok(answer)
}

/// Whether the line has this text; capitals count if there are some in it.
fn holds(line: &str, sought: &str) -> bool {
    if sought.contains(char::is_uppercase) {
        line.contains(sought)
    } else {
        line.to_lowercase().contains(sought)
    }
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

    /// What is shown after the first screen, the search's own line and the blanks over it left out.
    fn found(keys: &[&str]) -> String {
        let text = "one\ntwo\nthree\nTwo\n5\n6\ntwo\n8\n9\n10\n11\n12\n";
        let shown = shown(text, keys);
        let shown =
            shown.split('|').skip(1).map(|part| part.rsplit(['\r', '\x08']).next().unwrap_or_default());
        shown.map(|part| part.trim_start().to_owned()).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn a_slash_searches_and_n_goes_on() {
        assert_eq!(found(&["/", "t", "w", "o", "\r", "q"]), "two three Two |");
        assert_eq!(found(&["/", "two\r", "n", "n", "N", "q"]), "two three Two |Two 5 6 |two 8 9 |Two 5 6 |");
        assert_eq!(found(&["/", "Twx", "\x7f", "o\r", "q"]), "Two 5 6 |", "capitals count if there are some");
    }

    #[test]
    fn a_search_in_vain_says_so_and_one_that_is_given_up_does_nothing() {
        assert_eq!(found(&["/", "zzz\r", "q"]), "not found: zzz |");
        assert_eq!(found(&["/", "t", "\x1b", "q"]), "|");
        assert_eq!(found(&["n", "q"]), "nothing was searched for: /text does that |");
    }

    #[test]
    fn wide_lines_count_as_the_rows_they_take() {
        assert_eq!(shown(&format!("{}\nb\nc\n", "a".repeat(15)), &["q"]), format!("{} b |", "a".repeat(15)));
    }
}
