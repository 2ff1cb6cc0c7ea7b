//! What the client is told: text for a model, pictures, and numbers for programs.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use python_wasm::{Error, Limits, Stats};
use rmcp::model::{CallToolResult, ContentBlock, MetaObject, Resource, ResourceContents};
use serde_json::{Value, json};

use crate::files::{self, MAX_PICTURE};
use crate::session::{Picture, Ran};

/// The most characters of output, or of a file, that one answer shows.
const SHOWN: usize = 30_000;

/// How many pictures of one call are shown, and their bytes. The others are linked.
const PICTURES: usize = 4;
const PICTURE_BYTES: usize = 1 << 20;

/// The key of what programs read.
const DETAILS: &str = "python-wasm";

/// Tells what code did.
pub(crate) fn ran(session: &str, ran: &Ran, limits: &Limits) -> CallToolResult {
    let Ran { printed, value, error, stats, pictures, went_back } = ran;
    let mut text = cut(&printed.both);
    if let Some(value) = value {
        line(&mut text, value);
    }
    if let Some(error) = error {
        line(&mut text, &described(error, limits));
    }
    if *went_back {
        line(&mut text, "The session could not go on and is back in the state before this call.");
    }
    if text.is_empty() {
        text.push_str("(no output)");
    }
    let mut content = vec![ContentBlock::text(text)];
    content.extend(shown(session, pictures));
    let mut result =
        if error.is_some() { CallToolResult::error(content) } else { CallToolResult::success(content) };
    let names: Vec<String> = pictures.iter().map(|picture| files::uri(session, &picture.path)).collect();
    let Stats { wall, fuel, peak_memory, .. } = stats;
    let details = json!({
        "session": session,
        "stdout": cut(&printed.stdout),
        "stderr": cut(&printed.stderr),
        "value": value,
        "error": error.as_ref().map(kind),
        "wentBack": went_back,
        "pictures": names,
        "seconds": wall.as_secs_f64(),
        "fuel": fuel,
        "peakMemory": peak_memory,
    });
    let mut meta = MetaObject::default();
    meta.insert(DETAILS.into(), details);
    result.meta = Some(meta);
    result
}

/// Shows some pictures, and links all.
fn shown(session: &str, pictures: &[Picture]) -> Vec<ContentBlock> {
    let mut content = Vec::new();
    let small = |picture: &&Picture| picture.bytes.len() <= PICTURE_BYTES;
    for picture in pictures.iter().filter(small).take(PICTURES) {
        // Models are shown pixels; a drawing by lines is linked.
        let of_pixels = |kind: &&str| *kind != "image/svg+xml";
        if let Some(kind) = files::picture(&picture.path).filter(of_pixels) {
            content.push(ContentBlock::image(STANDARD.encode(&picture.bytes), kind));
        }
    }
    let links = pictures.iter().map(|picture| resource(session, &picture.path, picture.bytes.len() as u64));
    content.extend(links.map(ContentBlock::resource_link));
    content
}

/// Describes a picture as a resource.
pub(crate) fn resource(session: &str, path: &str, size: u64) -> Resource {
    let kind = files::picture(path).unwrap_or("application/octet-stream");
    let described = format!("{path} of the session {session}");
    Resource::new(files::uri(session, path), path)
        .with_description(described)
        .with_mime_type(kind)
        .with_size(size)
}

/// Returns the contents of a file as those of a resource.
pub(crate) fn contents(uri: &str, path: &str, bytes: Vec<u8>) -> ResourceContents {
    match (files::picture(path), String::from_utf8(bytes)) {
        (Some(kind @ "image/svg+xml"), Ok(text)) => ResourceContents::text(text, uri).with_mime_type(kind),
        (Some(kind), Ok(text)) => ResourceContents::blob(STANDARD.encode(text), uri).with_mime_type(kind),
        (Some(kind), Err(error)) => {
            ResourceContents::blob(STANDARD.encode(error.as_bytes()), uri).with_mime_type(kind)
        }
        (None, Ok(text)) => ResourceContents::text(text, uri),
        (None, Err(error)) => ResourceContents::blob(STANDARD.encode(error.as_bytes()), uri)
            .with_mime_type("application/octet-stream"),
    }
}

/// Shows a file.
pub(crate) fn file(session: &str, path: &str, bytes: Vec<u8>) -> CallToolResult {
    if bytes.len() as u64 > MAX_PICTURE {
        let (size, most) = (bytes.len(), MAX_PICTURE >> 20);
        return refused(format!(
            "{path} has {size} bytes, and {most} MiB can be read at once; read parts in Python"
        ));
    }
    let of_pixels = files::picture(path).filter(|kind| *kind != "image/svg+xml");
    let content = match of_pixels {
        Some(kind) => ContentBlock::image(STANDARD.encode(&bytes), kind),
        None => match String::from_utf8(bytes) {
            Ok(text) => ContentBlock::text(cut(&text)),
            Err(error) => {
                let uri = files::uri(session, files::relative(path));
                ContentBlock::resource(contents(&uri, path, error.into_bytes()))
            }
        },
    };
    CallToolResult::success(vec![content])
}

/// Tells a model why something was not done.
pub(crate) fn refused(message: impl Into<String>) -> CallToolResult {
    CallToolResult::error(vec![ContentBlock::text(message)])
}

/// Tells a model what was done.
pub(crate) fn done(message: impl Into<String>) -> CallToolResult {
    CallToolResult::success(vec![ContentBlock::text(message)])
}

/// Tells programs and models the same.
pub(crate) fn structured(value: Value) -> CallToolResult {
    CallToolResult::structured(value)
}

/// An error in words: for a limit, which one it was.
fn described(error: &Error, limits: &Limits) -> String {
    match error {
        Error::Exception { traceback, .. } => cut(traceback.trim_end()),
        Error::Timeout => format!("Stopped: out of time. A call has {} s.", limits.timeout.as_secs_f64()),
        Error::OutOfMemory => {
            format!("MemoryError: the session has {} MiB of memory.", limits.memory >> 20)
        }
        Error::OutputLimit => {
            format!("Stopped: a call may print {} KiB. Write to a file instead.", limits.output >> 10)
        }
        Error::DiskLimit => {
            format!("Stopped: no room. The files of the session have {} MiB.", limits.disk >> 20)
        }
        Error::Exit(status) => format!("The program exited with status {status}."),
        Error::Trap(_) => format!("Stopped: {error}. Perhaps a recursion was too deep."),
        error => format!("Stopped: {error}."),
    }
}

/// An error for programs.
fn kind(error: &Error) -> Value {
    match error {
        Error::Exception { type_name, message, .. } => json!({"type": type_name, "message": cut(message)}),
        error => {
            let kind = match error {
                Error::Timeout => "Timeout",
                Error::OutOfFuel => "OutOfFuel",
                Error::OutOfMemory => "OutOfMemory",
                Error::OutputLimit => "OutputLimit",
                Error::DiskLimit => "DiskLimit",
                Error::Exit(_) => "Exit",
                Error::Interrupted => "Interrupted",
                Error::Trap(_) => "Trap",
                _ => "Error",
            };
            json!({"type": kind, "message": error.to_string()})
        }
    }
}

/// Adds a line, on a line of its own.
fn line(text: &mut String, more: &str) {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str(more);
}

/// Leaves out the middle of a long text.
fn cut(text: &str) -> String {
    let count = text.chars().count();
    if count <= SHOWN {
        return text.to_owned();
    }
    let at = |number: usize| text.char_indices().nth(number).map_or(text.len(), |(at, _)| at);
    let (head, tail) = (at(SHOWN * 2 / 3), at(count - SHOWN / 3));
    let left_out = count - SHOWN * 2 / 3 - SHOWN / 3;
    format!("{}\n... {left_out} characters are left out ...\n{}", &text[..head], &text[tail..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_a_long_text_is_left_out() {
        assert_eq!(cut("short"), "short");
        let text = format!("{}{}", "\u{e9}".repeat(SHOWN), "z".repeat(SHOWN));
        let cut = cut(&text);
        assert!(cut.starts_with("\u{e9}\u{e9}") && cut.ends_with("zz"), "{cut}");
        assert!(cut.contains("\n... 30000 characters are left out ...\n"));
    }

    #[test]
    fn a_file_is_text_or_bytes() {
        let text = contents("u", "a.txt", b"hi".to_vec());
        assert!(matches!(text, ResourceContents::TextResourceContents { text, .. } if text == "hi"));
        for (path, bytes, kind) in [
            ("a.png", &b"\x89PNG"[..], "image/png"),
            ("b.png", b"x", "image/png"),
            ("c", b"\xff", "application/octet-stream"),
        ] {
            let found = contents("u", path, bytes.to_vec());
            let ResourceContents::BlobResourceContents { mime_type, blob, .. } = found else {
                panic!("{found:?}")
            };
            assert_eq!(
                (mime_type.as_deref(), STANDARD.decode(blob).unwrap().as_slice()),
                (Some(kind), bytes)
            );
        }
    }
}
