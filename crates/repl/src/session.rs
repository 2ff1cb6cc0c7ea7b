//! What the terminal asks of an interpreter, and nothing more.

/// An interpreter that the terminal talks to.
///
/// Every method runs to its end before the terminal goes on; none may print
/// except those that run something: [`run`](Session::run), [`command`](Session::command),
/// [`explain`](Session::explain) and [`goodbye`](Session::goodbye). It is `Send`
/// because the line editor, which asks it while a line is edited, sits behind
/// a lock that the guest's own reads share.
pub trait Session: Send {
    /// What stands above the first prompt, without the last newline; nothing
    /// is shown when it is empty (`python3 -q`).
    fn banner(&mut self) -> String;

    /// `sys.ps1` and `sys.ps2` as they are now. Asked before each block.
    fn prompts(&mut self) -> Prompts;

    /// Whether `source` would run, were Enter pressed at its end.
    ///
    /// `source` is what was typed in this block, lines separated by `'\n'`,
    /// without the newline of that last Enter: `"if x:"` and
    /// `"if x:\n    y()"` are incomplete, `"if x:\n    y()\n"` (an empty last
    /// line) is complete, as for `codeop.compile_command`.
    fn completeness(&mut self, source: &str) -> Completeness;

    /// Runs a block, or the statements of a paste until one fails, as CPython's interactive mode does (mode `single`: the
    /// value of an expression goes through `sys.displayhook`, an exception
    /// through `sys.excepthook`), and writes through the guest's own stdout and
    /// stderr, flushed before it returns.
    ///
    /// It is never blank and never comments alone, which `codeop` would have to special-case.
    /// `source` ends with a newline if it has several lines, as
    /// `PyCF_DONT_IMPLY_DEDENT` wants it, and with none if it is one line.
    fn run(&mut self, source: &str) -> Step;

    /// What could stand at `cursor`, a byte offset into `source` on a character
    /// boundary. `source` is everything typed in this block.
    fn complete(&mut self, source: &str, cursor: usize) -> Completions;

    /// The commands that [`command`](Session::command) knows, in the order of `%help`; the
    /// terminal adds its own.
    fn commands(&self) -> &'static [Command] {
        &[]
    }

    /// Runs `%name argument`, where `name` is that of one of [`commands`](Session::commands).
    /// What the guest prints meanwhile goes through its own streams, as with
    /// [`run`](Session::run); what comes back is shown after it.
    fn command(&mut self, name: &str, _argument: &str) -> Reply {
        Reply::Refused(format!("the session has no command {name}"))
    }

    /// Shows what is known of a `name` (`name?`), or its source (`name??`), through the guest's
    /// stdout.
    fn explain(&mut self, name: &str, source: bool) -> Step;

    /// Ends the session as CPython does at Ctrl-D (`atexit`, threads, buffers)
    /// and returns the exit status. Not called after [`Step::Exit`].
    fn goodbye(&mut self) -> i32;
}

/// The two prompts, each with its trailing space if it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompts {
    /// Before the first line of a block.
    pub ps1: String,
    /// Before each further line.
    pub ps2: String,
}

impl Default for Prompts {
    /// CPython's: `>>> ` and `... `.
    fn default() -> Self {
        Self { ps1: ">>> ".into(), ps2: "... ".into() }
    }
}

/// What came of reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// A line, or a block of several, without the newline at its end.
    Line(String),
    /// Ctrl-D on an empty line, or the input is closed.
    Eof,
    /// Ctrl-C: what was typed is dropped.
    Interrupted,
}

/// What the guest's compiler thinks of a block so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completeness {
    /// It compiles: Enter runs it.
    Complete,
    /// It could become valid with more lines: Enter asks for the next one.
    Incomplete,
    /// No further line can save it: Enter runs it all the same, so that the
    /// guest itself prints the `SyntaxError`.
    Invalid,
}

/// What follows a block that was run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The next prompt; also after an exception, which was already printed.
    Continue,
    /// The session is over (`exit()`, `SystemExit`, a limit) with this status.
    Exit(i32),
}

/// The answer to a Tab.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completions {
    /// Byte offset into the source where each candidate is put, up to the cursor.
    pub start: usize,
    /// Whole replacements for `source[start..cursor]`, in the order to show.
    pub candidates: Vec<String>,
}

/// A line that begins with a percent sign: something that Python has no word for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Command {
    /// Its name, without the percent sign.
    pub name: &'static str,
    /// What stands behind the name, as the help writes it; empty if nothing may.
    pub usage: &'static str,
    /// What that is.
    pub argument: Argument,
    /// What it does, in one line.
    pub help: &'static str,
}

/// What is typed behind the name of a [`Command`], for Enter and Tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Argument {
    /// Words, or nothing.
    Words,
    /// A file or folder of the host.
    Path,
    /// A block of Python, which Enter goes on with until it is complete.
    Code,
}

/// What came of a [`Command`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// It is done; the text, if there is one, is shown.
    Done(String),
    /// It is not, and nothing has changed; the reason in one line.
    Refused(String),
    /// The session is over with this status.
    Exit(i32),
}
