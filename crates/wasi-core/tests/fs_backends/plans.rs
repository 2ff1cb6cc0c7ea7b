//! Random plans of operations, which every back end must answer in the same way.
//!
//! Linux only: rare errors differ between hosts, and ours are those of Linux.

use std::io::IoSlice;

use wasi_core::fs::{Dir, Node, OpenOptions};
use wasi_core::random::{Random, SeededRandom};
use wasi_core::types::{FdFlags, FileType, OFlags};

use crate::fixture::{Fixture, path};

/// One operation with its arguments.
#[derive(Clone, Debug)]
enum Step {
    Mkdir(String),
    Rmdir(String),
    Unlink(String),
    ReadLink(String),
    Stat(String, bool),
    Symlink(String, String),
    Link(String, String),
    Rename(String, String),
    Open { path: String, follow: bool, oflags: OFlags, write: Option<u8> },
    List(String),
}

/// The outcome of a step, without inode numbers, times and link counts of directories, which differ.
fn run(dir: &dyn Dir, step: &Step) -> String {
    match step {
        Step::Mkdir(name) => format!("{:?}", dir.create_dir(path(name))),
        Step::Rmdir(name) => format!("{:?}", dir.remove_dir(path(name))),
        Step::Unlink(name) => format!("{:?}", dir.unlink(path(name))),
        Step::ReadLink(name) => format!("{:?}", dir.read_link(path(name))),
        Step::Stat(name, follow) => match dir.filestat_at(path(name), *follow) {
            Ok(stat) if stat.filetype == FileType::Directory => "directory".to_owned(),
            Ok(stat) => format!("{:?} of {} bytes, {} links", stat.filetype, stat.size, stat.nlink),
            Err(error) => format!("{error:?}"),
        },
        Step::Symlink(target, name) => format!("{:?}", dir.symlink(path(target), path(name))),
        Step::Link(old, new) => format!("{:?}", dir.link(path(old), dir, path(new))),
        Step::Rename(old, new) => format!("{:?}", dir.rename(path(old), dir, path(new))),
        Step::Open { path: name, follow, oflags, write } => {
            let (follow, oflags, fdflags) = (*follow, *oflags, FdFlags::empty());
            let options = OpenOptions { follow, oflags, read: true, write: write.is_some(), fdflags };
            match dir.open(path(name), options) {
                Ok(Node::Dir(_)) => "opened a directory".to_owned(),
                Ok(Node::File(mut file)) => {
                    if let Some(byte) = write {
                        file.write(&[IoSlice::new(&[*byte])]).unwrap();
                    }
                    let mut content = [0; 16];
                    let len = file.read_at(&mut content, 0).unwrap();
                    format!("opened a file of {:?}", &content[..len])
                }
                Err(error) => format!("{error:?}"),
            }
        }
        Step::List(name) => {
            let oflags = OFlags::DIRECTORY;
            let options =
                OpenOptions { follow: true, oflags, read: true, write: false, fdflags: FdFlags::empty() };
            match dir.open(path(name), options) {
                Ok(Node::Dir(opened)) => {
                    let entries = opened.entries().unwrap().map(|entry| entry.unwrap());
                    let mut names: Vec<_> =
                        entries.map(|entry| format!("{}: {:?}", entry.name, entry.filetype)).collect();
                    names.sort();
                    format!("{names:?}")
                }
                Ok(Node::File(_)) => panic!("{name} is no directory"),
                Err(error) => format!("{error:?}"),
            }
        }
    }
}

/// Makes plans that are the same on every run.
struct Planner(SeededRandom);

impl Planner {
    fn below(&mut self, limit: u8) -> u8 {
        let mut byte = [0];
        self.0.fill(&mut byte).unwrap();
        byte[0] % limit
    }

    fn one_in(&mut self, chance: u8) -> bool {
        self.below(chance) == 0
    }

    /// Returns a path of few different names, so that steps meet, sometimes with dots and extra slashes.
    fn path(&mut self) -> String {
        let mut path = String::new();
        for depth in 0..=self.below(3) {
            if depth > 0 {
                path.push_str(if self.one_in(10) { "//" } else { "/" });
            }
            path.push_str(match self.below(16) {
                0 => "..",
                1 => ".",
                2..6 => "a",
                6..10 => "b",
                10..13 => "c",
                _ => "d",
            });
        }
        if self.one_in(8) {
            path.push('/');
        }
        path
    }

    fn step(&mut self) -> Step {
        match self.below(16) {
            0..3 => Step::Mkdir(self.path()),
            3 => Step::Rmdir(self.path()),
            4 => Step::Unlink(self.path()),
            5 => Step::ReadLink(self.path()),
            6 => Step::Stat(self.path(), self.one_in(2)),
            7..9 => Step::Symlink(self.path(), self.path()),
            9 => Step::Link(self.path(), self.path()),
            10..13 => Step::Rename(self.path(), self.path()),
            13 => Step::List(self.path()),
            _ => {
                let mut oflags = OFlags::empty();
                oflags.set(OFlags::CREAT, !self.one_in(3));
                oflags.set(OFlags::EXCL, self.one_in(5));
                oflags.set(OFlags::TRUNC, self.one_in(5));
                oflags.set(OFlags::DIRECTORY, self.one_in(8));
                let (follow, writes) = (!self.one_in(4), !self.one_in(3));
                Step::Open { path: self.path(), follow, oflags, write: writes.then(|| self.below(255)) }
            }
        }
    }
}

#[test]
fn random_plans_end_alike_everywhere() {
    for seed in 0..100 {
        let mut planner = Planner(SeededRandom::new(seed));
        let back_ends = [Fixture::on_the_host(), Fixture::in_memory(), Fixture::on_an_overlay()];
        let mut plan = Vec::new();
        for _ in 0..60 {
            let step = planner.step();
            let results = back_ends.each_ref().map(|fixture| run(&*fixture.dir, &step));
            plan.push(format!("{step:?} -> {}", results[0]));
            let differ = results.iter().any(|result| *result != results[0]);
            assert!(!differ, "seed {seed}: {results:#?} after {plan:#?}");
            let used = back_ends.each_ref().map(|fixture| fixture.quota.used());
            assert_eq!([used[1], used[2]], [used[0]; 2], "seed {seed}: charges differ after {plan:#?}");
        }
    }
}
