//! At a pseudo-terminal: `input()`, the prompt and Ctrl-D.

use std::fs;
use std::io::{Read, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use ptyprocess::{PtyProcess, WaitStatus};
use python_wasm_tests::Program;
use tempfile::{TempDir, tempdir};

/// Far more than anything here takes. A test that passes never waits this long.
const PATIENCE: Duration = Duration::from_mins(1);

/// `python-wasm` at a terminal of its own, with a history of its own.
pub(crate) struct Terminal {
    pub(crate) process: PtyProcess,
    keys: fs::File,
    output: Receiver<Vec<u8>>,
    shown: String,
    /// All output so far.
    all: String,
    home: TempDir,
}

impl Terminal {
    pub(crate) fn start(program: Program) -> Self {
        Self::start_at("xterm", program.bare())
    }

    /// Starts the program at a terminal of this kind (`TERM`).
    pub(crate) fn start_at(kind: &str, program: Program) -> Self {
        let home = tempdir().unwrap();
        let history = home.path().join("history");
        let program = program.variable("TERM", kind).variable("PYTHON_WASM_HISTORY", history);
        let process = PtyProcess::spawn(program.into_command()).expect("a pseudo-terminal");
        let keys = process.get_raw_handle().expect("its master side");
        let mut screen = process.get_raw_handle().expect("its master side");
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            // On Linux the end of the output is an error (EIO).
            while let Ok(count @ 1..) = screen.read(&mut buffer) {
                if sender.send(buffer[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self { process, keys, output, shown: String::new(), all: String::new(), home }
    }

    pub(crate) fn types(&mut self, keys: &str) {
        self.types_bytes(keys.as_bytes());
    }

    fn types_bytes(&mut self, keys: &[u8]) {
        self.keys.write_all(keys).expect("the terminal takes keys");
    }

    /// Waits until this text is shown, after the text of the last wait.
    #[track_caller]
    pub(crate) fn shows(&mut self, text: &str) {
        self.shows_one_of(&[text]);
    }

    /// Waits until one of these texts is shown. Returns the index of the first one.
    #[track_caller]
    pub(crate) fn shows_one_of(&mut self, texts: &[&str]) -> usize {
        let end = Instant::now() + PATIENCE;
        loop {
            let plain = without_escapes(&self.shown);
            let found = texts.iter().enumerate().filter_map(|(which, text)| Some((plain.find(text)?, which)));
            if let Some((at, which)) = found.min() {
                plain[at + texts[which].len()..].clone_into(&mut self.shown);
                return which;
            }
            match self.output.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(bytes) => {
                    self.shown += &String::from_utf8_lossy(&bytes);
                    self.all += &String::from_utf8_lossy(&bytes);
                }
                Err(reason) => panic!("none of {texts:?} is shown ({reason}), but {plain:?}"),
            }
        }
    }

    /// Waits for it to end and returns its exit status.
    #[track_caller]
    pub(crate) fn ends(self) -> i32 {
        let end = Instant::now() + PATIENCE;
        loop {
            match self.output.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("it does not end"),
            }
        }
        let status = self.process.wait().expect("a child");
        let WaitStatus::Exited(_, code) = status else { panic!("{status:?}") };
        code
    }
}

/// Returns the text without escape sequences. An unfinished sequence at the end stays.
fn without_escapes(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\x1b') {
        plain += &rest[..at];
        let sequence = &rest[at + 1..];
        let length = match sequence.strip_prefix('[') {
            Some(body) => body.find(|c: char| ('@'..='~').contains(&c)).map(|end| end + 2),
            None => sequence.chars().next().map(char::len_utf8),
        };
        let Some(length) = length else {
            return plain + &rest[at..];
        };
        rest = &sequence[length..];
    }
    plain + rest
}

#[test]
fn a_script_asks_at_the_terminal() {
    let folder = tempdir().unwrap();
    let script = folder.path().join("ask.py");
    fs::write(&script, "import sys\nname = input('Your name? ')\nprint('Hello', name, sys.argv[1:])\n")
        .unwrap();
    let mut terminal = Terminal::start(Program::python().arg(&script).args(["a", "b"]));
    terminal.shows("Your name? ");
    terminal.types("Zoë\r");
    terminal.shows("Hello Zoë ['a', 'b']");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn streams_at_the_terminal_are_terminals() {
    let code = "import sys; print([s.isatty() for s in (sys.stdin, sys.stdout, sys.stderr)])";
    let mut terminal = Terminal::start(Program::python().args(["-c", code]));
    terminal.shows("[True, True, True]");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn ctrl_d_is_the_end_of_input() {
    let code = "try:\n    input('? ')\nexcept EOFError: print('end of input')";
    let mut terminal = Terminal::start(Program::python().args(["-c", code]));
    terminal.shows("? ");
    terminal.types("\x04");
    terminal.shows("end of input");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn the_prompt_works() {
    let mut terminal = Terminal::start(Program::python());
    terminal.shows("Python 3.13.5");
    terminal.shows("Type \"help\", \"copyright\", \"credits\" or \"license\" for more information.");
    terminal.shows(">>> ");
    terminal.types("2 + 3\r");
    terminal.shows("\n5");
    terminal.shows(">>> ");
    terminal.types("1 / 0\r");
    terminal.shows("ZeroDivisionError: division by zero");
    terminal.shows(">>> ");
    terminal.types("while True: print('loop' + 'ing')\r\r");
    terminal.shows("looping");
    terminal.types("\x03");
    terminal.shows("KeyboardInterrupt");
    terminal.shows(">>> ");
    terminal.types("import sys; sys.exit(7)\r");
    assert_eq!(terminal.ends(), 7);
}

#[test]
fn the_prompt_follows_a_script_with_i() {
    let folder = tempdir().unwrap();
    let script = folder.path().join("script.py");
    fs::write(&script, "x = 6\nprint('ran')\n").unwrap();
    let mut terminal = Terminal::start(Program::python().arg("-i").arg(&script));
    terminal.shows("ran");
    terminal.shows(">>> ");
    terminal.types("x * 7\r");
    terminal.shows("\n42");
    terminal.shows(">>> ");
    terminal.types("\x04");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn ctrl_d_leaves_the_prompt() {
    let mut terminal = Terminal::start(Program::python().arg("-q"));
    terminal.shows(">>> ");
    terminal.types("\x04");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn what_is_typed_while_a_block_runs_is_not_lost() {
    // While a block runs, the terminal edits lines itself, and takes Ctrl-D as the end of a line.
    for ahead in ["\x04", "6 * 7\r\x04"] {
        let mut terminal = prompt(Program::python());
        terminal.types("print('st' + 'art'); n = sum(range(10**6))\r");
        terminal.shows("start");
        terminal.types(ahead);
        assert_eq!(terminal.ends(), 0, "{ahead:?}");
    }
}

/// Starts a prompt that waits for its first block.
pub(crate) fn prompt(program: Program) -> Terminal {
    let mut terminal = Terminal::start(program.arg("-q"));
    terminal.shows(">>> ");
    terminal
}

impl Terminal {
    /// Types a block, and waits for its output and the next prompt.
    #[track_caller]
    pub(crate) fn runs(&mut self, block: &str, shown: &str) {
        self.types(&format!("{block}\r"));
        self.shows(shown);
        self.shows(">>> ");
    }
}

#[test]
fn every_prompt_can_be_gone_back_to() {
    let mut terminal = prompt(Program::python());
    terminal.runs("x = [1]", "");
    terminal.runs("x.append(2); open('/tmp/f', 'w').write('ab')", "\n2");
    terminal.runs("%undo", "undone: x.append(2); open('/tmp/f', 'w').write('ab')");
    terminal.runs("import os; x, os.listdir('/tmp')", "\n([1], [])");
    terminal.runs("%undo 9", "python-wasm: there are 2 blocks to undo");
    terminal.types("\x04");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn a_session_is_kept_in_a_file_and_goes_on() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("session");
    let mut terminal = prompt(Program::python());
    terminal.runs("f = lambda x: x * 2", "");
    terminal.runs(&format!("%save {}", file.display()), "goes on from here");
    terminal.types("\x04");
    assert_eq!(terminal.ends(), 0);
    let resumed = || Program::python().arg("--resume").arg(&file);
    let mut terminal = Terminal::start(resumed());
    terminal.shows("resumed ");
    terminal.shows(">>> ");
    terminal.runs("f(21)", "\n42");
    terminal.types("import sys; sys.exit(3)\r");
    assert_eq!(terminal.ends(), 3);
    let mut terminal = Terminal::start(resumed().args(["--max-io", "1000", "--max-fds", "77"]));
    terminal.shows(">>> ");
    terminal.runs("%limits", "77 ");
    terminal.runs("z = open('/dev/zero', 'rb'); import os; len(os.read(z.fileno(), 5000))", "\n1000");
    terminal.types("\x04");
    assert_eq!(terminal.ends(), 0);
    let mut bytes = fs::read(&file).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&file, bytes).unwrap();
    let mut terminal = Terminal::start(resumed());
    terminal.shows(&format!("python-wasm: --resume {}: the snapshot is damaged", file.display()));
    assert_eq!(terminal.ends(), 2);
}

#[test]
fn a_copy_of_the_session_goes_its_own_way() {
    let mut terminal = prompt(Program::python());
    terminal.runs("x = 1", "");
    terminal.runs("%fork try", "this is try now");
    terminal.runs("x = 2", "");
    terminal.runs("%switch main", "this is main");
    terminal.runs("x", "\n1");
    terminal.runs("%switch try", "this is try");
    terminal.runs("x", "\n2");
    terminal.types("\x04");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn commands_tell_what_only_a_sandbox_knows() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("script.py"), "print('argument', __import__('sys').argv[1])").unwrap();
    let name = folder.path().display();
    let mut terminal = prompt(Program::python());
    terminal.runs("%time sum(range(1000))", "499500");
    terminal.runs("%limits", "--max-memory");
    terminal.runs(&format!("%grant {name}:overlay"), "is granted (writes kept aside)");
    terminal.runs("%mounts", "writes kept aside");
    terminal.runs(&format!("open('{name}/new', 'w').close()"), "");
    terminal.runs("%diff", &format!("added    {name}/new"));
    terminal.runs(&format!("%run {name}/script.py one"), "argument one");
    terminal.runs("%trace on", "");
    terminal.runs("open('/tmp/a', 'w').close()", "path_open(");
    terminal.runs("%trace off", "");
    terminal.runs("%history", "%trace off");
    terminal.runs("%nothing", "unknown command %nothing; the commands are %time %undo");
    terminal.runs("%help undo", "%undo [N]");
    terminal.runs("len?", "Signature: len(obj, /)");
    terminal.runs("open('/etc/passwd')", "%grant /etc:ro grants it");
    terminal.types("\x04");
    assert_eq!(terminal.ends(), 0);
    assert!(!folder.path().join("new").exists());
}

#[test]
fn tab_completes_and_nothing_is_printed() {
    let mut terminal = prompt(Program::python());
    terminal.runs("d = {'alpha': 1}; import os", "");
    terminal.runs("d['al\t", "\n1");
    terminal.runs("os.path.basen\t('/a/b')", "\n'b'");
    terminal.runs("from bisect import bisect_l\t", "");
    terminal.runs("open('/usr/li\tpython3.13/this.py').readline()[:3]", "\n's =");
    terminal.types("class A:\rdef __getattr__(self, name): print('lo' + 'ud')\r\r");
    terminal.shows(">>> ");
    terminal.runs("a = A()", "");
    terminal.types("a.b.c\t\x15'qui' + 'et'\r");
    terminal.shows("'quiet'");
    assert!(!terminal.all.contains("loud"), "{}", terminal.all);
    terminal.shows(">>> ");
    terminal.types("\x04");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn a_megabyte_is_pasted_and_run() {
    let mut terminal = prompt(Program::python());
    let line = "    x = 'a line of a program that somebody pastes'\r";
    terminal.types(&format!("\x1b[200~if 1:\r{}\x1b[201~\r", line.repeat(22_000)));
    terminal.shows(">>> ");
    terminal.runs("x", "\n'a line of a program that somebody pastes'");
    terminal.types("\x04");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn bytes_that_are_not_utf_8_and_endless_lines_lose_nothing() {
    let mut terminal = prompt(Program::python());
    // rustyline also drops the valid input that arrives together with bytes that are not UTF-8, so each prompt is
    // waited for; this one comes after the output of the block.
    terminal.runs("kept = 42; kept", "\n42");
    // At bytes that are not UTF-8 the prompt is drawn again. Ctrl-U then clears the line.
    for bytes in [&b"\xff\xfe\x80"[..], b"\xc3("] {
        terminal.types_bytes(bytes);
        terminal.shows(">>> ");
        terminal.types("\x15");
        terminal.runs("kept", "\n42");
    }
    terminal.types_bytes(b"\x1b[200~kept = '\xff\0'\rkept = 1\r\x1b[201~");
    terminal.shows("the paste is dropped: it is not valid UTF-8");
    terminal.shows(">>> ");
    terminal.runs("kept", "\n42");
    terminal.types("\x1b[200~kept = 'a\0b'; kept = 43\x1b[201~\r");
    terminal.runs("kept", "\n43");
    // A line of a megabyte.
    terminal.types(&format!("\x1b[200~long = '{}'\x1b[201~\r", "x".repeat(1_000_000)));
    terminal.runs("len(long) + kept", "\n1000043");
    terminal.types("\x04");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn helpers_of_python_read_through_the_same_editor() {
    let mut terminal = prompt(Program::python());
    terminal.types("input('name? ')\r");
    terminal.shows("name? ");
    terminal.types("Box\x7fb\r");
    terminal.shows("'Bob'");
    terminal.types("from getpass import getpass; getpass('word? ')\r");
    terminal.shows("word? ");
    terminal.types("xyzzy\r");
    terminal.shows("'xyzzy'");
    terminal.types("breakpoint()\r");
    terminal.shows("(Pdb) ");
    terminal.types("p 6 * 7\r");
    terminal.shows("42");
    terminal.types("c\r");
    terminal.shows(">>> ");
    terminal.types("import code; code.interact('hello', exitmsg='good' + 'bye')\r");
    terminal.shows("hello");
    terminal.types("7 * 8\r");
    terminal.shows("56");
    terminal.shows(">>> ");
    terminal.types("\x04");
    terminal.shows("goodbye");
    terminal.types("help(str)\r");
    terminal.shows("-- more (");
    terminal.types("q");
    terminal.shows(">>> ");
    terminal.types("\x04");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn tab_completes_what_a_program_reads() {
    let mut terminal = prompt(Program::python());
    terminal.runs("value_of_it = 41", "");
    terminal.types("breakpoint()\r");
    terminal.shows("(Pdb) ");
    terminal.types("p value_o\t + 1\r");
    terminal.shows("value_of_it + 1");
    terminal.shows("42");
    // What a completion prints is not shown, and one that does not end is left.
    let slow = "{'__getattr__': lambda *_: [print('pr', 'inted') for _ in iter(int, 1)]}";
    terminal.types(&format!("!value_of_it = type('Slow', (), {slow})()\r"));
    terminal.types("p value_of_it.first.second\t\x15p 'still ' + 'here'\r");
    terminal.shows("still here");
    assert!(!terminal.all.contains("pr inted"), "{}", terminal.all);
    terminal.types("c\r");
    terminal.shows(">>> ");
    terminal.types(
        "import readline; readline.set_startup_hook(lambda: readline.insert_text('Zoë')); input('name? ')\r",
    );
    terminal.shows("name? Zoë");
    terminal.types("!\r");
    terminal.shows("'Zoë!'");
    terminal.runs("readline.get_history_item(readline.get_current_history_length())", "'Zoë!'");
}

#[test]
fn a_completion_that_never_ends_is_stopped_with_its_block() {
    let mut terminal = prompt(Program::python());
    terminal.types("import readline, code\r");
    terminal.types(
        "def deaf(text, state):\rwhile True:\rtry:\rwhile True: pass\r\x7fexcept BaseException: pass\r\r\r",
    );
    terminal.types("readline.set_completer(deaf); input('ask? ')\r");
    terminal.shows("ask? ");
    terminal.types("a\t");
    terminal.shows("the session is as it was before");
    terminal.runs("1 + 1", "2");
}

#[test]
fn the_module_asyncio_is_a_prompt_that_awaits() {
    let mut terminal = Terminal::start(Program::python().args(["-m", "asyncio"]));
    terminal.shows("Use \"await\" directly");
    terminal.shows(">>> import asyncio");
    terminal.types("await asyncio.sleep(0, 41) + 1\r");
    terminal.shows("42");
    terminal.types("sorted(globals())[0]\r");
    terminal.shows("'__builtins__'");
    terminal.types("exit(3)\r");
    assert_eq!(terminal.ends(), 3);
}

#[test]
fn the_module_asyncio_reads_from_a_pipe() {
    let program = Program::python().args(["-m", "asyncio"]);
    let ended = program.stdin("x = await asyncio.sleep(0, 41)\nprint(x + 1)\n1 / 0\nexit(3)\n").run();
    assert!(ended.stdout().contains("42"), "{ended}");
    assert!(ended.stderr().contains("ZeroDivisionError"), "{ended}");
    assert_eq!(ended.status, Some(3), "{ended}");
}

#[test]
fn the_word_clear_clears_the_screen() {
    let mut terminal = prompt(Program::python());
    terminal.types("clear\r");
    terminal.runs("print('be' + 'hind')", "behind");
    assert!(terminal.all.contains("\x1b[2J\x1b[H"), "{:?}", terminal.all);
    terminal.runs("clear = 5", "");
    terminal.runs("clear", "5");
}

#[test]
fn a_terminal_without_a_cursor_gets_no_escapes() {
    let mut terminal = Terminal::start_at("dumb", Program::python().bare());
    terminal.shows(">>> ");
    terminal.runs("1 / 0", "ZeroDivisionError: division by zero");
    terminal.runs("%time 6 * 7", "42");
    terminal.runs("len?", "Signature: len(obj, /)");
    assert!(!terminal.all.contains('\x1b'), "{:?}", terminal.all);
    terminal.types("\x04");
    assert_eq!(terminal.ends(), 0);
}

#[test]
fn a_session_without_a_history_leaves_none() {
    let mut terminal = prompt(Program::python().arg("--no-history"));
    terminal.runs("x = 1", "");
    terminal.types("\x04");
    let history = terminal.home.path().join("history");
    assert!(!history.exists());
    assert_eq!(terminal.ends(), 0);
}
