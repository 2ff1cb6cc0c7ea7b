//! Ctrl-C once, Ctrl-C twice and a hang-up at a terminal, whatever the program is doing.

use python_wasm_tests::Program;

use crate::terminal::{Terminal, prompt};

/// Places where a program may be when Ctrl-C is pressed. Each prints `start` and then takes minutes or never ends.
const BUSY: [&str; 7] = [
    "for _ in [print('st' + 'art')]:\n    while True: pass\n",
    "import time; print('st' + 'art'); time.sleep(1000)",
    "input('st' + 'art')",
    "print('st' + 'art'); 10**10**7",
    "import re; print('st' + 'art'); re.match('(a+)+$', 'a' * 40 + 'b')",
    // CPython itself does not interrupt these calls; they would take minutes here.
    "print('st' + 'art'); sum(range(10**10))",
    "import json; x = [1.5] * 10**7; print('st' + 'art'); json.dumps(x)",
];

impl Terminal {
    /// Presses Ctrl-C once the program says `start`, and waits for `KeyboardInterrupt`. Without the interrupt
    /// none of these programs would end within the terminal's patience.
    #[track_caller]
    fn interrupted(&mut self) {
        self.shows("start");
        self.types("\x03");
        self.shows("KeyboardInterrupt");
    }

    /// Presses Ctrl-C each time that the program says where it is, until two presses within a second stop it. On
    /// a busy machine the program may need more than a second to say so again.
    #[track_caller]
    fn stopped_at(&mut self, place: impl Fn(usize) -> String) {
        let stopped = (1..=20).any(|time| {
            let is_stopped = self.shows_one_of(&[&place(time), "python-wasm: stopped"]) == 1;
            if !is_stopped {
                self.types("\x03");
            }
            is_stopped
        });
        assert!(stopped, "pressing Ctrl-C twenty times stops nothing");
    }
}

#[test]
fn ctrl_c_reaches_a_block_wherever_it_is() {
    let mut terminal = prompt(Program::python());
    for place in BUSY {
        terminal.types(&format!("\x1b[200~{place}\x1b[201~\r"));
        terminal.interrupted();
        terminal.shows(">>> ");
    }
    terminal.types("\x04");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn ctrl_c_reaches_a_script_wherever_it_is() {
    for place in BUSY {
        let mut terminal = Terminal::start(Program::python().args(["-u", "-c", place]));
        terminal.interrupted();
        assert_eq!(terminal.ends(), 130);
    }
}

#[test]
fn a_second_ctrl_c_stops_a_block_and_undoes_it() {
    let mut terminal = prompt(Program::python());
    terminal.runs("x = 1", "");
    terminal.types("def deaf():\rglobal x\rx = 2\rwhile True:\rtry:\rprint('he' + 're')\rwhile True: pass\r");
    terminal.types("\x1b[Zexcept KeyboardInterrupt: pass\r\r");
    terminal.shows(">>> ");
    terminal.types("deaf()\r");
    terminal.stopped_at(|_| "here".to_owned());
    terminal.shows("python-wasm: the session is as it was before");
    terminal.shows(">>> ");
    terminal.runs("x", "\n1");
    terminal.types("\x04");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn a_block_that_ignores_ctrl_c_gets_a_hint_how_to_stop_it() {
    let mut terminal = prompt(Program::python());
    // One call into C that writes and then runs for ever. Unlike `print`, `os.write` does not check for signals
    // after it has written, so nothing in the call notices the first Ctrl-C.
    terminal.runs("from collections import deque; from itertools import chain; from os import write", "");
    terminal.types("deque(chain(map(write, [1], [b'st' b'art']), iter(int, 1)), 0)\r");
    terminal.shows("start");
    terminal.types("\x03");
    terminal.shows("python-wasm: it still runs; Ctrl-C twice within a second stops it and undoes it");
    // One more is enough: the first Ctrl-C is still waiting to be noticed.
    terminal.types("\x03");
    terminal.shows("the session is as it was before");
    terminal.shows(">>> ");
    terminal.types("\x04");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn a_second_ctrl_c_stops_a_block_that_asks_for_ever() {
    let mut terminal = prompt(Program::python());
    // The prompts are numbered because the editor draws each more than once.
    terminal.runs("n = 0", "");
    terminal.types("while True:\rn += 1\rtry: input(f'asking {n} ')\rexcept KeyboardInterrupt: pass\r\r");
    terminal.stopped_at(|time| format!("asking {time} "));
    terminal.shows("the session is as it was before");
    terminal.shows(">>> ");
    terminal.types("\x04");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn a_hang_up_ends_the_session_wherever_it_is() {
    // 143: the guest ended. 129: it had not after half a second, as on a busy machine, and was abandoned.
    let busy = "for _ in [print('st' + 'art')]:\rwhile True: pass\r\r";
    for (block, statuses) in [("", &[129][..]), (busy, &[143, 129])] {
        let mut terminal = prompt(Program::python());
        terminal.types(block);
        if !block.is_empty() {
            terminal.shows("start");
        }
        terminal.process.signal(ptyprocess::Signal::SIGHUP).expect("it runs");
        let status = terminal.ends();
        assert!(statuses.contains(&status), "{status}: {block:?}");
    }
}
