//! Devices, and what an embedder puts into a tree in memory.

#![cfg_attr(target_arch = "wasm32", feature(custom_test_frameworks, test), test_runner(node::run))]

#[cfg(target_arch = "wasm32")]
mod node;

use std::io::IoSlice;

use wasi_core::Errno;
use wasi_core::fs::{Device, Dir, File, MemoryDir, Node, OpenOptions, Quota, RelativePath, TimeSource};
use wasi_core::random::SeededRandom;
use wasi_core::types::{FdFlags, FileType, OFlags, Whence};

const MOMENT: u64 = 1_700_000_000_000_000_000;

fn path(text: &str) -> RelativePath<'_> {
    RelativePath::parse(text.as_bytes()).unwrap()
}

fn tree() -> MemoryDir {
    let tree = MemoryDir::new(Quota::new(100, 10), TimeSource::fixed(MOMENT));
    tree.add_device("dev/null", Device::Null).unwrap();
    tree.add_device("dev/zero", Device::Zero).unwrap();
    tree.add_device("dev/urandom", Device::random(SeededRandom::new(7))).unwrap();
    tree
}

fn open(dir: &dyn Dir, name: &str, oflags: OFlags) -> Result<Box<dyn File>, Errno> {
    let options = OpenOptions { follow: true, oflags, read: true, write: true, fdflags: FdFlags::empty() };
    match dir.open(path(name), options)? {
        Node::File(file) => Ok(file),
        Node::Dir(_) => Err(Errno::Isdir),
    }
}

fn device(name: &str) -> Box<dyn File> {
    open(&tree(), name, OFlags::empty()).unwrap()
}

#[test]
fn null_is_empty_and_takes_everything() {
    let mut null = device("dev/null");
    assert_eq!(null.read(&mut [0; 8]), Ok(0));
    assert_eq!(null.write(&[IoSlice::new(b"one"), IoSlice::new(b"two")]), Ok(6));
    assert_eq!(null.read_at(&mut [0; 8], 100), Ok(0));
    assert_eq!(null.filestat().unwrap().size, 0);
}

#[test]
fn zero_is_zeros_without_end() {
    let mut buffer = [1; 8];
    assert_eq!(device("dev/zero").read(&mut buffer), Ok(8));
    assert_eq!(buffer, [0; 8]);
}

#[test]
fn urandom_goes_on_with_its_sequence_in_every_descriptor() {
    let read = |file: &mut Box<dyn File>| {
        let mut buffer = [0; 16];
        assert_eq!(file.read(&mut buffer), Ok(16));
        buffer
    };
    let tree = tree();
    let mut first = open(&tree, "dev/urandom", OFlags::empty()).unwrap();
    let mut second = open(&tree, "dev/urandom", OFlags::empty()).unwrap();
    let (one, two) = (read(&mut first), read(&mut second));
    assert_ne!(one, two);
    assert_eq!(one, read(&mut device("dev/urandom")));
}

#[test]
fn a_device_is_a_character_device_in_listings_and_attributes() {
    let tree = tree();
    assert_eq!(device("dev/null").filetype(), FileType::CharacterDevice);
    assert_eq!(tree.filestat_at(path("dev/null"), true).unwrap().filetype, FileType::CharacterDevice);
    let Node::Dir(dev) = tree
        .open(
            path("dev"),
            OpenOptions {
                follow: true,
                oflags: OFlags::DIRECTORY,
                read: true,
                write: false,
                fdflags: FdFlags::empty(),
            },
        )
        .unwrap()
    else {
        panic!("no directory")
    };
    let kinds: Vec<_> = dev.entries().unwrap().map(|entry| entry.unwrap().filetype).collect();
    assert_eq!(kinds, [FileType::CharacterDevice; 3]);
}

#[test]
fn truncating_creating_and_seeking_a_device_is_harmless() {
    let mut null = open(&tree(), "dev/null", OFlags::CREAT | OFlags::TRUNC).unwrap();
    assert_eq!(null.seek(0, Whence::End), Ok(0));
    assert_eq!(null.seek(100, Whence::Set), Ok(0));
    assert_eq!(null.set_size(0), Err(Errno::Inval));
}

#[test]
fn gifts_of_the_embedder_are_not_charged() {
    let quota = Quota::new(10, 1);
    let tree = MemoryDir::new(quota.clone(), TimeSource::fixed(MOMENT));
    tree.add_file("a/b/c", vec![0; 1000]).unwrap();
    tree.add_dir_all("a/b/d/e").unwrap();
    assert_eq!(quota.used(), (0, 0));
    assert_eq!(tree.read_file("a/b/c").unwrap().len(), 1000);
    assert_eq!(tree.add_file("a/b/c", ""), Err(Errno::Exist));
    assert_eq!(tree.add_file("a/b/c/d", ""), Err(Errno::Notdir));
    assert_eq!(tree.add_dir_all("a/b/c"), Err(Errno::Notdir));
    assert_eq!(tree.read_file("a/b"), Err(Errno::Inval));
}

#[test]
fn only_what_the_guest_adds_to_a_gift_is_charged() {
    let quota = Quota::new(100, 10);
    let tree = MemoryDir::new(quota.clone(), TimeSource::fixed(MOMENT));
    tree.add_file("a", "12345").unwrap();
    let mut file = open(&tree, "a", OFlags::empty()).unwrap();
    for (size, charged) in [(8, 3), (6, 1), (2, 0), (4, 2), (0, 0)] {
        file.set_size(size).unwrap();
        assert_eq!(quota.used(), (charged, 0), "{size}");
    }
    file.set_size(7).unwrap();
    tree.link(path("a"), &tree, path("b")).unwrap();
    assert_eq!(quota.used(), (7, 1));
    tree.unlink(path("a")).unwrap();
    tree.unlink(path("b")).unwrap();
    drop(file);
    assert_eq!(quota.used(), (0, 0));
}

#[test]
fn removing_a_gift_earns_nothing() {
    let quota = Quota::new(100, 10);
    let tree = MemoryDir::new(quota.clone(), TimeSource::fixed(MOMENT));
    tree.add_file("a", "12345").unwrap();
    let mut own = open(&tree, "own", OFlags::CREAT).unwrap();
    own.set_size(5).unwrap();
    tree.unlink(path("a")).unwrap();
    assert_eq!(quota.used(), (5, 1));
}

#[test]
fn a_fixed_time_source_fixes_all_times() {
    let stat = tree().filestat_at(path("dev/null"), true).unwrap();
    assert_eq!((stat.atim, stat.mtim, stat.ctim), (MOMENT, MOMENT, MOMENT));
}

#[test]
fn growth_without_a_quota_is_bounded_all_the_same() {
    let tree = MemoryDir::new(Quota::unlimited(), TimeSource::fixed(MOMENT));
    let mut file = open(&tree, "a", OFlags::CREAT).unwrap();
    assert_eq!(file.write_at(&[IoSlice::new(b"x")], 1 << 40), Err(Errno::Fbig));
    assert_eq!(file.set_size(1 << 40), Err(Errno::Fbig));
    assert_eq!(file.filestat().unwrap().size, 0);
}
