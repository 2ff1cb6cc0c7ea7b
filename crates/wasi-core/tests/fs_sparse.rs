//! Files that have holes before the guest comes: they are no way around the quota.

use std::fs;
use std::io::IoSlice;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use wasi_core::Errno;
use wasi_core::fs::{Dir, File, HostDir, Node, OpenOptions, Overlay, Quota, RelativePath, TimeSource};
use wasi_core::types::{FdFlags, OFlags};

const LIMIT: u64 = 1 << 20;
const SPARSE: u64 = 64 << 20;
static CHUNK: [u8; 64 << 10] = [b'x'; 64 << 10];

/// A granted folder of the host, with a quota of [`LIMIT`] bytes.
struct Granted {
    scratch: tempfile::TempDir,
    dir: HostDir,
    quota: Quota,
}

impl Granted {
    fn new() -> Self {
        let (scratch, quota) = (tempfile::tempdir().unwrap(), Quota::new(LIMIT, 1000));
        let dir = HostDir::open_ambient(scratch.path(), quota.clone()).unwrap();
        Self { scratch, dir, quota }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.scratch.path().join(name)
    }

    /// Makes a file of [`SPARSE`] bytes as the host's user. It takes up nothing on the disk.
    fn sparse(&self, name: &str) {
        fs::File::create(self.path(name)).unwrap().set_len(SPARSE).unwrap();
        assert_eq!(self.on_disk(name), 0, "this test needs a file system with holes");
    }

    fn on_disk(&self, name: &str) -> u64 {
        fs::metadata(self.path(name)).unwrap().blocks() * 512
    }

    fn open(&self, name: &str, oflags: OFlags) -> Box<dyn File> {
        open(&self.dir, name, oflags)
    }
}

fn path(name: &str) -> RelativePath<'_> {
    RelativePath::parse(name.as_bytes()).unwrap()
}

fn open(dir: &dyn Dir, name: &str, oflags: OFlags) -> Box<dyn File> {
    let options = OpenOptions { follow: true, oflags, read: true, write: true, fdflags: FdFlags::empty() };
    match dir.open(path(name), options).unwrap() {
        Node::File(file) => file,
        Node::Dir(_) => panic!("{name} is a directory"),
    }
}

/// Writes chunks from `start` on until there is no room. Returns the bytes written.
fn fill(file: &mut dyn File, start: u64) -> u64 {
    let mut written = 0;
    while written < SPARSE {
        match file.write_at(&[IoSlice::new(&CHUNK)], start + written) {
            Ok(count) => written += count as u64,
            Err(error) => {
                assert_eq!(error, Errno::Nospc);
                break;
            }
        }
    }
    written
}

#[test]
fn cutting_removing_and_replacing_what_was_there_before_earns_nothing() {
    let granted = Granted::new();
    for name in ["cut", "truncated", "removed", "replaced", "open"] {
        granted.sparse(name);
    }
    std::os::unix::fs::symlink("x".repeat(4000), granted.path("link")).unwrap();
    assert_eq!(fill(&mut *granted.open("own", OFlags::CREAT), 0), LIMIT);
    granted.open("cut", OFlags::empty()).set_size(1).unwrap();
    granted.open("truncated", OFlags::TRUNC);
    granted.dir.unlink(path("removed")).unwrap();
    granted.dir.rename(path("truncated"), &granted.dir, path("replaced")).unwrap();
    granted.dir.unlink(path("link")).unwrap();
    let file = granted.open("open", OFlags::empty());
    granted.dir.unlink(path("open")).unwrap();
    drop(file);
    assert_eq!(granted.quota.used().0, LIMIT);
    assert_eq!(fill(&mut *granted.open("more", OFlags::CREAT), 0), 0);
    granted.dir.unlink(path("own")).unwrap();
    assert_eq!(granted.quota.used().0, 0);
}

#[test]
fn filling_a_hole_of_before_is_charged() {
    let granted = Granted::new();
    granted.sparse("sparse");
    let written = fill(&mut *granted.open("sparse", OFlags::empty()), 0);
    assert!((LIMIT / 2..=LIMIT).contains(&written), "{written}");
    assert!(granted.on_disk("sparse") <= LIMIT);
    assert_eq!(granted.quota.used().0, granted.on_disk("sparse"));
    // Nor does opening it anew make room.
    let again = fill(&mut *granted.open("sparse", OFlags::empty()), SPARSE / 2);
    assert!(granted.on_disk("sparse") <= LIMIT, "{again} more");
}

#[test]
fn single_bytes_in_a_hole_are_charged_by_the_block() {
    let granted = Granted::new();
    granted.sparse("sparse");
    let mut file = granted.open("sparse", OFlags::empty());
    let written = (0..).take_while(|block| file.write_at(&[IoSlice::new(b"x")], block * 4096).is_ok());
    assert!(written.take(10_000).count() < 10_000);
    assert!(granted.on_disk("sparse") <= LIMIT, "{} on the disk", granted.on_disk("sparse"));
}

#[test]
fn a_hole_that_was_filled_is_not_refunded_by_cutting_another_one() {
    let granted = Granted::new();
    granted.sparse("sparse");
    let mut file = granted.open("sparse", OFlags::empty());
    let mut total = 0;
    for round in 1..100 {
        total += fill(&mut *file, total);
        file.set_size(SPARSE - round * LIMIT / 4).unwrap();
    }
    assert!(granted.on_disk("sparse") <= LIMIT, "{} on the disk", granted.on_disk("sparse"));
}

#[test]
fn a_file_of_before_may_be_overwritten_and_the_guests_own_holes_are_paid_once() {
    let granted = Granted::new();
    fs::write(granted.path("full"), vec![b'x'; 4 << 20]).unwrap();
    let mut full = granted.open("full", OFlags::empty());
    assert_eq!(full.write_at(&[IoSlice::new(&CHUNK)], 1 << 20), Ok(CHUNK.len()));
    assert_eq!(granted.quota.used().0, 0);
    // Grown by a hole, opened anew, and the hole filled.
    full.set_size((4 << 20) + LIMIT).unwrap();
    drop(full);
    assert_eq!(granted.quota.used().0, LIMIT);
    let mut full = granted.open("full", OFlags::empty());
    assert_eq!(full.write_at(&[IoSlice::new(&CHUNK)], 4 << 20), Ok(CHUNK.len()));
    assert_eq!(granted.quota.used().0, LIMIT);
    full.set_size(4 << 20).unwrap();
    assert_eq!(granted.quota.used().0, 0);
}

#[test]
fn an_overlay_pays_for_the_holes_that_it_copies() {
    let granted = Granted::new();
    granted.sparse("sparse");
    let lower = HostDir::open_ambient(granted.scratch.path(), Quota::new(0, 0)).unwrap();
    let quota = Quota::new(LIMIT, 1000);
    let overlay = Overlay::new(Box::new(lower), quota.clone(), TimeSource::system()).dir();
    let written = fill(&mut *open(&overlay, "own", OFlags::CREAT), 0);
    assert_eq!(written, LIMIT);
    overlay.unlink(path("sparse")).unwrap();
    assert_eq!(quota.used().0, LIMIT);
}
