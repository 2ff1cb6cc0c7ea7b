//! The completions to choose from, in columns, as `ls` prints names.

use unicode_width::UnicodeWidthStr as _;

/// More rows would push the block off the screen.
const MAX_ROWS: usize = 12;

/// The columns between two names.
const GAP: usize = 2;

/// Arranges `names` in columns, top to bottom, in rows shorter than `width`. A last row counts the names
/// that do not fit. Empty if there are no names.
pub(crate) fn columns(names: &[String], width: usize) -> String {
    let widest = names.iter().map(|name| name.width()).max().unwrap_or(0);
    let per_row = (width.saturating_sub(1) / (widest + GAP)).max(1);
    let shown = &names[..names.len().min(per_row * MAX_ROWS)];
    let rows = shown.len().div_ceil(per_row);
    let mut lines: Vec<String> = (0..rows)
        .map(|row| {
            let line: String = shown[row..]
                .iter()
                .step_by(rows)
                .map(|name| name.to_owned() + &" ".repeat(widest + GAP - name.width()))
                .collect();
            line.trim_end().to_owned()
        })
        .collect();
    if shown.len() < names.len() {
        lines.push(format!("... and {} more", names.len() - shown.len()));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn names_run_down_the_columns() {
        assert_eq!(columns(&names("a bb c d e"), 12), "a   d\nbb  e\nc");
        assert_eq!(columns(&names("a bb c d e"), 80), "a   bb  c   d   e");
        assert_eq!(columns(&[], 80), "");
    }

    #[test]
    fn a_narrow_screen_has_one_column() {
        assert_eq!(columns(&names("abc de"), 2), "abc\nde");
    }

    #[test]
    fn names_that_do_not_fit_are_counted() {
        let many = vec!["x".repeat(38); 30];
        let menu = columns(&many, 81);
        assert_eq!(menu.lines().count(), MAX_ROWS + 1);
        assert!(menu.ends_with("... and 6 more"));
    }
}
