//! What only directories of the host contain: FIFOs, devices, odd names and odd times.

use std::ffi::OsStr;
use std::fs;
use std::io::{IoSlice, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixListener;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{AtFlags, CWD, Timestamps, utimensat};
use wasi_core::Errno;
use wasi_core::fs::{
    Dir, File, HostDir, Node, OpenOptions, Overlay, Quota, ReadOnly, Readiness, RelativePath, TimeSource,
};
use wasi_core::types::{FdFlags, FileType, OFlags, Whence};

fn path(text: &str) -> RelativePath<'_> {
    RelativePath::parse(text.as_bytes()).unwrap()
}

fn with(read: bool, write: bool) -> OpenOptions {
    OpenOptions { follow: true, oflags: OFlags::empty(), read, write, fdflags: FdFlags::empty() }
}

fn open(dir: &dyn Dir, name: &str, options: OpenOptions) -> Result<Box<dyn File>, Errno> {
    match dir.open(path(name), options)? {
        Node::File(file) => Ok(file),
        Node::Dir(_) => Err(Errno::Isdir),
    }
}

fn granted() -> (tempfile::TempDir, HostDir) {
    let scratch = tempfile::tempdir().unwrap();
    let dir = HostDir::open_ambient(scratch.path(), Quota::unlimited()).unwrap();
    (scratch, dir)
}

/// Whether the host reports data to read.
fn is_readable(file: &dyn File) -> bool {
    let Readiness::Host(fd) = file.readiness() else { panic!("no descriptor to wait for") };
    let mut polled = [PollFd::from_borrowed_fd(fd, PollFlags::IN)];
    poll(&mut polled, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })).unwrap();
    polled[0].revents().contains(PollFlags::IN)
}

#[test]
fn a_fifo_opens_without_its_other_end_and_reads_what_comes() {
    let (scratch, dir) = granted();
    let fifo = scratch.path().join("fifo");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    assert_eq!(open(&dir, "fifo", with(false, true)).err(), Some(Errno::Nxio));
    let mut reader = open(&dir, "fifo", with(true, false)).unwrap();
    assert_eq!(reader.filetype(), FileType::Unknown);
    assert_eq!(reader.seek(0, Whence::Cur), Err(Errno::Spipe));
    assert!(!is_readable(&*reader));
    let mut writer = fs::File::options().write(true).open(&fifo).unwrap();
    assert_eq!(reader.read(&mut [0; 8]), Err(Errno::Again));
    writer.write_all(b"hello").unwrap();
    assert!(is_readable(&*reader));
    assert_eq!(reader.readable_bytes(), 5);
    let mut buffer = [0; 8];
    assert_eq!(reader.read(&mut buffer), Ok(5));
    assert_eq!(&buffer[..5], b"hello");
}

#[test]
fn a_fifo_has_the_flags_that_it_was_opened_with_below_every_decorator() {
    let (scratch, dir) = granted();
    let fifo = scratch.path().join("fifo");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let over = |dir| Box::new(Overlay::new(dir, Quota::new(0, 0), TimeSource::system()).dir());
    let again = || dir.reopen().unwrap();
    let views: [Box<dyn Dir>; 4] =
        [again(), Box::new(ReadOnly::new(again())), over(again()), over(over(again()))];
    for (index, view) in views.iter().enumerate() {
        for fdflags in [FdFlags::empty(), FdFlags::NONBLOCK, FdFlags::NONBLOCK | FdFlags::APPEND] {
            let fifo = open(&**view, "fifo", OpenOptions { fdflags, ..with(true, false) }).unwrap();
            assert_eq!(fifo.fdflags(), fdflags, "view {index}");
        }
    }
}

#[test]
fn character_devices_are_streams_and_no_terminals() {
    let dev = HostDir::open_ambient("/dev", Quota::new(10, 0)).unwrap();
    let mut null = open(&dev, "null", with(true, true)).unwrap();
    assert_eq!(null.filetype(), FileType::Unknown);
    assert_eq!(null.filestat().unwrap().filetype, FileType::CharacterDevice);
    assert_eq!(null.write(&[IoSlice::new(&[0; 100])]), Ok(100));
    assert_eq!(null.read(&mut [0; 8]), Ok(0));
    let mut buffer = [1; 8];
    assert_eq!(open(&dev, "zero", with(true, false)).unwrap().read(&mut buffer), Ok(8));
    assert_eq!(buffer, [0; 8]);
}

#[test]
fn block_devices_are_refused() {
    let dev = HostDir::open_ambient("/dev", Quota::unlimited()).unwrap();
    for entry in dev.entries().unwrap().map(|entry| entry.unwrap()) {
        if entry.filetype == FileType::BlockDevice {
            assert_eq!(open(&dev, &entry.name, with(true, false)).err(), Some(Errno::Perm), "{}", entry.name);
            assert_eq!(open(&dev, &entry.name, with(true, true)).err(), Some(Errno::Perm), "{}", entry.name);
        }
    }
}

#[test]
fn a_unix_socket_in_the_file_system_does_not_open() {
    let (scratch, dir) = granted();
    let _listener = UnixListener::bind(scratch.path().join("socket")).unwrap();
    assert_eq!(dir.filestat_at(path("socket"), true).unwrap().filetype, FileType::SocketStream);
    assert!(matches!(open(&dir, "socket", with(true, true)).err(), Some(Errno::Nxio | Errno::Notsup)));
}

/// Not on hosts whose file systems refuse such names.
#[cfg(target_os = "linux")]
#[test]
fn names_that_are_not_unicode_are_hidden() {
    let (scratch, dir) = granted();
    fs::write(scratch.path().join(OsStr::from_bytes(b"\xff")), "").unwrap();
    fs::write(scratch.path().join("plain"), "").unwrap();
    std::os::unix::fs::symlink(OsStr::from_bytes(b"\xff"), scratch.path().join("link")).unwrap();
    let mut names: Vec<_> = dir.entries().unwrap().map(|entry| entry.unwrap().name).collect();
    names.sort();
    assert_eq!(names, ["link", "plain"]);
    assert_eq!(dir.read_link(path("link")), Err(Errno::Ilseq));
    assert_eq!(open(&dir, "link", with(true, false)).err(), Some(Errno::Ilseq));
}

#[test]
fn times_that_wasi_cannot_name_are_clamped() {
    let (scratch, dir) = granted();
    let file = scratch.path().join("a");
    fs::write(&file, "").unwrap();
    for seconds in [-1, i64::from(i32::MIN), i64::MIN, i64::MAX] {
        let time = Timespec { tv_sec: seconds, tv_nsec: 0 };
        let times = Timestamps { last_access: time, last_modification: time };
        utimensat(CWD, &file, &times, AtFlags::empty()).unwrap();
        let stat = dir.filestat_at(path("a"), true).unwrap();
        if seconds < 0 {
            assert_eq!((stat.atim, stat.mtim), (0, 0), "{seconds}");
        }
    }
}

#[test]
fn offsets_past_4_gib_work() {
    const FAR: u64 = (1 << 32) + 5;
    let (_scratch, dir) = granted();
    let options = OpenOptions { oflags: OFlags::CREAT, ..with(true, true) };
    let mut file = open(&dir, "a", options).unwrap();
    assert_eq!(file.seek(FAR as i64, Whence::Set), Ok(FAR));
    assert_eq!(file.write(&[IoSlice::new(b"x")]), Ok(1));
    assert_eq!(file.write_at(&[IoSlice::new(b"y")], FAR + 1), Ok(1));
    let mut buffer = [0; 3];
    assert_eq!(file.read_at(&mut buffer, FAR - 1), Ok(3));
    assert_eq!(&buffer, b"\0xy");
    assert_eq!(file.filestat().unwrap().size, FAR + 2);
    file.set_size(FAR + 100).unwrap();
    assert_eq!(file.seek(0, Whence::End), Ok(FAR + 100));
}

#[test]
fn what_was_there_before_earns_no_budget() {
    let scratch = tempfile::tempdir().unwrap();
    fs::write(scratch.path().join("old"), [0; 1000]).unwrap();
    let quota = Quota::new(10, 1);
    let dir = HostDir::open_ambient(scratch.path(), quota.clone()).unwrap();
    dir.unlink(path("old")).unwrap();
    assert_eq!(quota.used(), (0, 0));
    let options = OpenOptions { oflags: OFlags::CREAT, ..with(true, true) };
    let mut file = open(&dir, "new", options).unwrap();
    assert_eq!(file.write(&[IoSlice::new(&[0; 11])]), Err(Errno::Nospc));
    assert_eq!(file.write(&[IoSlice::new(&[0; 10])]), Ok(10));
}

#[test]
fn a_file_that_opens_twice_through_two_directories_is_charged_once() {
    let scratch = tempfile::tempdir().unwrap();
    fs::create_dir(scratch.path().join("sub")).unwrap();
    let quota = Quota::new(100, 10);
    let outer = HostDir::open_ambient(scratch.path(), quota.clone()).unwrap();
    let inner = HostDir::open_ambient(scratch.path().join("sub"), quota.clone()).unwrap();
    let options = OpenOptions { oflags: OFlags::CREAT, ..with(true, true) };
    let mut file = open(&inner, "a", options).unwrap();
    file.write(&[IoSlice::new(&[0; 60])]).unwrap();
    let again = open(&outer, "sub/a", with(true, false)).unwrap();
    outer.unlink(path("sub/a")).unwrap();
    drop(again);
    assert_eq!(quota.used(), (60, 0));
    drop(file);
    assert_eq!(quota.used(), (0, 0));
}

#[test]
fn a_large_directory_is_listed_as_it_comes() {
    let (scratch, dir) = granted();
    let first = scratch.path().join("file number 1");
    fs::write(&first, "").unwrap();
    for number in 2..=2000 {
        fs::hard_link(&first, scratch.path().join(format!("file number {number}"))).unwrap();
    }
    assert_eq!(dir.entries().unwrap().count(), 2000);
    assert_eq!(dir.entries().unwrap().take(10).count(), 10);
}

/// Sequential files in `/proc` cannot seek to their end, and can only be written at their own offset.
#[test]
#[cfg(target_os = "linux")]
fn a_file_without_an_end_fails_by_the_write_itself() {
    for quota in [Quota::unlimited(), Quota::new(1 << 20, 10)] {
        let dir = HostDir::open_ambient("/proc/self", quota).unwrap();
        let mut comm = open(&dir, "comm", with(false, true)).unwrap();
        assert_eq!(comm.write(&[IoSlice::new(b"renamed")]), Err(Errno::Spipe));
    }
}
