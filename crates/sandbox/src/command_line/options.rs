//! The sandbox options of both programs: one table, and the reader of command lines that it drives.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use python_wasm_engine::{self as engine, Engine};

use super::moment;
use super::recording::Recording;
use crate::{Access, Limits, Mount, Sandbox, normalized};

/// A wrong command line: one line for the user, and status 2.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

/// What the options say, before anything is opened.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Options {
    pub limits: Limits,
    pub grants: Vec<Grant>,
    pub env: Vec<(Vec<u8>, Vec<u8>)>,
    pub seed: Option<u64>,
    pub clock: Option<std::time::SystemTime>,
    pub trace: bool,
    pub recording: Recording,
    pub argv0: Option<OsString>,
    pub engine: Option<Engine>,
    pub no_history: bool,
    pub vi: bool,
    pub resume: Option<PathBuf>,
}

/// A folder of the host, as it was asked for.
#[derive(Debug, PartialEq, Eq)]
pub struct Grant {
    /// The option and its value, for the message when it cannot be opened.
    text: String,
    host: PathBuf,
    /// The name given behind `::`.
    guest: Option<String>,
    access: Access,
}

/// One row of the table.
pub struct Option_ {
    name: &'static str,
    /// What the help calls its value; empty if it takes none.
    value: &'static str,
    help: &'static str,
    set: fn(&mut Options, &OsStr) -> Result<(), String>,
}

/// The options that both programs have, in the order of the help.
pub static SANDBOX: [Option_; 18] = [
    row(
        "--dir",
        "HOST[::GUEST]",
        "grant a folder, read and write; alone: under its own absolute name",
        |o, v| o.grant("--dir", v, Access::ReadWrite),
    ),
    row("--ro-dir", "HOST[::GUEST]", "the same, read-only", |o, v| o.grant("--ro-dir", v, Access::ReadOnly)),
    row(
        "--overlay-dir",
        "HOST[::GUEST]",
        "the same, but writes are kept aside and dropped at the end",
        |o, v| o.grant("--overlay-dir", v, Access::Overlay),
    ),
    row("--env", "KEY[=VALUE]", "set one variable; alone: to the host's value", Options::variable),
    row("--timeout", "SECONDS", "stop after so much time", |o, v| {
        let seconds = number(v, "a number of seconds above 0", |n: &f64| *n > 0.0)?;
        let timeout =
            Duration::try_from_secs_f64(seconds).map_err(|_| "that is longer than can be waited")?;
        o.limit(|limits| limits.timeout(timeout));
        Ok(())
    }),
    row("--fuel", "N", "stop after so much work: functions, loop rounds and branches entered", |o, v| {
        let fuel = number(v, "a whole number above 0", |n| *n > 0)?;
        o.limit(|limits| limits.fuel(fuel));
        Ok(())
    }),
    row("--max-memory", "MIB", "memory; at the limit Python raises MemoryError (1024)", |o, v| {
        let mib = number(v, "a whole number from 1 to 4096", |n: &u64| (1..=4096).contains(n))?;
        o.limit(|limits| limits.memory(mib << 20));
        Ok(())
    }),
    row("--max-fds", "N", "files, folders and streams open at once (256)", |o, v| {
        let count = number(v, "a whole number above 0", |n| *n > 0)?;
        o.limit(|limits| limits.open_files(count));
        Ok(())
    }),
    row("--max-output", "KIB", "standard output and error together (50,000,000 bytes)", |o, v| {
        let bytes = scaled(v, 1 << 10)?;
        o.limit(|limits| limits.output(bytes));
        Ok(())
    }),
    row("--max-disk", "MIB", "what granted folders and /tmp may grow by (1024)", |o, v| {
        let bytes = scaled(v, 1 << 20)?;
        o.limit(|limits| limits.disk(bytes));
        Ok(())
    }),
    row("--max-files", "N", "files, folders and links that may be made (100000)", |o, v| {
        let count = number(v, "a whole number above 0", |n| *n > 0)?;
        o.limit(|limits| limits.files(count));
        Ok(())
    }),
    row("--max-io", "BYTES", "what one read or write may copy; more is cut short (64 MiB)", |o, v| {
        let bytes = number(v, "a whole number above 0", |n| *n > 0)?;
        o.limit(|limits| limits.call_bytes(bytes));
        Ok(())
    }),
    row(
        "--engine",
        "ENGINE",
        "wasmi, the interpreter, or native: machine code, if this build has it",
        |o, v| {
            o.engine = Some(match text(v)? {
                "wasmi" => Engine::Wasmi,
                "native" if Engine::Native.is_here() => Engine::Native,
                "native" => return Err(engine::NOT_HERE.into()),
                _ => return Err("it must be wasmi or native".into()),
            });
            Ok(())
        },
    ),
    row("--seed", "N", "make all randomness a function of this number", |o, v| {
        o.seed = Some(number(v, "a whole number below 2 to the 64", |_| true)?);
        Ok(())
    }),
    row("--clock", "TIME", "let time stand still at this moment: seconds since 1970 or RFC 3339", |o, v| {
        o.clock = Some(moment::parse(text(v)?)?);
        Ok(())
    }),
    row("--record", "FILE", "keep all that comes to the program, to run it again by --replay", |o, v| {
        o.recording.record = Some(v.into());
        Ok(())
    }),
    row("--replay", "FILE", "run a recorded program again, without its files", |o, v| {
        o.recording.replay = Some(v.into());
        Ok(())
    }),
    row("--trace", "", "every WASI call, one line each, on standard error", |o, _| {
        o.trace = true;
        Ok(())
    }),
];

/// The options of Python's prompt.
pub static PROMPT: [Option_; 3] = [
    row("--no-history", "", "keep nothing of what is typed at the prompt", |o, _| {
        o.no_history = true;
        Ok(())
    }),
    row("--resume", "FILE", "go on with a session that %save has kept", |o, v| {
        o.resume = Some(v.into());
        Ok(())
    }),
    row("--vi", "", "edit at the prompt with vi's keys, as PYTHON_WASM_EDIT_MODE=vi does", |o, _| {
        o.vi = true;
        Ok(())
    }),
];

/// The option that only a program of any kind has: Python finds its own name by itself.
pub static ARGV0: [Option_; 1] = [row("--argv0", "NAME", "what the program sees as its own name", |o, v| {
    o.argv0 = Some(v.to_owned());
    Ok(())
})];

const fn row(
    name: &'static str,
    value: &'static str,
    help: &'static str,
    set: fn(&mut Options, &OsStr) -> Result<(), String>,
) -> Option_ {
    Option_ { name, value, help, set }
}

/// Takes the sandbox options off the front of a command line; what follows them stays untouched.
pub fn take(
    args: &mut std::iter::Peekable<impl Iterator<Item = OsString>>,
    more: &[Option_],
) -> Result<Options, Usage> {
    let mut options = Options { limits: Limits::attended(), ..Options::default() };
    while let Some(word) = args.peek() {
        let bytes = word.as_bytes();
        let (name, inline) = match bytes.iter().position(|&byte| byte == b'=') {
            Some(at) => (&bytes[..at], Some(OsString::from_vec(bytes[at + 1..].to_vec()))),
            None => (bytes, None),
        };
        let Some(option) = SANDBOX.iter().chain(more).find(|option| option.name.as_bytes() == name) else {
            break;
        };
        args.next();
        let value = match (option.value, inline) {
            ("", None) => OsString::new(),
            ("", Some(_)) => return Err(Usage(format!("{} takes no value", option.name))),
            (_, Some(value)) => value,
            (what, None) => {
                args.next().ok_or_else(|| Usage(format!("{} needs a value: {what}", option.name)))?
            }
        };
        (option.set)(&mut options, &value)
            .map_err(|why| Usage(format!("{} {}: {why}", option.name, value.display())))?;
    }
    Ok(options)
}

/// The table as the help shows it.
pub fn help(more: &[Option_]) -> String {
    let line = |option: &Option_| {
        let head = format!("{} {}", option.name, option.value);
        format!("  {head:<29} {}\n", option.help)
    };
    SANDBOX.iter().chain(more).map(line).collect()
}

/// The option that a misspelt one is nearest to, if it is near.
pub fn nearest(word: &str) -> Option<&'static str> {
    let name = word.split('=').next().unwrap_or(word);
    let scored = SANDBOX.iter().chain(&PROMPT).map(|option| (distance(option.name, name), option.name));
    scored.min().filter(|(distance, _)| *distance <= 2).map(|(_, name)| name)
}

/// How a folder that is granted without a name of its own is called inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// By its absolute name, and given names must be absolute too.
    Absolute,
    /// As it was written.
    AsGiven,
}

impl Options {
    /// Opens everything that was asked for.
    pub fn sandbox(self, names: Names) -> Result<Sandbox, Usage> {
        let mut sandbox = Sandbox::new(self.limits);
        sandbox.engine = self.engine.unwrap_or_default();
        for grant in self.grants {
            let guest = grant.guest(names)?;
            if sandbox.has_mount(&guest) {
                return Err(Usage(format!("{}: something is granted as {guest} already", grant.text)));
            }
            let mount = Mount::host(&grant.host, grant.access)
                .map_err(|error| Usage(format!("{}: {error}", grant.text)))?;
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

    fn limit(&mut self, set: impl FnOnce(Limits) -> Limits) {
        self.limits = set(std::mem::take(&mut self.limits));
    }

    fn grant(&mut self, option: &str, value: &OsStr, access: Access) -> Result<(), String> {
        let bytes = value.as_bytes();
        let (host, guest) = match bytes.windows(2).position(|pair| pair == b"::") {
            Some(at) => (&bytes[..at], Some(text(OsStr::from_bytes(&bytes[at + 2..]))?.to_owned())),
            None => (bytes, None),
        };
        if host.is_empty() {
            return Err("the name of the host's folder is empty".into());
        }
        if guest.as_deref() == Some("") {
            return Err("the name inside the sandbox is empty".into());
        }
        let host = PathBuf::from(OsStr::from_bytes(host));
        self.grants.push(Grant { text: format!("{option} {}", value.display()), host, guest, access });
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

impl Grant {
    /// The name of the folder inside.
    fn guest(&self, names: Names) -> Result<String, Usage> {
        match (&self.guest, names) {
            (Some(guest), Names::AsGiven) => Ok(guest.clone()),
            (Some(guest), Names::Absolute) if guest.starts_with('/') => Ok(normalized(guest)),
            (Some(guest), Names::Absolute) => {
                Err(Usage(format!("{}: the name inside the sandbox must be absolute: {guest}", self.text)))
            }
            (None, Names::AsGiven) => utf8(&self.host, &self.text),
            (None, Names::Absolute) => utf8(&absolute(&self.host, &self.text)?, &self.text),
        }
    }
}

/// The absolute name of a folder of the host, without `.` and `..`.
pub fn absolute(path: &Path, what: &str) -> Result<PathBuf, Usage> {
    let failed = |error: std::io::Error| Usage(format!("{what}: {error}"));
    // Only the host knows where `..` leads when there are links; without it the name stays as typed.
    if path.components().any(|part| part == std::path::Component::ParentDir) {
        return path.canonicalize().map_err(failed);
    }
    let path = std::path::absolute(path).map_err(failed)?;
    Ok(path.components().collect())
}

pub fn utf8(path: &Path, what: &str) -> Result<String, Usage> {
    let text = path
        .to_str()
        .ok_or_else(|| Usage(format!("{what}: the folder's name is not UTF-8; give it one by ::")));
    text.map(str::to_owned)
}

fn text(value: &OsStr) -> Result<&str, String> {
    value.to_str().ok_or_else(|| "it is not UTF-8".into())
}

/// A number that `fits`, described by `what`.
fn number<N: std::str::FromStr>(value: &OsStr, what: &str, fits: impl Fn(&N) -> bool) -> Result<N, String> {
    let parsed = text(value)?.parse().ok().filter(fits);
    parsed.ok_or_else(|| format!("it must be {what}"))
}

/// A whole number of units, in bytes.
fn scaled(value: &OsStr, unit: u64) -> Result<u64, String> {
    let count: u64 = number(value, "a whole number above 0", |n| *n > 0)?;
    count.checked_mul(unit).ok_or_else(|| "that is more than can be counted".into())
}

/// How many letters must be changed, added or left out to make one word of the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], line + 1);
        for (column, &candidate) in other.iter().enumerate() {
            let changed = diagonal + usize::from(letter != candidate);
            diagonal = row[column + 1];
            row[column + 1] = changed.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> (Result<Options, String>, Vec<String>) {
        let mut args = words.iter().map(OsString::from).peekable();
        let options = take(&mut args, &ARGV0).map_err(|usage| usage.to_string());
        (options, args.map(|word| word.into_string().unwrap()).collect())
    }

    #[test]
    fn everything_from_the_first_other_word_on_stays_untouched() {
        let (options, rest) = read(&["--timeout", "2.5", "--seed=7", "-c", "--seed", "--timeout=x"]);
        let options = options.unwrap();
        assert_eq!(options.limits, Limits::attended().timeout(Duration::from_millis(2500)));
        assert_eq!(options.seed, Some(7));
        assert_eq!(rest, ["-c", "--seed", "--timeout=x"]);
    }

    #[test]
    fn grants_keep_the_order_of_the_command_line() {
        let (options, _) = read(&["--ro-dir", "/a::/x", "--dir=/b", "--overlay-dir", "/c::."]);
        let options = options.unwrap();
        let grants: Vec<_> = options
            .grants
            .iter()
            .map(|grant| (grant.host.to_str().unwrap(), grant.guest.as_deref(), grant.access))
            .collect();
        let expected = [
            ("/a", Some("/x"), Access::ReadOnly),
            ("/b", None, Access::ReadWrite),
            ("/c", Some("."), Access::Overlay),
        ];
        assert_eq!(grants, expected);
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
            (&["--seed", "-1"], "--seed -1: it must be a whole number below 2 to the 64"),
            (&["--dir", "::/x"], "--dir ::/x: the name of the host's folder is empty"),
            (&["--dir", "/x::"], "--dir /x::: the name inside the sandbox is empty"),
            (&["--env", "=x"], "--env =x: the name of the variable is empty"),
            (&["--trace=1"], "--trace takes no value"),
            (&["--fuel"], "--fuel needs a value: N"),
        ];
        for (words, message) in wrong {
            assert_eq!(read(words).0, Err(message.to_owned()));
        }
    }

    #[test]
    fn a_value_may_hold_anything_after_the_first_equals_sign() {
        let (options, _) = read(&["--env", "A=b=c\nd", "--env=E="]);
        let expected = [(b"A".to_vec(), b"b=c\nd".to_vec()), (b"E".to_vec(), b"".to_vec())];
        assert_eq!(options.unwrap().env, expected);
    }

    #[test]
    fn python_wants_absolute_names_and_other_modules_take_any() {
        let grant = |words: &[&str], names| read(words).0.unwrap().grants[0].guest(names);
        assert_eq!(grant(&["--dir", "/tmp::."], Names::AsGiven).unwrap(), ".");
        assert_eq!(grant(&["--dir", "sub/x"], Names::AsGiven).unwrap(), "sub/x");
        assert_eq!(grant(&["--dir", "/tmp/./x/"], Names::Absolute).unwrap(), "/tmp/x");
        assert_eq!(grant(&["--dir", "/tmp::/a/b/"], Names::Absolute).unwrap(), "/a/b");
        assert_eq!(
            grant(&["--dir", "/tmp::data"], Names::Absolute).unwrap_err().to_string(),
            "--dir /tmp::data: the name inside the sandbox must be absolute: data"
        );
    }

    #[test]
    fn a_misspelt_option_has_a_nearest_one() {
        assert_eq!(nearest("--timout=3"), Some("--timeout"));
        assert_eq!(nearest("--readonly-dir"), None);
    }
}
