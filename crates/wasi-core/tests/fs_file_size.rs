//! The host's own limit on the size of files, which sends a signal to who goes past it.

use std::fs;
use std::io::IoSlice;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use wasi_core::Errno;
use wasi_core::fs::stdio::HostStream;
use wasi_core::fs::{Dir, File, HostDir, Node, OpenOptions, Quota, RelativePath};
use wasi_core::types::{FdFlags, OFlags};

/// Far past what the output of this test may take, if that goes to a file. The files here are holes.
const LIMIT: u64 = 1 << 30;

/// Lowers the limit of this process, for all tests in this file.
fn granted(quota: Quota) -> (tempfile::TempDir, HostDir) {
    let Rlimit { maximum, .. } = getrlimit(Resource::Fsize);
    setrlimit(Resource::Fsize, Rlimit { current: Some(LIMIT), maximum }).unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let dir = HostDir::open_ambient(scratch.path(), quota).unwrap();
    (scratch, dir)
}

fn open(dir: &HostDir, oflags: OFlags, fdflags: FdFlags) -> Box<dyn File> {
    let options = OpenOptions { follow: true, oflags, read: true, write: true, fdflags };
    match dir.open(RelativePath::parse(b"a").unwrap(), options).unwrap() {
        Node::File(file) => file,
        Node::Dir(_) => panic!("a is a directory"),
    }
}

fn hello() -> [IoSlice<'static>; 1] {
    [IoSlice::new(b"hello")]
}

#[test]
fn a_write_past_the_limit_of_the_host_is_fbig_and_no_signal() {
    for quota in [Quota::unlimited(), Quota::new(1 << 40, 10)] {
        let (_scratch, dir) = granted(quota.clone());
        let mut file = open(&dir, OFlags::CREAT, FdFlags::empty());
        assert_eq!(file.write_at(&hello(), LIMIT), Err(Errno::Fbig));
        assert_eq!(file.write_at(&hello(), LIMIT + 1000), Err(Errno::Fbig));
        assert_eq!(file.set_size(LIMIT + 1), Err(Errno::Fbig));
        assert_eq!(quota.used().0, 0);
        assert_eq!(file.write_at(&hello(), LIMIT - 2), Ok(2), "cut at the limit");
        assert_eq!(file.filestat().unwrap().size, LIMIT);
        let mut appending = open(&dir, OFlags::empty(), FdFlags::APPEND);
        assert_eq!(appending.write(&hello()), Err(Errno::Fbig));
        assert_eq!(appending.write(&[]), Ok(0));
        assert_eq!(appending.write_at(&hello(), 0), Err(Errno::Fbig));
        file.set_size(LIMIT).unwrap();
        file.set_size(3).unwrap();
        assert_eq!(appending.write(&hello()), Ok(5));
    }
}

#[test]
fn a_larger_file_may_be_cut_and_its_beginning_written() {
    let (scratch, dir) = granted(Quota::unlimited());
    let path = scratch.path().join("a");
    // Another process has no such limit.
    let made = std::process::Command::new("sh")
        .args(["-c", "ulimit -f unlimited; truncate -s 2G \"$0\""])
        .arg(&path)
        .status();
    assert!(made.unwrap().success());
    let mut file = open(&dir, OFlags::empty(), FdFlags::empty());
    assert_eq!(file.write_at(&hello(), 0), Ok(5));
    assert_eq!(file.write_at(&hello(), LIMIT), Err(Errno::Fbig));
    file.set_size(2 * LIMIT - 1).unwrap();
    assert_eq!(file.set_size(2 * LIMIT), Err(Errno::Fbig));
}

#[test]
fn output_that_goes_to_a_file_is_fbig_past_the_limit_of_the_host() {
    let (scratch, _dir) = granted(Quota::unlimited());
    let path = scratch.path().join("output");
    fs::File::create(&path).unwrap().set_len(LIMIT).unwrap();
    let output = fs::File::options().append(true).open(&path).unwrap();
    assert_eq!(HostStream::inherit(&output).unwrap().write(&hello()), Err(Errno::Fbig));
    let output = fs::File::options().write(true).open(&path).unwrap();
    assert_eq!(HostStream::inherit(&output).unwrap().write(&hello()), Ok(5));
    std::io::Seek::seek(&mut &output, std::io::SeekFrom::End(0)).unwrap();
    assert_eq!(HostStream::inherit(&output).unwrap().write(&hello()), Err(Errno::Fbig));
}
