//! What a command line of a C compiler asks for.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use crate::Failure;

/// Options whose value is the next word.
const WITH_VALUE: [&str; 35] = [
    "-o",
    "-x",
    "-I",
    "-L",
    "-l",
    "-D",
    "-U",
    "-F",
    "-T",
    "-z",
    "-e",
    "-u",
    "-A",
    "-MF",
    "-MT",
    "-MQ",
    "-include",
    "-imacros",
    "-isystem",
    "-iquote",
    "-idirafter",
    "-iprefix",
    "-iwithprefix",
    "-iwithprefixbefore",
    "-isysroot",
    "--sysroot",
    "-Xclang",
    "-Xlinker",
    "-Xassembler",
    "-Xpreprocessor",
    "-mllvm",
    "-target",
    "-arch",
    "--param",
    "-framework",
];

/// Options of native targets that mean nothing here, and that build systems pass on their own.
const IGNORED: [&str; 14] = [
    "-fPIC",
    "-fpic",
    "-fPIE",
    "-fpie",
    "-pie",
    "-static-pie",
    "-m32",
    "-march=native",
    "-mcpu=native",
    "-mtune=native",
    "-mtune=generic",
    "-fexceptions",
    "-fstack-clash-protection",
    "-fcf-protection",
];

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Something for each file: an object, assembly, preprocessed text, dependencies.
    Compile,
    /// One file of all: a program.
    Link,
    /// One object of several: `-r`.
    Join,
    /// Tell about the compiler.
    Inquire,
    /// Tell about this program.
    Help,
    /// Make links to this program.
    Links(Option<PathBuf>),
    /// No file is named.
    Nothing,
}

/// A command line that was understood.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) mode: Mode,
    /// The words for the compiler. A place in `inputs` is an input file.
    pub(crate) words: Vec<OsString>,
    pub(crate) inputs: Vec<usize>,
    /// The file that `-o` names.
    pub(crate) output: Option<PathBuf>,
    /// Whether this is `z++`.
    pub(crate) is_cxx: bool,
    /// The level behind the last `-O`.
    pub(crate) level: Option<OsString>,
    /// What starts the program, by `--runner`.
    pub(crate) runner: Option<OsString>,
    module: bool,
}

impl Request {
    /// Reads a command line without response files. Refuses what the target does not have.
    pub(crate) fn read(words: Vec<OsString>, is_cxx: bool) -> Result<Self, Failure> {
        let mut request = Self {
            mode: Mode::Link,
            words: Vec::with_capacity(words.len()),
            inputs: Vec::new(),
            output: None,
            is_cxx,
            level: None,
            runner: None,
            module: false,
        };
        let (mut links, mut inquires) = (true, false);
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let text = word.to_string_lossy();
            if !text.starts_with('-') || text == "-" {
                request.inputs.push(request.words.len());
                request.words.push(word);
                continue;
            }
            match &*text {
                "--help" => request.mode = Mode::Help,
                "--links" => request.mode = Mode::Links(None),
                "--module" => request.module = true,
                "--runner" => return Err("error: --runner needs a value: --runner=PATH".into()),
                "--driver-mode=g++" => request.is_cxx = true,
                "-shared" | "-dynamiclib" | "-bundle" => {
                    return Err(format!(
                        "error: {text}: WASI has no shared libraries; make a static one with zar, \
                         or say --disable-shared to configure"
                    ));
                }
                "-m64" => return Err("error: -m64: pointers have 32 bits in wasm32-wasi".into()),
                "-fwasm-exceptions" | "-fseh-exceptions" | "-fsjlj-exceptions" => {
                    return Err(format!(
                        "error: {text}: wasi-run has no exceptions; -fignore-exceptions ends a program that throws"
                    ));
                }
                text if IGNORED.contains(&text) => {}
                text if text.starts_with("--links=") => {
                    request.mode = Mode::Links(Some(after(&word, "--links=").into()));
                }
                text if text.starts_with("--runner=") => {
                    let runner = after(&word, "--runner=");
                    if runner.is_empty() || runner.as_bytes().contains(&b'\n') {
                        return Err(format!("error: {text}: this is not the name of a program"));
                    }
                    request.runner = Some(runner.to_owned());
                }
                text if WITH_VALUE.contains(&text) => {
                    let value = words.next().ok_or_else(|| format!("error: {text} needs a value"))?;
                    match text {
                        "-o" => request.output = Some(PathBuf::from(&value)),
                        "-target" => {
                            accept_target(&value.to_string_lossy())?;
                            continue;
                        }
                        _ => {}
                    }
                    request.words.extend([word, value]);
                }
                text => {
                    match text {
                        "-c" | "-S" | "-E" | "-M" | "-MM" | "-fsyntax-only" | "-emit-llvm" => links = false,
                        "--version" | "-v" | "-###" => inquires = true,
                        _ if text.starts_with("-print-") || text.starts_with("-dump") => inquires = true,
                        _ if text.starts_with("--print-") => inquires = true,
                        _ => {}
                    }
                    if let Some(target) = text.strip_prefix("--target=") {
                        accept_target(target)?;
                        continue;
                    }
                    if text.starts_with("-o") {
                        request.output = Some(after(&word, "-o").into());
                    }
                    if text.starts_with("-O") {
                        request.level = Some(after(&word, "-O").to_owned());
                        continue;
                    }
                    request.words.push(word);
                }
            }
        }
        if request.mode == Mode::Link {
            let shown_only = request.words.iter().any(|word| word == "-###");
            request.mode = match (request.inputs.is_empty() || shown_only, inquires, links) {
                (true, true, _) => Mode::Inquire,
                (true, false, _) => Mode::Nothing,
                (false, _, true) if request.has(|word| word == "-r") => Mode::Join,
                (false, _, true) => Mode::Link,
                (false, _, false) => Mode::Compile,
            };
        }
        request.check_output()?;
        Ok(request)
    }

    fn check_output(&self) -> Result<(), Failure> {
        if self.mode == Mode::Compile && self.output.is_some() && self.inputs.len() > 1 {
            return Err("error: cannot specify -o when generating multiple output files".into());
        }
        let folder =
            self.output.as_deref().and_then(Path::parent).filter(|path| !path.as_os_str().is_empty());
        match (&self.output, folder) {
            (Some(output), _) if output.as_os_str().is_empty() => Err("error: -o: the name is empty".into()),
            (Some(output), Some(folder)) if !folder.is_dir() => {
                Err(format!("error: -o {}: there is no folder {}", output.display(), folder.display()))
            }
            _ => Ok(()),
        }
    }

    /// Returns the command of zig that compiles this.
    pub(crate) fn command(&self) -> &'static str {
        if self.is_cxx { "c++" } else { "cc" }
    }

    /// Returns the input files, except for standard input.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Path> {
        self.inputs.iter().filter_map(|&at| self.words.get(at)).filter(|word| *word != "-").map(Path::new)
    }

    /// Returns the file that becomes a program which starts by its name, if that is wanted.
    pub(crate) fn program(&self) -> Option<&Path> {
        let program = self.output.as_deref().unwrap_or(Path::new(DEFAULT_OUTPUT));
        let is_module = self.module || program.extension() == Some(OsStr::new("wasm"));
        (self.mode == Mode::Link && !is_module).then_some(program)
    }

    /// Whether the words have this option.
    pub(crate) fn has(&self, option: impl Fn(&str) -> bool) -> bool {
        self.words.iter().any(|word| word.to_str().is_some_and(&option))
    }
}

/// Where a program goes without `-o`.
pub(crate) const DEFAULT_OUTPUT: &str = "a.out";

fn after<'w>(word: &'w OsStr, prefix: &str) -> &'w OsStr {
    OsStr::from_bytes(word.as_bytes().get(prefix.len()..).unwrap_or_default())
}

fn accept_target(target: &str) -> Result<(), Failure> {
    if target.starts_with("wasm32-") && target.contains("wasi") {
        return Ok(());
    }
    Err(format!("error: target {target}: this compiler has wasm32-wasi alone"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Request {
        Request::read(line.split(' ').map(OsString::from).collect(), false).unwrap()
    }

    fn refused(line: &str) -> Failure {
        Request::read(line.split(' ').map(OsString::from).collect(), false).unwrap_err()
    }

    #[test]
    fn the_mode_follows_from_options_and_inputs() {
        for (line, mode) in [
            ("a.c", Mode::Link),
            ("a.o -lm -o x", Mode::Link),
            ("-v a.c", Mode::Link),
            ("-c a.c b.c", Mode::Compile),
            ("-MM a.c", Mode::Compile),
            ("-x c -E -", Mode::Compile),
            ("-r a.o b.o -o c.o", Mode::Join),
            ("--version", Mode::Inquire),
            ("-dumpmachine", Mode::Inquire),
            ("-### a.c", Mode::Inquire),
            ("-O2", Mode::Nothing),
            ("-o a.c", Mode::Nothing),
            ("--help", Mode::Help),
            ("--links=/x", Mode::Links(Some("/x".into()))),
        ] {
            assert_eq!(read(line).mode, mode, "{line}");
        }
    }

    #[test]
    fn a_program_is_where_the_output_is_unless_it_is_to_be_a_module() {
        for (line, program) in [
            ("a.c", Some("a.out")),
            ("a.c -o x", Some("x")),
            ("-ox a.c", Some("x")),
            ("a.c -o x -o y", Some("y")),
            ("a.c -o x.wasm", None),
            ("a.c --module", None),
            ("-c a.c", None),
        ] {
            assert_eq!(read(line).program(), program.map(Path::new), "{line}");
        }
    }

    #[test]
    fn what_the_target_does_not_have_is_one_line_that_names_it() {
        assert!(refused("-shared a.c").starts_with("error: -shared: WASI has no shared libraries"));
        assert!(refused("--target=x86_64-linux-gnu a.c").starts_with("error: target x86_64-linux-gnu:"));
        assert!(refused("a.c -fwasm-exceptions").contains("-fignore-exceptions"));
        assert_eq!(refused("a.c -o"), "error: -o needs a value");
        assert_eq!(refused("a.c -o /no/such/x"), "error: -o /no/such/x: there is no folder /no/such");
        assert!(refused("-c a.c b.c -o x").contains("multiple output files"));
        assert_eq!(read("a.c --target=wasm32-wasip1 -fPIC -pie").words, ["a.c"]);
    }
}
