//! The history file: one block per line, shared by all open terminals.
//!
//! Each block is appended under a lock when it is entered, so nothing is lost when a terminal is closed
//! or two of them write. When the file has grown to twice the limit, it is rewritten without
//! repetitions. A backslash is written `\\`, a newline `\n`, a carriage return `\r`.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

use crate::recall::LIMIT;

/// A larger block is not written to the file; its own session can still recall it.
const MAX_ENTRY_BYTES: usize = 64 * 1024;

/// Returns the default path: `$PYTHON_WASM_HISTORY`, or else `python-wasm/history` in `$XDG_DATA_HOME`
/// or `~/.local/share`. `None` if none of the variables is set.
pub(crate) fn default_path(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    set("PYTHON_WASM_HISTORY").or_else(|| {
        // A relative path must be ignored: https://specifications.freedesktop.org/basedir-spec/latest/
        let data = set("XDG_DATA_HOME").filter(|path| path.is_absolute());
        let data = data.or_else(|| set("HOME").map(|home| home.join(".local/share")))?;
        Some(data.join("python-wasm/history"))
    })
}

/// A history file.
pub(crate) struct HistoryFile {
    path: PathBuf,
    lines: usize,
}

impl HistoryFile {
    /// Opens the file at `path`, creating it and its folder if necessary. Returns its blocks, oldest first.
    pub(crate) fn open(path: PathBuf) -> io::Result<(Self, Vec<String>)> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let (_, text) = lock_and_read(&path)?;
        let lines = text.lines().count();
        Ok((Self { path, lines }, newest_of_each(&text)))
    }

    /// Adds `source` as the newest block.
    pub(crate) fn append(&mut self, source: &str) -> io::Result<()> {
        if source.len() > MAX_ENTRY_BYTES {
            return Ok(());
        }
        let mut file = if self.lines < 2 * LIMIT { lock(&self.path)? } else { self.compact()? };
        file.write_all(format!("{}\n", escape(source)).as_bytes())?;
        self.lines += 1;
        Ok(())
    }

    /// Rewrites the file without repetitions, keeping the newest of each block. Returns it locked.
    fn compact(&mut self) -> io::Result<File> {
        let (_old, text) = lock_and_read(&self.path)?;
        let entries = newest_of_each(&text);
        let temporary = self.path.with_extension(format!("new.{}", std::process::id()));
        let mut file = private().write(true).truncate(true).open(&temporary)?;
        flock(&file, FlockOperation::LockExclusive)?;
        let text: String = entries.iter().map(|entry| escape(entry) + "\n").collect();
        file.write_all(text.as_bytes())?;
        std::fs::rename(&temporary, &self.path)?;
        self.lines = entries.len();
        Ok(file)
    }
}

/// Returns the options to create a file that only its owner can read.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.create(true).mode(0o600);
    options
}

/// Opens the file at `path` for appending, locked against all other terminals until it is closed.
fn lock(path: &Path) -> io::Result<File> {
    loop {
        let file = private().read(true).append(true).open(path)?;
        flock(&file, FlockOperation::LockExclusive)?;
        // While this terminal waited for the lock, another may have replaced the file by a rewritten one.
        let same = std::fs::metadata(path).is_ok_and(|now| {
            file.metadata().is_ok_and(|ours| (now.dev(), now.ino()) == (ours.dev(), ours.ino()))
        });
        if same {
            return Ok(file);
        }
    }
}

fn lock_and_read(path: &Path) -> io::Result<(File, String)> {
    let mut file = lock(path)?;
    let mut bytes = Vec::new();
    // A device is not read: `/dev/null` keeps nothing, and others never end.
    if file.metadata()?.is_file() {
        file.read_to_end(&mut bytes)?;
    }
    Ok((file, String::from_utf8_lossy(&bytes).into_owned()))
}

/// Returns the last [`LIMIT`] different blocks of `text`, in the order of their last occurrence.
fn newest_of_each(text: &str) -> Vec<String> {
    let mut seen = HashSet::new();
    let newest = text.lines().rev().filter(|line| !line.is_empty() && seen.insert(*line));
    let mut entries: Vec<String> = newest.take(LIMIT).map(unescape).collect();
    entries.reverse();
    entries
}

fn escape(source: &str) -> String {
    source.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r")
}

fn unescape(line: &str) -> String {
    let mut source = String::with_capacity(line.len());
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match (c, if c == '\\' { chars.next() } else { None }) {
            ('\\', Some('n')) => source.push('\n'),
            ('\\', Some('r')) => source.push('\r'),
            ('\\', Some(other)) => source.push(other),
            (c, _) => source.push(c),
        }
    }
    source
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(folder: &tempfile::TempDir) -> (HistoryFile, Vec<String>) {
        HistoryFile::open(folder.path().join("data/history")).unwrap()
    }

    #[test]
    fn blocks_come_back_whole_and_once() {
        let folder = tempfile::tempdir().unwrap();
        let (mut file, entries) = open(&folder);
        assert!(entries.is_empty());
        for source in ["a = '\\n'", "if x:\n    y\r", "a = '\\n'"] {
            file.append(source).unwrap();
        }
        assert_eq!(open(&folder).1, ["if x:\n    y\r", "a = '\\n'"]);
    }

    #[test]
    fn two_terminals_lose_nothing() {
        let folder = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let mut file = open(&folder).0;
                // Each writer is about to rewrite the file while others append.
                file.lines = 2 * LIMIT - 25;
                scope.spawn(move || {
                    for number in 0..50 {
                        file.append(&format!("{writer}.{number}")).unwrap();
                    }
                });
            }
        });
        let entries = open(&folder).1;
        assert_eq!(entries.len(), 200);
        let leftovers = std::fs::read_dir(folder.path().join("data")).unwrap().count();
        assert_eq!(leftovers, 1, "only the history itself");
    }

    #[test]
    fn a_long_file_is_rewritten_without_repetitions() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history");
        std::fs::write(&path, "x\ny\n".repeat(LIMIT)).unwrap();
        let (mut file, entries) = HistoryFile::open(path.clone()).unwrap();
        assert_eq!(entries, ["x", "y"]);
        file.append("z").unwrap();
        assert_eq!(std::fs::read_to_string(path).unwrap(), "x\ny\nz\n");
    }

    #[test]
    fn only_its_owner_can_read_the_file() {
        let folder = tempfile::tempdir().unwrap();
        open(&folder);
        let mode = std::fs::metadata(folder.path().join("data/history")).unwrap().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn damaged_bytes_do_not_hide_the_other_blocks() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history");
        std::fs::write(&path, b"good\n\xff\xfe\nfine\\").unwrap();
        assert_eq!(HistoryFile::open(path).unwrap().1, ["good", "\u{fffd}\u{fffd}", "fine\\"]);
    }

    #[test]
    fn the_variables_are_read_in_order() {
        let path = |set: &'static [(&str, &str)]| {
            default_path(|name| set.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into()))
        };
        assert_eq!(path(&[("PYTHON_WASM_HISTORY", "/h"), ("XDG_DATA_HOME", "/d")]), Some("/h".into()));
        assert_eq!(path(&[("XDG_DATA_HOME", "/d"), ("HOME", "/u")]), Some("/d/python-wasm/history".into()));
        let home = Some("/u/.local/share/python-wasm/history".into());
        assert_eq!(path(&[("XDG_DATA_HOME", "relative"), ("HOME", "/u")]), home);
        assert_eq!(path(&[]), None);
    }
}
