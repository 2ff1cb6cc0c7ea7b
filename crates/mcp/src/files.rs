//! The files of a session: what there is, which of them are pictures, and their names as resources.

use std::fmt::Write as _;

use python_wasm::{EntryKind, Files};

use crate::options::WORK;

/// The scheme of the resources: `python-wasm://SESSION/PATH`.
const SCHEME: &str = "python-wasm://";

/// How many files are looked at, and how deep their folders are.
const MOST: usize = 10_000;
const DEPTH: usize = 16;

/// The most bytes of a picture that is shown.
pub(crate) const MAX_PICTURE: u64 = 8 << 20;

/// A file below a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Below the folder.
    pub(crate) path: String,
    pub(crate) size: u64,
}

/// Finds the files below a folder, without those that a program hides so well that it takes too long.
pub(crate) fn below(files: &Files<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    let mut folders = vec![(String::new(), 0)];
    let mut seen = 0;
    while let Some((folder, depth)) = folders.pop() {
        // A folder that cannot be listed has no files to show.
        let entries = files.list(if folder.is_empty() { "." } else { &folder }).unwrap_or_default();
        for entry in entries {
            seen += 1;
            if seen > MOST {
                return found;
            }
            let path = if folder.is_empty() { entry.name } else { format!("{folder}/{}", entry.name) };
            match entry.kind {
                EntryKind::File => found.push(Found { path, size: entry.size }),
                EntryKind::Folder if depth < DEPTH => folders.push((path, depth + 1)),
                _ => {}
            }
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

/// Returns the type of a picture, by the end of its name.
pub(crate) fn picture(path: &str) -> Option<&'static str> {
    let (_, end) = path.rsplit_once('.')?;
    Some(match end.to_ascii_lowercase().as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "svg" => "image/svg+xml",
        "webp" => "image/webp",
        "bmp" => "image/bmp",
        _ => return None,
    })
}

/// Returns the path below the session's folder, which may be given as the program sees it.
pub(crate) fn relative(path: &str) -> &str {
    let path = path.strip_prefix(WORK).map_or(path, |rest| rest.strip_prefix('/').unwrap_or(rest));
    if path.is_empty() { "." } else { path }
}

/// Returns the name of a session's file as a resource.
pub(crate) fn uri(session: &str, path: &str) -> String {
    let mut uri = format!("{SCHEME}{session}/");
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(byte.into());
            }
            byte => {
                let _infallible = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}

/// Returns the session and the path that a resource's name stands for; `None` if it stands for none.
pub(crate) fn from_uri(uri: &str) -> Option<(String, String)> {
    let (session, path) = uri.strip_prefix(SCHEME)?.split_once('/')?;
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let mut digit = || rest.next().and_then(|digit| char::from(digit).to_digit(16));
                u8::try_from(digit()? * 16 + digit()?).ok()?
            }
            byte => byte,
        });
    }
    Some((session.to_owned(), String::from_utf8(bytes).ok()?))
}

/// The pattern of all resources.
pub(crate) const TEMPLATE: &str = "python-wasm://{session}/{+path}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_has_a_uri_that_leads_back() {
        for path in ["plot.png", "a/b c.png", "100%.txt", "\u{e9}?#&.svg", "%41"] {
            let uri = uri("main", path);
            assert!(uri.is_ascii() && !uri.contains([' ', '?', '#']), "{uri}");
            assert_eq!(from_uri(&uri), Some(("main".into(), path.into())));
        }
        for wrong in [
            "file:///x",
            "python-wasm://main",
            "python-wasm://main/%4",
            "python-wasm://m/%zz",
            "python-wasm://m/%ff",
        ] {
            assert_eq!(from_uri(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_path_is_below_the_folder_or_as_the_program_sees_it() {
        for (path, below) in
            [("a.txt", "a.txt"), ("/work/a/b", "a/b"), ("/work", "."), ("", "."), ("/etc", "/etc")]
        {
            assert_eq!(relative(path), below);
        }
    }

    #[test]
    fn pictures_are_known_by_their_names() {
        assert_eq!(picture("a/b.PNG"), Some("image/png"));
        assert_eq!(picture("x.jpeg"), Some("image/jpeg"));
        assert_eq!(picture("png"), None);
        assert_eq!(picture("x.txt"), None);
    }
}
