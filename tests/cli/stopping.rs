//! At a terminal: what Ctrl-C, twice or once, and a hang-up do wherever a program is.

use std::thread::sleep;
use std::time::{Duration, Instant};

use python_wasm_tests::Program;

use crate::terminal::{Terminal, prompt};

/// Where a program may be when Ctrl-C is pressed. Each says `start` and then takes for ever.
const BUSY: [&str; 7] = [
    "for _ in [print('st' + 'art')]:\n    while True: pass\n",
    "import time; print('st' + 'art'); time.sleep(1000)",
    "input('st' + 'art')",
    "print('st' + 'art'); 10**10**7",
    "import re; print('st' + 'art'); re.match('(a+)+$', 'a' * 40 + 'b')",
    // CPython itself runs these to their end, which would be minutes from here.
    "print('st' + 'art'); sum(range(10**10))",
    "import json; x = [1.5] * 10**7; print('st' + 'art'); json.dumps(x)",
];

/// Within this time a person at a machine that does nothing else has `KeyboardInterrupt` on the screen.
const PROMISED: Duration = Duration::from_millis(250);

/// What is true of it on a machine that builds and tests meanwhile. Unanswered, no such place would be left
/// within many times that.
const TOLERATED: Duration = Duration::from_secs(5);

impl Terminal {
    /// Presses Ctrl-C where the program has said that it is; prints the time until it was answered.
    #[track_caller]
    #[expect(clippy::print_stdout, reason = "the time is what a person wants to see of these tests")]
    fn interrupted(&mut self, place: &str) {
        self.shows("start");
        let pressed = Instant::now();
        self.types("\x03");
        self.shows("KeyboardInterrupt");
        let time = pressed.elapsed();
        println!("{:>4} ms of {} ms: {place:?}", time.as_millis(), PROMISED.as_millis());
        assert!(time < TOLERATED, "{time:?} until Ctrl-C reached {place:?}");
    }

    /// Presses Ctrl-C each time that the program says where it is, until two within a second have stopped it.
    /// On a machine that is busy, the program may take longer to say so again.
    #[track_caller]
    fn stopped_where(&mut self, place: impl Fn(usize) -> String) {
        let stopped = (1..=20).any(|time| {
            let is_stopped = self.shows_one_of(&[&place(time), "python-wasm: stopped"]) == 1;
            if !is_stopped {
                self.types("\x03");
            }
            is_stopped
        });
        assert!(stopped, "twenty times Ctrl-C stop nothing");
    }
}

#[test]
fn interrupts_reach_python_at_once_wherever_it_is() {
    let mut terminal = prompt(Program::python());
    for place in BUSY {
        terminal.types(&format!("\x1b[200~{place}\x1b[201~\r"));
        terminal.interrupted(place);
        terminal.shows(">>> ");
    }
    terminal.types("\x04");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn interrupts_reach_a_script_at_once_wherever_it_is() {
    for place in BUSY {
        let mut terminal = Terminal::start(Program::python().args(["-u", "-c", place]));
        terminal.interrupted(place);
        assert_eq!(terminal.ends(), 130);
    }
}

#[test]
fn a_second_ctrl_c_stops_a_block_and_the_session_is_as_before() {
    let mut terminal = prompt(Program::python());
    terminal.runs("x = 1", "");
    terminal.types("def deaf():\rglobal x\rx = 2\rwhile True:\rtry:\rprint('he' + 're')\rwhile True: pass\r");
    terminal.types("\x1b[Zexcept KeyboardInterrupt: pass\r\r");
    terminal.shows(">>> ");
    terminal.types("deaf()\r");
    terminal.stopped_where(|_| "here".to_owned());
    terminal.shows("python-wasm: the session is as it was before");
    terminal.shows(">>> ");
    terminal.runs("x", "\n1");
    terminal.types("\x04");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn a_block_that_goes_on_is_said_how_to_stop() {
    let mut terminal = prompt(Program::python());
    // One C call prints and goes on. Python looks for signals once more when it has written.
    terminal.runs("from itertools import chain", "");
    // Where the machine was busy just then, Ctrl-C has come before that: once more.
    let goes_on = (0..5).any(|_| {
        terminal.types("any(chain(map(print, ['st' 'art']), iter(int, 1)))\r");
        terminal.shows("start");
        sleep(Duration::from_millis(500));
        terminal.types("\x03");
        let told = "python-wasm: it still runs; Ctrl-C twice within a second stops it and undoes it";
        terminal.shows_one_of(&["KeyboardInterrupt", told]) == 1
    });
    assert!(goes_on, "the call is left at the first Ctrl-C");
    // The first one has not been looked at either.
    terminal.types("\x03");
    terminal.shows("the session is as it was before");
    terminal.shows(">>> ");
    terminal.types("\x04");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn a_second_ctrl_c_stops_a_block_that_asks_for_ever() {
    let mut terminal = prompt(Program::python());
    // Numbered, because the editor draws a prompt more than once.
    terminal.runs("n = 0", "");
    terminal.types("while True:\rn += 1\rtry: input(f'asking {n} ')\rexcept KeyboardInterrupt: pass\r\r");
    terminal.stopped_where(|time| format!("asking {time} "));
    terminal.shows("the session is as it was before");
    terminal.shows(">>> ");
    terminal.types("\x04");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn a_hang_up_ends_the_session_wherever_it_is() {
    // A guest that has not ended after half a second, which a busy machine may take, is left as the prompt is.
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
