//! Response files: `@file` on a command line stands for the words in that file.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Write as _;
use std::mem;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::PathBuf;

use crate::Failure;

/// How deep one such file may name another.
const DEEPEST: u32 = 20;

/// Puts the words of files in the place of their names. A word that names no file stays, as it does for gcc.
pub(crate) fn expand(words: Vec<OsString>) -> Result<Vec<OsString>, Failure> {
    let mut expanded = Vec::with_capacity(words.len());
    put(words, 0, &mut expanded)?;
    Ok(expanded)
}

fn put(words: Vec<OsString>, depth: u32, expanded: &mut Vec<OsString>) -> Result<(), Failure> {
    for word in words {
        let path = word.as_bytes().strip_prefix(b"@").map(|path| PathBuf::from(OsStr::from_bytes(path)));
        let Some(path) = path.filter(|path| path.is_file()) else {
            expanded.push(word);
            continue;
        };
        if depth == DEEPEST {
            return Err(format!("error: {}: more than {DEEPEST} files name each other", word.display()));
        }
        let text = fs::read(&path).map_err(|error| format!("error: {}: {error}", word.display()))?;
        put(words_of(&text), depth + 1, expanded)?;
    }
    Ok(())
}

/// Splits text at white space. Quotes of both kinds keep it, and a backslash keeps the byte behind it, as in
/// libiberty's `buildargv`.
fn words_of(text: &[u8]) -> Vec<OsString> {
    let (mut words, mut word, mut is_word, mut quote) = (Vec::new(), Vec::new(), false, None);
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        if byte == b'\\' {
            word.extend(bytes.next());
            is_word = true;
        } else if quote == Some(byte) {
            quote = None;
        } else if quote.is_some() {
            word.push(byte);
        } else if byte == b'"' || byte == b'\'' {
            quote = Some(byte);
            is_word = true;
        } else if !byte.is_ascii_whitespace() {
            word.push(byte);
            is_word = true;
        } else if mem::take(&mut is_word) {
            words.push(OsString::from_vec(mem::take(&mut word)));
        }
    }
    if is_word {
        words.push(OsString::from_vec(word));
    }
    words
}

/// The bytes of arguments that every system takes beside an environment.
const SHORT: usize = 64 << 10;

/// Returns the words, or one word that names a file of them if they are many. The file is left in the folder
/// for temporary files if the command that reads it takes the place of this process.
pub(crate) fn shortened(words: &[OsString]) -> Result<Vec<OsString>, Failure> {
    if words.iter().map(|word| word.len() + 1).sum::<usize>() < SHORT {
        return Ok(words.to_vec());
    }
    let failed = |error| format!("error: cannot write a response file: {error}");
    let mut file = tempfile::Builder::new().prefix("zcc-").suffix(".rsp").tempfile().map_err(failed)?;
    let mut text = Vec::new();
    for word in words {
        text.push(b'"');
        for &byte in word.as_bytes() {
            if matches!(byte, b'"' | b'\\') {
                text.push(b'\\');
            }
            text.push(byte);
        }
        text.extend(b"\"\n");
    }
    file.write_all(&text).map_err(failed)?;
    let (_, path) = file.keep().map_err(|error| failed(error.error))?;
    let mut word = OsString::from("@");
    word.push(path);
    Ok(vec![word])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_backslashes_keep_white_space() {
        let text = b"-c \"sp ace.c\"\n-o sp\\ ace.o '' -DX='\"a b\"'\t-I \\\\x";
        let expected = ["-c", "sp ace.c", "-o", "sp ace.o", "", "-DX=\"a b\"", "-I", "\\x"];
        assert_eq!(words_of(text), expected);
    }

    #[test]
    fn a_file_that_names_itself_is_refused_and_a_missing_one_is_a_word() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("loop");
        let mut word = OsString::from("@");
        word.push(&path);
        assert_eq!(expand(vec![word.clone()]).unwrap(), [word.clone()]);
        fs::write(&path, word.as_bytes()).unwrap();
        assert!(expand(vec![word]).unwrap_err().contains("name each other"));
    }

    #[test]
    fn many_words_survive_their_way_through_a_file() {
        let words: Vec<OsString> = (0..9000).map(|n| format!("a\\b \"{n}\"").into()).collect();
        let short = shortened(&words).unwrap();
        assert_eq!(short.len(), 1);
        assert_eq!(expand(short.clone()).unwrap(), words);
        fs::remove_file(OsStr::from_bytes(&short[0].as_bytes()[1..])).unwrap();
    }
}
