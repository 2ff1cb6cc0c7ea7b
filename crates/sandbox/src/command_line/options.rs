//! The sandbox options of both programs: their table, and the sandbox that they describe.

use std::ffi::OsStr;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::time::SystemTime;

use python_wasm_engine::{Engine, NATIVE_UNAVAILABLE};

use super::values::{bytes, count, memory, number, seconds, text};
use super::{Folder, Names, Recording, Row, Usage, moment};
use crate::{Access, Limits, Sandbox};

/// What the sandbox options say, before anything is opened.
#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    /// How much the guest may use.
    pub limits: Limits,
    /// Variables, in the order of the command line: the last of a name counts.
    pub env: Vec<(Vec<u8>, Vec<u8>)>,
    /// Whether each call is written to standard error.
    pub trace: bool,
    /// The file that a run is kept in, or run from.
    pub recording: Recording,
    /// What runs the guest, if that was said.
    pub engine: Option<Engine>,
    pub(super) seed: Option<u64>,
    clock: Option<SystemTime>,
    folders: Vec<Folder>,
}

/// The options that both programs have, in the order of the help.
pub(super) static SANDBOX: [Row<Options>; 18] = [
    Row::new(
        "--dir",
        "HOST[::GUEST]",
        "grant a folder, read and write; alone: under its own absolute name",
        |options, value| options.folder("--dir", value, Access::ReadWrite),
    ),
    Row::new("--ro-dir", "HOST[::GUEST]", "the same, read-only", |options, value| {
        options.folder("--ro-dir", value, Access::ReadOnly)
    }),
    Row::new(
        "--overlay-dir",
        "HOST[::GUEST]",
        "the same, but writes are kept aside and dropped at the end",
        |options, value| options.folder("--overlay-dir", value, Access::Overlay),
    ),
    Row::new("--env", "KEY[=VALUE]", "set one variable; alone: to the host's value", Options::variable),
    Row::new("--timeout", "SECONDS", "stop after so much time", |options, value| {
        options.limit(seconds(value)?, Limits::timeout)
    }),
    Row::new(
        "--fuel",
        "N",
        "stop after so much work: functions, loop rounds and branches entered",
        |options, value| options.limit(count(value)?, Limits::fuel),
    ),
    Row::new(
        "--max-memory",
        "MIB",
        "memory; at the limit Python raises MemoryError (1024)",
        |options, value| options.limit(memory(value)?, Limits::memory),
    ),
    Row::new("--max-fds", "N", "files, folders and streams open at once (256)", |options, value| {
        options.limit(count(value)?, Limits::open_files)
    }),
    Row::new("--max-output", "KIB", "standard output and error together", |options, value| {
        options.limit(bytes(value, 1 << 10)?, Limits::output)
    }),
    Row::new(
        "--max-disk",
        "MIB",
        "what granted folders, /tmp and a recording may grow by (1024)",
        |options, value| options.limit(bytes(value, 1 << 20)?, Limits::disk),
    ),
    Row::new("--max-files", "N", "files, folders and links that may be made (100000)", |options, value| {
        options.limit(count(value)?, Limits::files)
    }),
    Row::new(
        "--max-io",
        "BYTES",
        "what one read or write may copy; more is cut short (64 MiB)",
        |options, value| options.limit(count(value)?, Limits::call_bytes),
    ),
    Row::new(
        "--engine",
        "ENGINE",
        "the interpreter wasmi, or native: machine code, if this build has it",
        |options, value| set(&mut options.engine, engine(value)?),
    ),
    Row::new("--seed", "N", "make all randomness a function of this number", |options, value| {
        set(&mut options.seed, number(value, "a whole number below 2 to the 64", |_| true)?)
    }),
    Row::new(
        "--clock",
        "TIME",
        "let time stand still at this moment: seconds since 1970 or RFC 3339",
        |options, value| set(&mut options.clock, moment::parse(text(value)?)?),
    ),
    Row::new(
        "--record",
        "FILE",
        "keep all that comes to the program, to run it again by --replay",
        |options, value| set(&mut options.recording.record, value.into()),
    ),
    Row::new("--replay", "FILE", "run a recorded program again, without its files", |options, value| {
        set(&mut options.recording.replay, value.into())
    }),
    Row::new("--trace", "", "every WASI call, one line each, on standard error", |options, _| {
        options.trace = true;
        Ok(())
    }),
];

#[expect(clippy::unnecessary_wraps, reason = "rows of the table end with it")]
fn set<T>(option: &mut Option<T>, value: T) -> Result<(), String> {
    *option = Some(value);
    Ok(())
}

fn engine(value: &OsStr) -> Result<Engine, String> {
    match text(value)? {
        "wasmi" => Ok(Engine::Wasmi),
        "native" if Engine::Native.is_available() => Ok(Engine::Native),
        "native" => Err(NATIVE_UNAVAILABLE.into()),
        _ => Err("it must be wasmi or native".into()),
    }
}

impl Default for Options {
    /// Nothing is granted, and a person watches.
    fn default() -> Self {
        Self {
            limits: Limits::attended(),
            env: Vec::new(),
            trace: false,
            recording: Recording::default(),
            engine: None,
            seed: None,
            clock: None,
            folders: Vec::new(),
        }
    }
}

impl Options {
    /// Opens everything that was asked for.
    pub fn sandbox(self, names: Names) -> Result<Sandbox, Usage> {
        let mut sandbox = Sandbox::new(self.limits);
        sandbox.engine = self.engine.unwrap_or_default();
        for folder in self.folders {
            let (guest, mount) = folder.open(names, |guest| sandbox.has_mount(guest))?;
            sandbox.mount(guest, mount);
        }
        for (key, value) in self.env {
            sandbox.env(key, value);
        }
        if let Some(seed) = self.seed {
            sandbox.seed(seed);
        }
        if let Some(moment) = self.clock {
            sandbox.clock(moment);
        }
        Ok(sandbox)
    }

    #[expect(clippy::unnecessary_wraps, reason = "rows of the table end with it")]
    fn limit<N>(&mut self, value: N, set: fn(Limits, N) -> Limits) -> Result<(), String> {
        self.limits = set(std::mem::take(&mut self.limits), value);
        Ok(())
    }

    fn folder(&mut self, option: &str, value: &OsStr, access: Access) -> Result<(), String> {
        self.folders.push(Folder::read(option, value, access)?);
        Ok(())
    }

    fn variable(&mut self, value: &OsStr) -> Result<(), String> {
        let bytes = value.as_bytes();
        let (key, value) = if let Some(at) = bytes.iter().position(|&byte| byte == b'=') {
            (&bytes[..at], bytes[at + 1..].to_vec())
        } else {
            let host = std::env::var_os(value).ok_or("the host has no variable of that name")?;
            (bytes, host.into_vec())
        };
        if key.is_empty() {
            return Err("the name of the variable is empty".into());
        }
        self.env.push((key.to_vec(), value));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;
    use crate::command_line::take;

    fn read(words: &[&str]) -> Result<Options, String> {
        let none: &[Row<()>] = &[];
        let options = take(&mut words.iter().map(OsString::from).peekable(), none);
        options.map(|(options, ())| options).map_err(|usage| usage.to_string())
    }

    #[test]
    fn grants_keep_the_order_of_the_command_line() {
        let options = read(&["--ro-dir", "/a::/x", "--dir=/b", "--overlay-dir", "/c::."]).unwrap();
        let folders: Vec<_> = options.folders.iter().map(Folder::parts).collect();
        let expected = [
            ("/a", Some("/x"), Access::ReadOnly),
            ("/b", None, Access::ReadWrite),
            ("/c", Some("."), Access::Overlay),
        ];
        assert_eq!(folders, expected);
    }

    #[test]
    fn a_wrong_value_is_one_line_that_names_option_and_value() {
        let wrong = [
            (&["--timeout", "soon"][..], "--timeout soon: it must be a number of seconds above 0"),
            (&["--timeout=-1"], "--timeout -1: it must be a number of seconds above 0"),
            (&["--timeout=nan"], "--timeout nan: it must be a number of seconds above 0"),
            (&["--timeout=1e300"], "--timeout 1e300: that is longer than can be waited"),
            (&["--fuel", "0"], "--fuel 0: it must be a whole number above 0"),
            (&["--max-memory", "5000"], "--max-memory 5000: it must be a whole number from 1 to 4096"),
            (
                &["--max-disk=18446744073709551615"],
                "--max-disk 18446744073709551615: that is more than can be counted",
            ),
            (&["--max-fds=x"], "--max-fds x: it must be a whole number above 0"),
            (&["--max-io=0"], "--max-io 0: it must be a whole number above 0"),
            (&["--seed", "-1"], "--seed -1: it must be a whole number below 2 to the 64"),
            (&["--dir", "::/x"], "--dir ::/x: the name of the host's folder is empty"),
            (&["--dir", "/x::"], "--dir /x::: the name inside the sandbox is empty"),
            (&["--env", "=x"], "--env =x: the name of the variable is empty"),
        ];
        for (words, message) in wrong {
            assert_eq!(read(words), Err(message.to_owned()));
        }
    }

    #[test]
    fn a_value_may_hold_anything_after_the_first_equals_sign() {
        let options = read(&["--env", "A=b=c\nd", "--env=E="]).unwrap();
        let expected = [(b"A".to_vec(), b"b=c\nd".to_vec()), (b"E".to_vec(), b"".to_vec())];
        assert_eq!(options.env, expected);
    }

    #[test]
    fn python_wants_absolute_names_and_other_modules_take_any() {
        let name = |words: &[&str], names| read(words).unwrap().folders[0].name(names);
        assert_eq!(name(&["--dir", "/tmp::."], Names::AsGiven).unwrap(), ".");
        assert_eq!(name(&["--dir", "sub/x"], Names::AsGiven).unwrap(), "sub/x");
        assert_eq!(name(&["--dir", "/tmp/./x/"], Names::Absolute).unwrap(), "/tmp/x");
        assert_eq!(name(&["--dir", "/tmp::/a/b/"], Names::Absolute).unwrap(), "/a/b");
        assert_eq!(
            name(&["--dir", "/tmp::data"], Names::Absolute).unwrap_err().to_string(),
            "--dir /tmp::data: the name inside the sandbox must be absolute: data"
        );
    }
}
