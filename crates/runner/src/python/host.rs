//! The one call that Python makes to us beside WASI, and our answers.
//!
//! [`python_wasm_contract::host_call`] says what each request means; the shim (`cpython/shim`) makes them.

use std::time::Instant;

use python_wasm_contract::host_call::{
    ACCESS, AGAIN, CWD, DUP, ENDED, ENDED_DISK, ENDED_MEMORY, EOF, FIND_LOCK, FLOCK, FUNCTION, GRANT,
    GRANT_WRITE, INTERRUPTED, LINE_COMPLETED, LINE_READ, MODE, MODULE, NAME, PAGE, PARAMS, READ_ANSWER,
    READ_CANDIDATES, READ_COMPLETED, READ_SECRET, READLINE, SET_LOCK, SET_MODE, TERMINAL_SIZE, UNAVAILABLE,
};
use python_wasm_engine::{Engine, HostCall, HostFunction};
use python_wasm_sandbox::place::normalized;
use wasi_core::WasiCtx;

use super::advice;
use super::image::Image;
use super::{host_files as files, locks};
use crate::functions::{Calls, Functions};

/// What a guest with Python in it imports.
pub(crate) const FUNCTIONS: &[HostFunction<HostState>] =
    &[HostFunction { module: MODULE, name: NAME, params: PARAMS, body: host_call }];

/// The host's side of one interpreter, from which the answers come.
#[derive(Default)]
pub(crate) struct HostState {
    /// The engine that runs it.
    pub(crate) engine: Engine,
    /// The folder in which the program starts, by its name in the guest.
    pub(crate) cwd: Option<String>,
    /// The guest's names of all mounts.
    pub(crate) mounts: Vec<String>,
    /// Reads a line that the program asks for when its stdin and stdout are terminals. With `None` the
    /// program reads its stdin.
    pub(crate) read_line: Option<ReadLine>,
    /// Shows a text at the terminal, a screen at a time. With `None` the program prints it.
    pub(crate) page: Option<Page>,
    /// Whether somebody types at a prompt, who can grant more.
    pub(crate) at_prompt: bool,
    /// The limit behind an uncaught exception, if there was one.
    pub(crate) limit_met: Option<LimitMet>,
    /// The functions that Python finds in the module `host`.
    pub(crate) functions: Functions,
    /// The guest's names of folders of packages, beside those of the image.
    pub(crate) sites: Vec<String>,
    /// The image that it starts from, if that is not the one of this program.
    pub(crate) image: Option<Image>,
    /// The functions that are under way.
    pub(crate) calls: Calls,
    answer: Vec<u8>,
}

/// Reads a line, or goes on reading it.
pub(crate) type ReadLine = Box<dyn FnMut(Question<'_>) -> Line + Send>;

/// Shows a text; `false` if there is no terminal.
pub(crate) type Page = Box<dyn FnMut(&str) -> bool + Send>;

/// What a program wants of a terminal that reads lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Question<'a> {
    /// An answer after a prompt, as `input()` wants it.
    Answer(&'a str),
    /// A line after a prompt that is neither shown nor remembered.
    Secret(&'a str),
    /// An answer that the program completes, and the text with which it begins.
    Completed {
        /// Shown before the line.
        prompt: &'a str,
        /// What the line begins with.
        text: &'a str,
    },
    /// How [`Line::Tab`] is completed: the byte at which each candidate begins, and the candidates.
    Candidates(usize, Vec<String>),
}

/// What came of reading a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// A line, without its newline.
    Text(String),
    /// A line that is to be completed at this byte of it.
    Tab(String, usize),
    /// The end of the input.
    Eof,
    /// Ctrl-C.
    Interrupted,
    /// No terminal reads lines here: the program reads its stdin.
    Unavailable,
}

/// A limit that Python meets as an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LimitMet {
    /// `MemoryError`.
    Memory,
    /// `OSError` with `ENOSPC`.
    Disk,
}

impl LimitMet {
    /// Reads what [`ENDED`] reports.
    fn of(input: &[u8]) -> Option<Self> {
        match input {
            [ENDED_MEMORY] => Some(Self::Memory),
            [ENDED_DISK] => Some(Self::Disk),
            _ => None,
        }
    }
}

/// The import itself. A recording keeps its answers, and a replay gives them.
fn host_call(call: HostCall<'_, HostState>, arguments: &[i32]) -> i32 {
    let HostCall { memory, wasi, state } = call;
    let raw: Vec<u64> = arguments.iter().map(|&argument| u64::from(argument as u32)).collect();
    if let Some(answer) = wasi.replayed(NAME, &raw, memory) {
        if let &[ENDED, input, size, ..] = arguments
            && let Some(input) = slice(memory, input, size)
        {
            state.limit_met = LimitMet::of(input);
        }
        return answer;
    }
    let answer = answered(HostCall { memory, wasi, state }, arguments);
    if let &[.., output, capacity] = arguments
        && let Some(stored) = slice(memory, output, answer.min(capacity).max(0))
    {
        wasi.note(NAME, &raw, answer, &[(output as u32, stored)]);
    }
    answer
}

/// Answers a request: stores as much of the answer as fits, and returns its whole length.
fn answered(call: HostCall<'_, HostState>, arguments: &[i32]) -> i32 {
    let HostCall { memory, wasi, state } = call;
    let &[request, input, input_size, output, capacity] = arguments else {
        return UNAVAILABLE;
    };
    let Some(input) = slice(memory, input, input_size) else {
        return UNAVAILABLE;
    };
    if request != AGAIN {
        let asked = matches!(request, READLINE | PAGE).then(Instant::now);
        let answer = match request {
            DUP => number(files::duplicate(wasi, input)),
            MODE => number(files::mode(wasi, input)),
            ACCESS => number(files::access(wasi, input)),
            SET_MODE => number(files::set_mode(wasi, input)),
            SET_LOCK => number(locks::set(wasi, input)),
            FIND_LOCK => number(locks::find(wasi, input)),
            FLOCK => number(locks::whole(wasi, input)),
            TERMINAL_SIZE => number(files::terminal_size(wasi, input)),
            FUNCTION => state.function(wasi, input),
            GRANT => state.advice(wasi, input),
            request => state.answer(request, input),
        };
        if let Some(asked) = asked {
            // What a person takes to type or to read is not the program's time.
            wasi.postpone(asked.elapsed());
        }
        match answer {
            Ok(answer) => state.answer = answer,
            Err(refusal) => return refusal,
        }
    }
    let Ok(length) = i32::try_from(state.answer.len()) else {
        return UNAVAILABLE;
    };
    let stored = length.min(capacity.max(0));
    let Some(place) = slice_mut(memory, output, stored) else {
        return UNAVAILABLE;
    };
    place.copy_from_slice(&state.answer[..stored as usize]);
    length
}

impl HostState {
    /// Makes the state of another interpreter that goes on from here, and is not at the terminal.
    pub(crate) fn fork(&self) -> Self {
        Self {
            engine: self.engine,
            cwd: self.cwd.clone(),
            mounts: self.mounts.clone(),
            functions: self.functions.clone(),
            ..Self::default()
        }
    }

    /// Makes the state of a program that starts in `cwd`, sees these mounts and is run by this engine.
    pub(crate) fn new(cwd: Option<String>, mounts: Vec<String>, engine: Engine) -> Self {
        Self { engine, cwd, mounts, ..Self::default() }
    }

    /// Returns the guest's names of all folders of packages.
    pub(crate) fn all_sites(&self) -> impl Iterator<Item = &str> {
        let of_image = self.image.iter().flat_map(Image::sites);
        of_image.chain(self.sites.iter().map(String::as_str))
    }

    fn answer(&mut self, request: i32, input: &[u8]) -> Result<Vec<u8>, i32> {
        match request {
            CWD => self.cwd.clone().map(String::into_bytes).ok_or(UNAVAILABLE),
            READLINE => self.line(input),
            PAGE => {
                let page = self.page.as_mut().ok_or(UNAVAILABLE)?;
                if page(&String::from_utf8_lossy(input)) { Ok(Vec::new()) } else { Err(UNAVAILABLE) }
            }
            ENDED => {
                self.limit_met = Some(LimitMet::of(input).ok_or(UNAVAILABLE)?);
                Ok(Vec::new())
            }
            _ => Err(UNAVAILABLE),
        }
    }

    fn advice(&self, wasi: &WasiCtx, input: &[u8]) -> Result<Vec<u8>, i32> {
        let (kind, path) = input.split_first().ok_or(UNAVAILABLE)?;
        let question = advice::Question {
            path: &normalized(&String::from_utf8_lossy(path)),
            write: *kind == GRANT_WRITE,
            at_prompt: self.at_prompt,
        };
        Ok(question.advice(&self.mounts, wasi).unwrap_or_default().into_bytes())
    }

    fn function(&mut self, wasi: &WasiCtx, message: &[u8]) -> Result<Vec<u8>, i32> {
        self.calls.answer(&self.functions, wasi, message).ok_or(UNAVAILABLE)
    }

    fn line(&mut self, input: &[u8]) -> Result<Vec<u8>, i32> {
        let (read_line, (&mode, rest)) =
            self.read_line.as_mut().zip(input.split_first()).ok_or(UNAVAILABLE)?;
        let rest = String::from_utf8_lossy(rest);
        let answer = read_line(question(mode, &rest).ok_or(UNAVAILABLE)?);
        let is_completed = matches!(mode, READ_COMPLETED | READ_CANDIDATES);
        match answer {
            Line::Text(text) => {
                let mut bytes = if is_completed { vec![LINE_READ] } else { Vec::new() };
                bytes.extend(text.into_bytes());
                bytes.push(b'\n');
                Ok(bytes)
            }
            Line::Tab(text, cursor) if is_completed => {
                let mut bytes = vec![LINE_COMPLETED];
                bytes.extend(u32::try_from(cursor).map_err(|_| UNAVAILABLE)?.to_le_bytes());
                bytes.extend(text.into_bytes());
                Ok(bytes)
            }
            Line::Eof => Err(EOF),
            Line::Interrupted => Err(INTERRUPTED),
            Line::Tab(..) | Line::Unavailable => Err(UNAVAILABLE),
        }
    }
}

/// Reads the input of a [`READLINE`] after its first byte.
fn question(mode: u8, rest: &str) -> Option<Question<'_>> {
    Some(match mode {
        READ_ANSWER => Question::Answer(rest),
        READ_SECRET => Question::Secret(rest),
        READ_COMPLETED => {
            let (text, prompt) = rest.split_once('\0')?;
            Question::Completed { prompt, text }
        }
        READ_CANDIDATES => {
            let (start, candidates) = rest.split_once('\n').unwrap_or((rest, ""));
            let candidates = candidates.lines().map(str::to_owned).collect();
            Question::Candidates(start.parse().ok()?, candidates)
        }
        _ => return None,
    })
}

/// Returns an answer that is a number, as the guest reads it.
fn number(answer: Option<i32>) -> Result<Vec<u8>, i32> {
    answer.map(|answer| answer.to_le_bytes().to_vec()).ok_or(UNAVAILABLE)
}

fn range(address: i32, size: i32) -> Option<std::ops::Range<usize>> {
    let start = address as u32 as usize;
    Some(start..start.checked_add(usize::try_from(size).ok()?)?)
}

fn slice(memory: &[u8], address: i32, size: i32) -> Option<&[u8]> {
    memory.get(range(address, size)?)
}

fn slice_mut(memory: &mut [u8], address: i32, size: i32) -> Option<&mut [u8]> {
    memory.get_mut(range(address, size)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Calls with input at 0 and the answer at 100.
    fn call(state: &mut HostState, operation: i32, input: &[u8], capacity: i32) -> (i32, Vec<u8>) {
        let mut memory = vec![0; 200];
        memory[..input.len()].copy_from_slice(input);
        let mut wasi = WasiCtx::builder().build().unwrap();
        let length = host_call(
            HostCall { memory: &mut memory, wasi: &mut wasi, state },
            &[operation, 0, input.len() as i32, 100, capacity],
        );
        (length, memory[100..].iter().copied().take_while(|byte| *byte != 0).collect())
    }

    #[test]
    fn an_answer_that_does_not_fit_is_told_again() {
        let mut state = HostState { cwd: Some("/home/me".into()), ..HostState::default() };
        assert_eq!(call(&mut state, CWD, b"", 4), (8, b"/hom".to_vec()));
        assert_eq!(call(&mut state, AGAIN, b"", 8), (8, b"/home/me".to_vec()));
    }

    #[test]
    fn a_line_is_read_with_the_prompt_and_the_kind_that_was_asked_for() {
        let read = |question: Question<'_>| match question {
            Question::Answer(prompt) => Line::Text(format!("{prompt}!")),
            _ => Line::Interrupted,
        };
        let mut state = HostState { read_line: Some(Box::new(read)), ..HostState::default() };
        assert_eq!(call(&mut state, READLINE, b"\0name", 100), (6, b"name!\n".to_vec()));
        assert_eq!(call(&mut state, READLINE, b"\x01name", 100), (INTERRUPTED, vec![]));
    }

    #[test]
    fn a_line_that_the_program_completes_goes_back_and_forth() {
        let read = |question: Question<'_>| match question {
            Question::Completed { prompt: "(Pdb) ", text: "p " } => Line::Tab("p va".into(), 4),
            Question::Candidates(2, candidates) => Line::Text(format!("p {}", candidates.join("|"))),
            question => panic!("{question:?}"),
        };
        let mut state = HostState { read_line: Some(Box::new(read)), ..HostState::default() };
        let (length, answer) = call(&mut state, READLINE, b"\x02p \0(Pdb) ", 100);
        assert_eq!((length, answer), (9, b"\x01\x04".to_vec()), "the rest stands after three zeros");
        let (length, answer) = call(&mut state, READLINE, b"\x032\nvalue\nvalues", 100);
        assert_eq!((length, answer), (16, vec![]), "it begins with a zero");
        for nonsense in [&b"\x02no nul"[..], b"\x03", b"\x03x\n", b"\x04"] {
            assert_eq!(call(&mut state, READLINE, nonsense, 100).0, UNAVAILABLE, "{nonsense:?}");
        }
    }

    #[test]
    fn what_nobody_can_answer_is_unavailable() {
        let mut state = HostState::default();
        for (operation, input) in
            [(CWD, &b""[..]), (READLINE, b"\0"), (ENDED, b"\x09"), (PAGE, b"text"), (77, b"")]
        {
            assert_eq!(call(&mut state, operation, input, 10).0, UNAVAILABLE, "{operation}");
        }
    }

    #[test]
    fn addresses_outside_of_the_memory_are_refused() {
        let mut state = HostState { cwd: Some("/".into()), ..HostState::default() };
        let mut wasi = WasiCtx::builder().build().unwrap();
        for arguments in [[CWD, -8, 16, 0, 9], [CWD, 0, -1, 0, 9], [CWD, 0, 0, -1, 9], [CWD, 0, 0, 0, 0]] {
            let call = HostCall { memory: &mut [0; 4], wasi: &mut wasi, state: &mut state };
            let expected = if arguments[4] == 0 { 1 } else { UNAVAILABLE };
            assert_eq!(host_call(call, &arguments), expected, "{arguments:?}");
        }
    }
}
