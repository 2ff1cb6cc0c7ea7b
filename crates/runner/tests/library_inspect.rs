//! What a saved snapshot is for, told without loading it.

use std::fs;
use std::io::{self, Read};

use python_wasm::{Error, Misfit, Mount, Python, PythonBuilder, Snapshot, SnapshotInfo};

/// Where the identity begins: after a name and a version.
const IDENTITY: usize = 24;

fn saved(builder: PythonBuilder) -> Vec<u8> {
    let mut py = builder.build().unwrap();
    py.exec("x = 1").unwrap();
    py.snapshot().unwrap().to_bytes().unwrap()
}

fn inspected(bytes: &[u8]) -> SnapshotInfo {
    Snapshot::inspect_from(bytes).unwrap()
}

#[test]
fn a_file_says_what_it_needs() {
    let folder = tempfile::tempdir().unwrap();
    let data = Mount::overlay(folder.path()).unwrap();
    let bytes = saved(Python::builder().mount("/data", data).mount("/work", Mount::memory()));
    let path = folder.path().join("s.snap");
    fs::write(&path, &bytes).unwrap();
    let info = Snapshot::inspect(&path).unwrap();
    assert_eq!(info, inspected(&bytes));
    assert_eq!((info.misfit, info.format, info.size), (None, 2, bytes.len() as u64));
    assert_eq!(info.folders, ["/data"]);
    assert_eq!(info.identity[..], bytes[IDENTITY..IDENTITY + 32]);
    let made_by = info.made_by.unwrap();
    assert!(made_by.starts_with("python-wasm 0.") && made_by.contains(", CPython 3."), "{made_by}");
    let memory = info.memory.unwrap();
    assert!(memory > 1 << 20 && memory.is_multiple_of(1 << 16), "{memory}");
}

#[test]
fn a_file_that_does_not_fit_says_why() {
    let good = saved(Python::builder());
    let changed = |at: usize| {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        bytes
    };
    let why = |bytes: &[u8]| inspected(bytes).misfit;
    assert_eq!(why(&good), None);
    assert_eq!(why(&changed(20)), Some(Misfit::Format(3)));
    assert_eq!(why(&changed(good.len() - 1)), Some(Misfit::Damaged));
    for length in [20, 22, 40, 80, good.len() - 1] {
        assert_eq!(why(&good[..length]), Some(Misfit::Damaged), "{length}");
    }
    let Some(misfit @ Misfit::Python { .. }) = why(&changed(IDENTITY)) else { panic!() };
    // Loading refuses it in the same words.
    let Err(Error::Snapshot { message, .. }) = Snapshot::from_bytes(&changed(IDENTITY)) else { panic!() };
    assert_eq!(message, misfit.to_string());
    let expected = "the snapshot was made by another build of python-wasm (python-wasm 0.";
    assert!(message.starts_with(expected) && message.contains("), and this is python-wasm 0."), "{message}");
}

#[test]
fn what_is_not_a_snapshot_is_refused() {
    for bytes in [&b""[..], b"python-wasm", b"some text that is long enough to be one"] {
        let Err(Error::Snapshot { message, .. }) = Snapshot::inspect_from(bytes) else { panic!() };
        assert_eq!(message, "this is not a snapshot of python-wasm");
    }
    assert!(matches!(Snapshot::inspect("/no/such/file"), Err(Error::Io(_))));
}

/// A reader that gives a byte at a time, and is interrupted before each.
struct Slow<'a>(&'a [u8], bool);

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.1 = !self.1;
        if self.1 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let length = buffer.len().min(1);
        self.0.read(&mut buffer[..length])
    }
}

#[test]
fn a_reader_may_be_slow() {
    let bytes = saved(Python::builder());
    assert_eq!(Snapshot::inspect_from(Slow(&bytes, false)).unwrap(), inspected(&bytes));
}

#[test]
fn a_description_of_somebody_else_cannot_write_to_a_terminal() {
    let mut bytes = saved(Python::builder());
    bytes[IDENTITY] ^= 1;
    let at = bytes.windows(12).rposition(|window| window == b"python-wasm ").unwrap();
    bytes[at..at + 4].copy_from_slice(b"\x1b[2J");
    let made_by = inspected(&bytes).made_by.unwrap();
    assert!(made_by.starts_with("[2Jon-wasm "), "{made_by:?}");
}

/// The npm package writes files without a description.
#[test]
fn a_file_without_a_description_fits_all_the_same() {
    let bytes = saved(Python::builder());
    let (head, body) = bytes.split_at(IDENTITY + 64);
    // A skippable frame: four bytes, a length, the text, and the length of the text.
    let text = u32::from_le_bytes(*body.last_chunk().unwrap()) as usize;
    let body = &body[..body.len() - text - 12];
    let sum = <sha2::Sha256 as sha2::Digest>::digest(body);
    let bytes = [&head[..IDENTITY + 32], &sum[..], body].concat();
    let info = inspected(&bytes);
    assert_eq!((info.misfit, info.made_by, info.memory), (None, None, None));
    assert_eq!(Snapshot::from_bytes(&bytes).unwrap().spawn().unwrap().eval::<i64>("x").unwrap(), 1);
}
