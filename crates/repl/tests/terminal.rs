//! What a person sees: keys go into a pseudo-terminal, and a screen comes out.

mod screen;

use ptyprocess::Signal;
use screen::Screen;

const UP: &str = "\x1b[A";
const DOWN: &str = "\x1b[B";
const RIGHT: &str = "\x1b[C";
const LEFT: &str = "\x1b[D";

fn home() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn history(home: &tempfile::TempDir) -> String {
    std::fs::read_to_string(home.path().join("history")).expect("a history file")
}

/// `text` as a terminal sends a paste.
fn paste(text: &str) -> String {
    format!("\x1b[200~{}\x1b[201~", text.replace('\n', "\r"))
}

#[test]
fn a_block_goes_on_until_the_session_calls_it_complete() {
    let home = home();
    let mut screen = Screen::start(&home, &[]);
    screen.press_for("f(\r", ">>> f(\n...");
    screen.press_for("1)\r", ">>> f(\n... 1)\nran \"f(\\n1)\\n\"\n>>>");
}

#[test]
fn a_colon_indents_and_an_empty_line_ends_the_block() {
    let home = home();
    let mut screen = Screen::start(&home, &[]);
    screen.press_for("if x:\r", ">>> if x:\n...");
    assert_eq!(screen.cursor(), (2, 8), "after the prompt and four spaces");
    screen.press_for("y\r", "...     y\n...");
    screen.press_for("\r", "ran \"if x:\\n    y\\n\"\n>>>");
}

#[test]
fn an_invalid_block_runs_at_once() {
    let home = home();
    Screen::start(&home, &[]).press_for(")\r", ">>> )\nran \")\"\n>>>");
}

#[test]
fn a_block_is_edited_as_a_whole() {
    let home = home();
    let mut screen = Screen::start(&home, &[]);
    screen.press_for("if x:\ry\r", "...     y\n...");
    screen.press_for(&format!("{UP}{UP}\x05  # why"), ">>> if x:  # why\n...     y\n...");
    screen.press_for(&format!("{DOWN}\x05{LEFT}z"), ">>> if x:  # why\n...     zy\n...");
    screen.press_for(&format!("{DOWN}\r"), "ran \"if x:  # why\\n    zy\\n\"\n>>>");
}

#[test]
fn backspace_at_the_left_edge_joins_two_lines() {
    let home = home();
    let mut screen = Screen::start(&home, &[]);
    screen.press_for("f(\r", ">>> f(\n...");
    screen.press_for("\x7f1)\r", ">>> f(1)\nran \"f(1)\"\n>>>");
}

#[test]
fn a_block_is_recalled_whole_and_runs_at_enter() {
    let home = home();
    let mut screen = Screen::start(&home, &[]);
    screen.press_for("if x:\ry\r\r", "ran \"if x:\\n    y\\n\"\n>>>");
    screen.press_for(UP, ">>> if x:\n...     y");
    screen.press_for("\r", ">>> if x:\n...     y\nran \"if x:\\n    y\\n\"\n>>>");
    screen.press_for("\x12f x", "(reverse-i-search)`f x': if x:\n...     y");
    screen.press_for("\r", ">>> if x:\n...     y\nran \"if x:\\n    y\\n\"\n>>>");
}

#[test]
fn a_recalled_block_that_was_changed_can_grow() {
    let home = home();
    let mut screen = Screen::start(&home, &[]);
    screen.press_for("if x:\ry\r\r", "ran \"if x:\\n    y\\n\"\n>>>");
    screen.press_for(&format!("{UP}2\r"), ">>> if x:\n...     y2\n...");
}

#[test]
fn a_paste_moves_to_the_left_edge_and_keeps_its_blank_lines() {
    let home = home();
    let mut screen = Screen::start(&home, &[]);
    let text = "    if a:\n        b\n\n        c\n    d = '\t'\n";
    screen.press_for(
        &paste(text),
        ">>>     if a:\n...         b\n...\n...         c\n...     d = '\u{2409}'\n...",
    );
    screen.press_for("\r", "ran \"if a:\\n    b\\n\\n    c\\nd = '\\t'\\n\"\n>>>");
    screen.press(b"exit\r");
    assert_eq!(screen.status(), 7);
    assert_eq!(history(&home), "if a:\\n    b\\n\\n    c\\nd = '\t'\nexit\n");
}

#[test]
fn a_paste_lands_at_the_cursor() {
    let home = home();
    let mut screen = Screen::start(&home, &[]);
    screen.press_for(&format!("ad{LEFT}{}\r", paste("b\nc")), ">>> ab\n... cd\nran \"ab\\ncd\\n\"\n>>>");
}

#[test]
fn a_megabyte_is_pasted_whole() {
    let home = home();
    let mut screen = Screen::start(&home, &[]);
    let text = "x = 'a line of a program that somebody pastes'\n".repeat(22_000);
    let source = format!("if x:\n    {}", text.trim_end().replace('\n', "\n    "));
    // The queue of the terminal is small: `press` blocks until it has taken everything.
    screen.press(paste(&source).as_bytes());
    screen.wait("the end of the paste", |screen| {
        screen.raw.len() > source.len() && screen.text().ends_with("pastes'")
    });
    screen.press_for("\r\r", &format!("\nran {} bytes\n>>>", source.len() + 1));
}

#[test]
fn a_block_taller_than_the_screen_is_not_drawn_at_each_key() {
    let home = home();
    let mut screen = Screen::start(&home, &[]);
    screen.press_for(&paste(&format!("f(\n{}x", "1,\n".repeat(40))), "... 1,\n... x");
    screen.raw.clear();
    screen.press_for("yz", "... xyz");
    assert!(!screen.raw.contains(&b'\n'), "{:?}", screen.raw);
}

#[test]
fn ctrl_c_drops_the_line_and_its_hint() {
    let home = home();
    let mut screen = Screen::start(&home, &[]);
    screen.press_for("alpha = 1\r", "ran \"alpha = 1\"\n>>>");
    screen.press_for("al", ">>> alpha = 1");
    screen.press_for("\x03", "ran \"alpha = 1\"\n>>> al\nKeyboardInterrupt\n>>>");
    screen.press_for("if x:\r\x03", ">>> if x:\n...\nKeyboardInterrupt\n>>>");
}

#[test]
fn a_sigint_from_another_process_acts_as_ctrl_c() {
    let home = home();
    let mut screen = Screen::start(&home, &[]);
    screen.press_for("abc", ">>> abc");
    screen.interrupt_for(">>> abc\nKeyboardInterrupt\n>>>");
}

#[test]
fn ctrl_d_ends_the_session_on_an_empty_line_only() {
    let home = home();
    let mut screen = Screen::start(&home, &[]);
    screen.press_for(&format!("ab{LEFT}\x04\r"), "ran \"a\"\n>>>");
    screen.press(b"\x04");
    assert_eq!(screen.status(), 3);
    assert!(screen.text().ends_with(">>>\nbye"), "{}", screen.text());
}

#[test]
fn tab_indents_a_blank_line_and_completes_otherwise() {
    let home = home();
    let mut screen = Screen::start(&home, &[]);
    screen.press_for("be\t", ">>> beta");
    screen.press_for("\x15if x:\r\tal\t", ">>> if x:\n...         alpha\nalpha     alphabet");
    assert_eq!(screen.cursor(), (2, 17));
    screen.press_for("b", ">>> if x:\n...         alphab");
}

#[test]
fn a_completion_that_reads_the_terminal_is_refused() {
    let home = home();
    Screen::start(&home, &[]).press_for("ask\t", "# the terminal is already reading a line");
}

#[test]
fn an_answer_is_typed_after_what_the_guest_printed() {
    let home = home();
    let mut screen = Screen::start(&home, &[]);
    screen.press_for("input\rBob\r", ">>> input\nName: Bob\ngot \"Bob\"\n>>>");
    screen.press_for("ask\r\x04", ">>> ask\nanswer?\nEof\n>>>");
    screen.press_for("ask\rab\x03", ">>> ask\nanswer? ab\nInterrupted\n>>>");
}

#[test]
fn answers_have_a_history_of_their_own() {
    let home = home();
    let mut screen = Screen::start(&home, &[]);
    screen.press_for("ask\rBob\r", "got \"Bob\"\n>>>");
    screen.press_for(UP, ">>> ask");
    screen.press_for(&format!("\r{UP}"), "answer? Bob");
    screen.press_for(&format!("\r{UP}{UP}"), ">>> ask");
}

#[test]
fn a_password_is_neither_shown_nor_kept() {
    let home = home();
    let mut screen = Screen::start(&home, &[]);
    screen.press_for("secret\r", "Password:");
    screen.press_for("xyzzy", "Password: *****");
    assert!(!screen.raw.windows(5).any(|bytes| bytes == b"xyzzy"));
    screen.press_for("\r", "got \"xyzzy\"\n>>>");
    screen.press_for(&format!("ask\r{UP}!"), "answer? !");
    screen.press_for("\r\x04", "bye");
    assert!(!history(&home).contains("xyzzy"));
}

#[test]
fn lines_pasted_into_an_answer_answer_the_next_ones() {
    let home = home();
    let mut screen = Screen::start(&home, &[]);
    screen.press_for("ask\r", "answer?");
    screen.press_for(&format!("{}\r", paste("one\ntwo")), "got \"one\"\n>>>");
    screen.press_for("ask\r", ">>> ask\nanswer? two\ngot \"two\"\n>>>");
}

#[test]
fn a_line_of_code_for_a_debugger_is_recalled_with_the_blocks() {
    let home = home();
    let mut screen = Screen::start(&home, &[]);
    screen.press_for("code\rwhere\r", ">>> code\n(Pdb) where\ngot \"where\"\n>>>");
    screen.press_for(UP, ">>> where");
}

#[test]
fn a_prompt_never_erases_what_was_printed() {
    let home = home();
    Screen::start(&home, &[]).press_for("spin\r", ">>> spin\nunfinished\n>>>");
}

#[test]
fn the_session_decides_the_prompts() {
    let home = home();
    let mut screen = Screen::start(&home, &[]);
    screen.press_for("prompts\r", "in>");
    screen.press_for("if x:\r", "in> if x:\nmore->");
    assert_eq!(screen.cursor(), (3, 11));
    screen.press_for(&format!("y\r\r{UP}"), "in> if x:\nmore->     y");
}

#[test]
fn keys_typed_ahead_are_not_lost() {
    let home = home();
    let mut screen = Screen::start(&home, &[]);
    screen.press_for("a\rb\rc\r", "ran \"a\"\n>>> b\nran \"b\"\n>>> c\nran \"c\"\n>>>");
    screen.press_for("wait\r", ">>> wait\nwaiting");
    screen.press_for("d\r", "ran \"d\"\n>>>");
}

#[test]
fn two_terminals_share_one_history() {
    let home = home();
    let (mut one, mut other) = (Screen::start(&home, &[]), Screen::start(&home, &[]));
    one.press_for("first\r", "ran \"first\"\n>>>");
    other.press_for("second\r", "ran \"second\"\n>>>");
    one.press_for("third\r", "ran \"third\"\n>>>");
    assert_eq!(history(&home), "first\nsecond\nthird\n");
    Screen::start(&home, &[]).press_for(&format!("{UP}{UP}"), ">>> second");
}

#[test]
fn a_history_that_cannot_be_written_is_one_warning() {
    let home = home();
    let mut screen = Screen::start_without_waiting(&home, &["PYTHON_WASM_HISTORY=/dev/null/history"]);
    screen.shows("Fake 1.0\n>>>");
    let warning = "python-wasm: the history in /dev/null/history is not used: ";
    assert_eq!(screen.text().matches("python-wasm:").count(), 1);
    assert!(screen.text().starts_with(warning), "{}", screen.text());
    screen.press_for(&format!("a\r{UP}"), "ran \"a\"\n>>> a");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_one_warning() {
    let home = home();
    let mut screen = Screen::start(&home, &["PYTHON_WASM_HISTORY=/dev/full"]);
    screen.press_for("a\rb\r", "ran \"b\"\n>>>");
    assert_eq!(screen.text().matches("the history is no longer kept").count(), 1, "{}", screen.text());
}

#[test]
fn no_color_turns_colours_off() {
    let home = home();
    let mut screen = Screen::start(&home, &["NO_COLOR=1"]);
    screen.press_for("if x:\ry\r\r", "ran \"if x:\\n    y\\n\"\n>>>");
    screen.press_for("if (x", ">>> if (x");
    let text = String::from_utf8_lossy(&screen.raw);
    let colours = text
        .split("\x1b[")
        .skip(1)
        .filter(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';').starts_with('m'));
    assert_eq!(colours.count(), 0, "{text:?}");
}

#[test]
fn a_dumb_terminal_gets_no_escapes() {
    let home = home();
    let mut screen = Screen::start(&home, &["TERM=dumb"]);
    screen.press_for("if x:\n", ">>> ...");
    screen.press_for("    y\n\n", ">>> ... ... ran \"if x:\\n    y\\n\"\n>>>");
    screen.press_for("ab\x03", "\n>>>\nKeyboardInterrupt\n>>>");
    screen.press_for("secret\n", "\n>>> Password:");
    screen.press_for("xyzzy\n", "\n>>> Password:\ngot \"xyzzy\"\n>>>");
    screen.press(b"\x04");
    assert_eq!(screen.status(), 3);
    assert!(!screen.raw.contains(&0x1b));
}

#[test]
fn vi_keys_edit_a_block() {
    let home = home();
    let mut screen = Screen::start(&home, &["--vi"]);
    screen.press_for("if x:\ry", ">>> if x:\n...     y");
    screen.press_for("\x1bkA  # why", ">>> if x:  # why\n...     y");
    screen.press_for("\x1bj0iz\x1b", ">>> if x:  # why\n... z    y");
    screen.press_for("Iab", ">>> if x:  # why\n... abz    y");
    screen.press_for("\r", "ran \"if x:  # why\\nabz    y\\n\"\n>>>");
}

#[test]
fn bytes_that_are_not_utf_8_are_dropped_and_the_line_stays() {
    let home = home();
    let mut screen = Screen::start(&home, &[]);
    screen.press_for("ab", ">>> ab");
    screen.press(b"\xff");
    screen.wait("the line again", |screen| screen.text().matches(">>> ab").count() == 2);
    screen.press_for("c\x00d\r", "ran \"abcd\"\n>>>");
}

#[test]
fn a_panic_leaves_the_terminal_cooked() {
    for keys in ["panic\r", "boom\t"] {
        let home = home();
        let mut screen = Screen::start(&home, &[]);
        screen.press(keys.as_bytes());
        assert_eq!(screen.status(), 101);
        assert!(screen.is_cooked(), "{keys:?}");
    }
}

#[test]
fn sigterm_and_a_hang_up_leave_the_terminal_cooked() {
    for signal in [Signal::SIGTERM, Signal::SIGHUP] {
        let home = home();
        let mut screen = Screen::start(&home, &[]);
        screen.press_for("abc", ">>> abc");
        assert!(!screen.is_cooked());
        screen.signal(signal);
        assert_eq!(screen.status(), 143);
        assert!(screen.is_cooked());
        assert!(screen.raw.ends_with(b"\x1b[?2004l\r\r\n"), "bracketed paste is off again");
    }
}

#[test]
fn exit_ends_with_its_status_and_a_cooked_terminal() {
    let home = home();
    let mut screen = Screen::start(&home, &[]);
    screen.press(b"exit\r");
    assert_eq!(screen.status(), 7);
    assert!(screen.is_cooked());
}

#[test]
fn ctrl_underscore_undoes_an_edit() {
    let home = home();
    let mut screen = Screen::start(&home, &[]);
    screen.press_for(&paste("if x:\n    y"), "...     y");
    screen.press_for("\x1f", ">>>");
    screen.press_for("ab \x17", ">>>");
    screen.press_for("\x1f", ">>> ab");
    screen.press_for("c\r", "ran \"ab c\"\n>>>");
}

#[test]
fn matching_brackets_stand_out() {
    let home = home();
    let mut screen = Screen::start(&home, &[]);
    screen.press_for("f(x)", ">>> f(x)");
    let inverse = |screen: &Screen, column| screen.cell(1, column).is_some_and(vt100::Cell::inverse);
    screen.wait("brackets that stand out", |screen| inverse(screen, 5) && inverse(screen, 7));
    screen.press_for("+1", ">>> f(x)+1");
    screen.wait("brackets that do not", |screen| !inverse(screen, 5) && !inverse(screen, 7));
}

#[test]
fn the_right_arrow_accepts_the_hint() {
    let home = home();
    let mut screen = Screen::start(&home, &[]);
    screen.press_for("alpha = 1\r", "ran \"alpha = 1\"\n>>>");
    screen.press_for("al", ">>> alpha = 1");
    screen.press_for(&format!("{RIGHT}2\r"), "ran \"alpha = 12\"\n>>>");
}

#[test]
fn a_command_is_completed_and_takes_a_block() {
    let home = home();
    let mut screen = Screen::start(&home, &[]);
    screen.press_for("%ti\t", ">>> %time");
    screen.press_for("if be\t:\r", ">>> %time if beta:\n...");
    screen.press_for("al\tbet\r\r", "ran \"if beta:\\n    alphabet\"\ntook a while\n>>>");
    screen.press_for(UP, ">>> %time if beta:\n...     alphabet");
    screen.press_for("\x03%h\t", ">>> %h\nhistory   help");
    screen.press_for("istory\r", "\n%time if beta:\n    alphabet\n%history\n>>>");
}

#[test]
fn an_unknown_command_lists_the_known_ones() {
    let home = home();
    let mut screen = Screen::start(&home, &[]);
    let refusal = "python-wasm: unknown command %tim; the commands are %time %history %help\n>>>";
    screen.press_for("%tim 1\r", refusal);
    screen.press_for("%help time\r", "\n%time CODE  runs it\n>>>");
}

#[test]
fn a_long_answer_is_shown_a_screen_at_a_time() {
    let home = home();
    let mut screen = Screen::start(&home, &[]);
    screen.press_for("len?\r", "len explained, source false\n>>>");
    screen.press_for("long?\r", "line 22\n-- more (23 %, h for help) --");
    screen.press_for("\r", "line 23\n-- more (24 %, h for help) --");
    screen.press_for(" ", "line 46\n-- more (47 %, h for help) --");
    screen.press_for("q", "line 46\n>>>");
    screen.press_for("long?\r", "line 22\n-- more (23 %, h for help) --");
    screen.press_for("\x03", "line 22\n>>>");
    screen.press_for("exit\r", "exit");
    assert_eq!(screen.status(), 7);
    assert!(screen.is_cooked());
}

#[test]
fn resizing_the_terminal_keeps_the_line() {
    let home = home();
    let mut screen = Screen::start(&home, &[]);
    screen.press_for("alpha", ">>> alpha");
    screen.resize(24, 40);
    screen.press_for("bet\r", "ran \"alphabet\"\n>>>");
}

#[test]
fn a_program_completes_the_line_that_it_reads() {
    let home = home();
    let mut screen = Screen::start(&home, &[]);
    screen.press_for("choose\r", ">>> choose\n(Pdb) p");
    screen.press_for("al\t", "(Pdb) p alpha\nalpha     alphabet");
    screen.press_for("b\t", "(Pdb) p alphabet");
    screen.press_for("\r", "(Pdb) p alphabet\ngot \"p alphabet\"\n>>>");
}

#[test]
fn a_program_that_can_complete_no_more_ends_the_line() {
    let home = home();
    let mut screen = Screen::start(&home, &[]);
    screen.press_for("choose\r", ">>> choose\n(Pdb) p");
    screen.press_for("\x15stop\t", "(Pdb) stop\nInterrupted\n>>>");
    screen.press_for("1\r", ">>> 1\nran \"1\"\n>>>");
}

#[test]
fn a_prompt_after_a_cleared_screen_is_at_its_top() {
    let home = home();
    let mut screen = Screen::start(&home, &[]);
    screen.press_for("1\r", ">>> 1\nran \"1\"\n>>>");
    screen.press(b"home\r");
    screen.wait(">>> alone", |screen| screen.text() == ">>>");
    assert_eq!(screen.cursor(), (0, 4));
}
