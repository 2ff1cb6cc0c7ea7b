//! The command lines of zig for what a command line of a C compiler asks for.

use std::ffi::OsString;

use crate::library::Library;
use crate::request::{DEFAULT_OUTPUT, Mode, Request};

const TARGET: [&str; 2] = ["-target", "wasm32-wasi"];

/// What wasi-libc has only as an imitation within the program: it says so by these names. An ordinary program
/// does not, and is content with it.
const IMITATED: [&str; 4] = ["SIGNAL", "PROCESS_CLOCKS", "GETPID", "MMAN"];

/// Options of a program without the C library.
const LONELY: [&str; 3] = ["-nostdlib", "-nodefaultlibs", "-nolibc"];

/// Returns the command that answers a question about the compiler, and its words.
pub(crate) fn inquiry(request: &Request) -> (&'static str, Vec<OsString>) {
    // zig calls the target by a name that its clang finds out of date.
    let first = TARGET.into_iter().chain(["-Wno-deprecated"]).map(OsString::from);
    (request.command(), first.chain(request.words.iter().cloned()).collect())
}

/// Returns the words of the command that makes one object of several.
pub(crate) fn join(request: &Request) -> Vec<OsString> {
    let output = request.output.as_deref().unwrap_or(DEFAULT_OUTPUT.as_ref());
    let mut words: Vec<OsString> = ["-r".into(), "-o".into(), output.into()].into();
    words.extend(request.files().map(OsString::from));
    words
}

/// Returns the words of each command to run, in their order. zig compiles one file at a time.
pub(crate) fn all(request: &Request, library: &Library) -> Vec<Vec<OsString>> {
    if request.mode == Mode::Link || request.inputs.len() == 1 {
        return vec![one(request, library, |_| true)];
    }
    request.inputs.iter().map(|&input| one(request, library, |at| at == input)).collect()
}

/// Returns the words for one command, with the inputs at the places that are `wanted`.
fn one(request: &Request, library: &Library, wanted: impl Fn(usize) -> bool) -> Vec<OsString> {
    let mut words: Vec<OsString> = TARGET.map(OsString::from).into();
    words.extend(IMITATED.map(|name| format!("-D_WASI_EMULATED_{name}").into()));
    // zig makes errors of dates. Not every command has a use for all that stands here.
    words.extend(["-Wno-date-time", "-Wno-unused-command-line-argument"].map(OsString::from));
    if request.mode == Mode::Link && !request.has(|word| LONELY.contains(&word)) {
        words.extend(library.objects.iter().map(OsString::from));
        if request.is_cxx {
            words.push(library.throw.clone().into());
        }
    }
    let is_left_out = |at: &usize| request.inputs.contains(at) && !wanted(*at);
    words.extend((0..request.words.len()).filter(|at| !is_left_out(at)).map(|at| request.words[at].clone()));
    // zig puts the C library's folders before those of -isystem. Those that the program names come first.
    if !request.has(|word| word.starts_with("-nostdinc") || word == "-nostdlibinc") {
        words.extend(["-I".into(), library.include.clone().into()]);
    }
    if request.mode == Mode::Link {
        link(request, &mut words);
    }
    words.extend(last(request).into_iter().map(OsString::from));
    words
}

/// Adds what every program is linked with.
fn link(request: &Request, words: &mut Vec<OsString>) {
    if request.output.is_none() {
        words.extend(["-o", DEFAULT_OUTPUT].map(OsString::from));
    }
    if !request.has(|word| LONELY.contains(&word)) {
        for name in IMITATED {
            words.push(format!("-lwasi-emulated-{}", name.to_lowercase().replace('_', "-")).into());
        }
    }
    if !is_debugged(request) {
        words.push("-Wl,--strip-debug".into());
    }
    // Beside a program zig writes dependencies only where it is told.
    if request.has(|word| matches!(word, "-MD" | "-MMD")) && !request.has(|word| word.starts_with("-MF")) {
        let output = request.output.as_deref().unwrap_or(DEFAULT_OUTPUT.as_ref());
        words.extend(["-MF".into(), output.with_extension("d").into()]);
        if !request.has(|word| matches!(word, "-MT" | "-MQ")) {
            words.extend(["-MQ".into(), output.into()]);
        }
    }
}

/// Returns what stands last and so wins over what zig makes of other options. It compiles its C library as it
/// compiles the program, so it is always told to optimise; clang obeys the level behind `-Xclang`. By itself zig
/// adds debug information and frame pointers.
fn last(request: &Request) -> Vec<String> {
    let mut words = vec!["-O2".to_owned()];
    let level = request.level.as_ref().map_or("0".into(), |level| level.to_string_lossy());
    let (level, fast) = match &*level {
        "" => ("1", false),
        "fast" => ("3", true),
        level => (level, false),
    };
    if level != "2" {
        words.extend(["-Xclang".to_owned(), format!("-O{level}")]);
    }
    if fast {
        words.push("-ffast-math".to_owned());
    }
    if !request.has(|word| word.ends_with("-frame-pointer")) && level != "0" {
        words.push("-fomit-frame-pointer".to_owned());
    }
    if !is_debugged(request) {
        words.push("-g0".to_owned());
    }
    let ignores = request.has(|word| word == "-fignore-exceptions");
    words.push(if ignores { "-fexceptions" } else { "-fno-exceptions" }.to_owned());
    words
}

/// Whether debug information is wanted.
fn is_debugged(request: &Request) -> bool {
    request.has(|word| word.starts_with("-g") && word != "-g0")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(line: &str) -> Vec<String> {
        let request = Request::read(line.split(' ').map(OsString::from).collect(), false).unwrap();
        let library =
            Library { objects: vec!["malloc.o".into()], throw: "throw.o".into(), include: "include".into() };
        let text = |word: &OsString| word.to_string_lossy().into_owned();
        all(&request, &library)
            .iter()
            .map(|words| words.iter().map(text).collect::<Vec<_>>().join(" "))
            .collect()
    }

    #[test]
    fn each_file_is_compiled_by_a_command_of_its_own() {
        let lines = lines("-c a.c -DX b.c");
        assert_eq!(lines.len(), 2);
        assert!(lines[0].contains("-c a.c -DX -I include -O2") && !lines[0].contains("b.c"), "{lines:?}");
        assert!(lines[1].contains("-c -DX b.c -I include -O2") && !lines[1].contains("a.c"), "{lines:?}");
    }

    #[test]
    fn the_library_stands_before_all_files_and_only_in_a_program() {
        assert!(
            lines("a.c b.o -lm")[0]
                .contains("malloc.o a.c b.o -lm -I include -o a.out -lwasi-emulated-signal")
        );
        assert!(lines("-x c - -o x")[0].contains("malloc.o -x c - -o x -I include -lwasi"));
        assert!(!lines("-c a.c")[0].contains("malloc.o"));
        assert!(!lines("-nostdlib a.c")[0].contains("malloc.o"));
    }

    #[test]
    fn levels_and_debug_information_are_what_was_asked_for() {
        assert!(lines("a.c")[0].ends_with("-Wl,--strip-debug -O2 -Xclang -O0 -g0 -fno-exceptions"));
        assert!(
            lines("-O3 a.c -g")[0].ends_with("-O2 -Xclang -O3 -fomit-frame-pointer -fno-exceptions"),
            "{:?}",
            lines("-O3 a.c -g")
        );
        assert!(
            lines("-c -O0 -O2 a.c")[0]
                .ends_with("a.c -I include -O2 -fomit-frame-pointer -g0 -fno-exceptions")
        );
        assert!(lines("-c -Ofast a.c")[0].contains("-Xclang -O3 -ffast-math"));
    }
}
