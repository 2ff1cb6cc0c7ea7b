//! What the terminal asks of an interpreter.

/// An interpreter that the terminal talks to.
///
/// The terminal waits for each method to return. Only the methods that run something may print:
/// [`run`](Session::run), [`command`](Session::command), [`explain`](Session::explain) and
/// [`goodbye`](Session::goodbye). A session is `Send` because the line editor calls it while a line is
/// being edited, and the editor sits behind a lock that the guest's own reads share.
pub trait Session: Send {
    /// Returns the text above the first prompt, without its last newline. An empty banner is not
    /// shown (`python3 -q`).
    fn banner(&mut self) -> String;

    /// Returns the current `sys.ps1` and `sys.ps2`. Called before each block.
    fn prompts(&mut self) -> Prompts;

    /// Decides whether Enter at the end of `source` runs it or starts another line.
    ///
    /// `source` is all that was typed in this block, its lines separated by `'\n'`, without the newline
    /// of that Enter. As for `codeop.compile_command`, `"if x:"` and `"if x:\n    y()"` are incomplete,
    /// and `"if x:\n    y()\n"`, whose last line is empty, is complete.
    fn completeness(&mut self, source: &str) -> Completeness;

    /// Runs a block, or the statements of a paste until one fails, as CPython's interactive mode does
    /// (mode `single`): the value of an expression goes through `sys.displayhook`, an exception through
    /// `sys.excepthook`. Output goes through the guest's own stdout and stderr, flushed before this
    /// returns.
    ///
    /// `source` always holds a statement: `codeop` would need special cases for blank source and for
    /// comments alone. It ends with a newline if it has several lines, which `PyCF_DONT_IMPLY_DEDENT`
    /// requires, and without one if it is a single line.
    fn run(&mut self, source: &str) -> Step;

    /// Returns the completions at `cursor`, a byte offset into `source` on a character boundary.
    /// `source` is all that was typed in this block.
    fn complete(&mut self, source: &str, cursor: usize) -> Completions;

    /// Returns the commands that [`command`](Session::command) understands, in the order of `%help`.
    /// The terminal adds its own.
    fn commands(&self) -> &'static [Command] {
        &[]
    }

    /// Runs `%name argument`, where `name` is one of [`commands`](Session::commands). Output of the guest
    /// goes through its own streams, as with [`run`](Session::run); the terminal shows the reply after it.
    fn command(&mut self, name: &str, _argument: &str) -> Reply {
        Reply::Refused(format!("the session has no command {name}"))
    }

    /// Prints a description of `name` (`name?`) or its source (`name??`) through the guest's stdout.
    fn explain(&mut self, name: &str, source: bool) -> Step;

    /// Ends the session as CPython does at Ctrl-D (`atexit`, threads, buffers) and returns the exit
    /// status. The terminal does not call it after [`Step::Exit`].
    fn goodbye(&mut self) -> i32;
}

/// The two prompts, trailing spaces included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompts {
    /// Before the first line of a block.
    pub ps1: String,
    /// Before each of its other lines.
    pub ps2: String,
}

impl Default for Prompts {
    /// Returns CPython's prompts: `>>> ` and `... `.
    fn default() -> Self {
        Self { ps1: ">>> ".into(), ps2: "... ".into() }
    }
}

/// The result of reading a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// A line, or a block of several lines, without its last newline.
    Line(String),
    /// Ctrl-D on an empty line, or the end of the input.
    Eof,
    /// Ctrl-C: the line is dropped.
    Interrupted,
}

/// The verdict of the guest's compiler on an unfinished block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completeness {
    /// It compiles: Enter runs it.
    Complete,
    /// It could become valid with more lines: Enter starts the next one.
    Incomplete,
    /// No further line can make it valid: Enter runs it all the same, so that the guest itself prints
    /// the `SyntaxError`.
    Invalid,
}

/// What happens after a block has run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The next prompt is shown. Also after an exception, which is already printed.
    Continue,
    /// The session ends with this status (`exit()`, `SystemExit`, a limit).
    Exit(i32),
}

/// The answer to Tab.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completions {
    /// The byte offset into the source at which the replaced text begins; it ends at the cursor.
    pub start: usize,
    /// Whole replacements for `source[start..cursor]`, in the order in which they are shown.
    pub candidates: Vec<String>,
}

/// A command of the session, typed after a percent sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Command {
    /// Its name, without the percent sign.
    pub name: &'static str,
    /// The argument as the help writes it; empty if the command takes none.
    pub usage: &'static str,
    /// The kind of that argument.
    pub argument: Argument,
    /// A description in one line.
    pub help: &'static str,
}

/// The kind of argument that a [`Command`] takes. Enter and Tab depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Argument {
    /// Words, or no argument at all.
    Words,
    /// A file or folder of the host.
    Path,
    /// A block of Python: Enter adds lines to it until it is complete.
    Code,
}

/// The result of a [`Command`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// It succeeded. The terminal shows the text unless it is empty.
    Done(String),
    /// It was refused and changed nothing. The reason is one line.
    Refused(String),
    /// The session ends with this status.
    Exit(i32),
}
