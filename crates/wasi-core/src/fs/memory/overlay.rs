//! A directory whose changes are kept apart: to be listed, applied or dropped.

use std::collections::BTreeMap;
use std::io::IoSlice;
use std::sync::Arc;

use super::dir::MemoryDir;
use super::lower::{join, open_lower_dir};
use super::time::TimeSource;
use super::tree::{Content, Ino, LastCommit, ROOT, SharedTree, Tree};
use crate::errno::{Errno, Result};
use crate::fs::dir::{Dir, Node};
use crate::fs::fork::{Fork, Shared};
use crate::fs::open::OpenOptions;
use crate::fs::path::{PATH_MAX, RelativePath};
use crate::fs::quota::Quota;
use crate::fs::read_only::ReadOnly;
use crate::types::{FdFlags, FileType, OFlags, SetTime};

/// A directory with the guest's changes in memory over it, like
/// [overlayfs](https://docs.kernel.org/filesystems/overlayfs.html).
///
/// The lower directory never changes. A file is copied into memory, and charged, when it is first written; a
/// rename copies nothing. The names of a lower directory are taken over when it is first read, so what the
/// host adds to it later is not visible. Two hard links in the lower directory are two files here. FIFOs and
/// devices can be read but not written.
///
/// Keep a clone, and give the guest [`Overlay::dir`]. Dropping both discards the changes.
#[derive(Clone)]
pub struct Overlay(SharedTree);

/// One difference between the lower directory and what the guest sees.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// The path from the top of the directory, without a slash at either end.
    pub path: String,
    /// What happened there.
    pub kind: ChangeKind,
}

/// The kind of a [`Change`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// It is new. Everything in a new directory is listed, too.
    Added,
    /// Its content or kind is different. Times alone do not count.
    Changed,
    /// It is gone. What was in a removed directory is not listed.
    Removed,
}

/// The change that could not be applied. Those before it were.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot apply the change of `{path}`: {errno}")]
pub struct CommitError {
    /// Its path; `.` if the changes could not even be listed.
    pub path: String,
    /// The reason.
    #[source]
    pub errno: Errno,
}

impl Overlay {
    /// Returns an overlay without changes. What the guest adds is charged to `quota`.
    pub fn new(lower: Box<dyn Dir>, quota: Quota, time: TimeSource) -> Self {
        Self(SharedTree::new(quota, time, Some(lower)))
    }

    /// Returns the overlay that a directory, which may be decorated, belongs to.
    pub(crate) fn find(dir: &dyn Dir) -> Option<Self> {
        let tree = dir.find::<MemoryDir>()?.tree();
        let is_overlay = tree.lock().lower.is_some();
        is_overlay.then(|| Self(tree.clone()))
    }

    /// Returns the overlay of a fork.
    pub(crate) fn fork(&self, fork: &mut Fork) -> Result<Self> {
        fork.copy(&self.0).map(Self)
    }

    pub(crate) fn tree(&self) -> &SharedTree {
        &self.0
    }

    /// Returns the overlay of a saved tree.
    pub(crate) fn resume(tree: &SharedTree) -> Self {
        Self(tree.clone())
    }

    /// Returns the directory for the guest.
    pub fn dir(&self) -> MemoryDir {
        MemoryDir::top_of(self.0.clone())
    }

    /// Lists all changes, sorted by path. [`Errno::Nametoolong`] if a path has more than 4,096 bytes.
    pub fn diff(&self) -> Result<Vec<Change>> {
        Ok(self.0.lock().differences()?.into_iter().map(|difference| difference.change).collect())
    }

    /// Applies all changes to a directory that is like the lower one, such as a copy. [`Errno::Inval`] for
    /// the overlay's own directory.
    ///
    /// Files that were moved and not written are read into memory for it. Devices are left out.
    ///
    /// To apply the changes to the lower directory itself and go on, use
    /// [`commit_below`](Self::commit_below): after this function, an overlay over `target` is out of date and
    /// has to be dropped.
    pub fn commit(&self, target: &dyn Dir) -> Result<(), CommitError> {
        if target.downcast_ref::<MemoryDir>().is_some_and(|memory| memory.tree().is_same(&self.0)) {
            return Err(failed(".")(Errno::Inval));
        }
        self.0.lock().commit(target).map(drop)
    }

    /// Applies all changes to the lower directory and returns them. The guest can go on; the next
    /// [`diff`](Self::diff) lists only what it changes from then on.
    ///
    /// It is not charged, because the embedder does it. A file with several names becomes several files.
    pub fn commit_below(&self) -> Result<Vec<Change>, CommitError> {
        let tree = &mut *self.0.lock();
        let reopen = |lower: &dyn Dir| match lower.downcast_ref::<ReadOnly>() {
            Some(below) => below.reopen_to_commit(),
            None => lower.reopen(),
        };
        let lower = tree.lower.as_deref().ok_or(Errno::Inval).and_then(reopen);
        let mut target = lower.map_err(failed("."))?;
        target.charge_to(&Quota::unlimited());
        let steps = tree.commit(&*target)?;
        let settled = steps.into_iter().map(|(change, step)| {
            tree.settle(&step, &change.path).map_err(failed(&change.path))?;
            Ok(change)
        });
        settled.collect()
    }

    /// Drops all changes: the guest sees the lower directory as it is now.
    ///
    /// What the guest has open here becomes [`Errno::Stale`], except for the top directory.
    pub fn discard(&self) {
        self.0.lock().start_anew();
    }
}

fn failed(path: &str) -> impl Fn(Errno) -> CommitError {
    move |errno| CommitError { path: path.to_owned(), errno }
}

/// A change, and the inode that is there now.
struct Difference {
    change: Change,
    ino: Option<Ino>,
}

/// What a commit makes at a path.
enum Step {
    Nothing,
    Dir,
    Link(String),
    /// A file in memory.
    File(Ino),
    /// A file that was moved, with its content from the lower directory.
    Moved(Ino, Vec<u8>),
    /// A device, which a commit leaves out.
    Device,
}

impl Tree {
    /// Applies all differences, and returns them with their steps.
    fn commit(&mut self, target: &dyn Dir) -> Result<Vec<(Change, Step)>, CommitError> {
        let differences = self.differences().map_err(failed("."))?;
        // Moved files are read before anything overwrites them.
        let mut steps = Vec::new();
        for Difference { change, ino } in differences {
            let step = self.step(ino).map_err(failed(&change.path))?;
            steps.push((change, step));
        }
        for (change, step) in &steps {
            step.make_room(target, change).map_err(failed(&change.path))?;
        }
        for (change, step) in &steps {
            self.apply(step, target, &change.path).map_err(failed(&change.path))?;
        }
        Ok(steps)
    }

    /// Notes that what a step made is in the lower directory now.
    fn settle(&mut self, step: &Step, path: &str) -> Result<()> {
        let inode = match step {
            Step::File(ino) | Step::Moved(ino, _) => self.inode_mut(*ino)?,
            Step::Nothing | Step::Dir | Step::Link(_) | Step::Device => return Ok(()),
        };
        match &mut inode.content {
            Content::Lower(file) => path.clone_into(&mut file.path),
            Content::File(bytes) => match &mut inode.last_commit {
                Some(last_commit) if Arc::ptr_eq(&last_commit.bytes, bytes) => {
                    last_commit.paths.push(path.to_owned());
                }
                last_commit => {
                    let (paths, bytes) = (vec![path.to_owned()], Arc::clone(bytes));
                    *last_commit = Some(LastCommit { paths, bytes });
                }
            },
            Content::Dir(_) | Content::Link(_) | Content::Device(_) => {}
        }
        Ok(())
    }

    /// Compares the tree with the lower directory. Not recursive, because a guest can nest directories
    /// without end.
    fn differences(&mut self) -> Result<Vec<Difference>> {
        let mut differences = Vec::new();
        let mut left = vec![(ROOT, ".".to_owned(), true)];
        while let Some((dir, path, has_lower)) = left.pop() {
            if has_lower && self.names_now(dir)?.unread.as_ref() == Some(&path) {
                continue;
            }
            let names = self.names(dir)?.map.clone();
            let lower_names = if has_lower { self.lower_names(&path)? } else { BTreeMap::new() };
            let mut note = |name: &str, kind, ino| {
                differences.push(Difference { change: Change { path: join(&path, name), kind }, ino });
            };
            for name in lower_names.keys().filter(|&name| !names.contains_key(name)) {
                note(name, ChangeKind::Removed, None);
            }
            for (name, ino) in names {
                let at = join(&path, &name);
                if at.len() > PATH_MAX {
                    return Err(Errno::Nametoolong);
                }
                let below = lower_names.get(&name).copied();
                if !self.is_same(ino, &at, below)? {
                    let kind = if below.is_some() { ChangeKind::Changed } else { ChangeKind::Added };
                    note(&name, kind, Some(ino));
                }
                if self.filetype(ino)? == FileType::Directory {
                    left.push((ino, at, below == Some(FileType::Directory)));
                }
            }
        }
        differences.sort_by(|one, other| one.change.cmp(&other.change));
        Ok(differences)
    }

    fn lower_names(&self, path: &str) -> Result<BTreeMap<String, FileType>> {
        let Some(lower) = &self.lower else { return Ok(BTreeMap::new()) };
        let entries = open_lower_dir(&**lower, path)?.entries()?;
        entries.map(|entry| entry.map(|entry| (entry.name, entry.filetype))).collect()
    }

    /// Whether an inode is the same as what is below at this path. Two directories always are.
    fn is_same(&self, ino: Ino, at: &str, below: Option<FileType>) -> Result<bool> {
        let inode = self.inode(ino)?;
        Ok(match (&inode.content, below, &self.lower) {
            (Content::Dir(_), Some(FileType::Directory), _) => true,
            (Content::Lower(file), Some(_), _) => file.path == at,
            (Content::File(bytes), Some(FileType::RegularFile), _) => {
                inode.last_commit.as_ref().is_some_and(|last_commit| last_commit.is(bytes, at))
            }
            (Content::Link(target), Some(FileType::SymbolicLink), Some(lower)) => {
                lower.read_link(RelativePath::parse(at.as_bytes())?)? == *target
            }
            _ => false,
        })
    }

    fn step(&self, ino: Option<Ino>) -> Result<Step> {
        let Some(ino) = ino else { return Ok(Step::Nothing) };
        Ok(match &self.inode(ino)?.content {
            Content::Dir(_) => Step::Dir,
            Content::Link(target) => Step::Link(target.clone()),
            Content::File(_) => Step::File(ino),
            Content::Lower(file) if file.filetype == FileType::RegularFile => {
                Step::Moved(ino, self.read_whole(ino)?)
            }
            Content::Lower(_) | Content::Device(_) => Step::Device,
        })
    }

    fn apply(&self, step: &Step, target: &dyn Dir, path: &str) -> Result<()> {
        let at = RelativePath::parse(path.as_bytes())?;
        match step {
            Step::Nothing | Step::Device => Ok(()),
            Step::Dir => target.create_dir(at),
            Step::Link(text) => target.symlink(RelativePath::parse(text.as_bytes())?, at),
            Step::File(ino) => self.write(target, at, *ino, self.bytes(*ino)?),
            Step::Moved(ino, bytes) => self.write(target, at, *ino, bytes),
        }
    }

    fn write(&self, target: &dyn Dir, at: RelativePath<'_>, ino: Ino, mut bytes: &[u8]) -> Result<()> {
        let oflags = OFlags::CREAT | OFlags::TRUNC;
        let options =
            OpenOptions { follow: false, oflags, read: false, write: true, fdflags: FdFlags::empty() };
        let Node::File(mut file) = target.open(at, options)? else { return Err(Errno::Isdir) };
        while !bytes.is_empty() {
            let written = file.write(&[IoSlice::new(bytes)])?;
            bytes = bytes.get(written..).filter(|_| written > 0).ok_or(Errno::Io)?;
        }
        let stat = self.filestat(ino)?;
        file.set_times(SetTime::To(stat.atim), SetTime::To(stat.mtim))
    }
}

impl Step {
    /// Removes what is at the path, unless the step can use it.
    fn make_room(&self, target: &dyn Dir, change: &Change) -> Result<()> {
        let stays = |filetype| match self {
            Step::Dir => filetype == FileType::Directory,
            Step::File(_) | Step::Moved(..) => filetype == FileType::RegularFile,
            Step::Nothing | Step::Link(_) => false,
            Step::Device => true,
        };
        match target.filestat_at(RelativePath::parse(change.path.as_bytes())?, false) {
            Ok(stat) if stays(stat.filetype) => Ok(()),
            Ok(_) => remove_all(target, &change.path),
            // Its directory was removed as a whole just now.
            Err(Errno::Noent | Errno::Notdir) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// Removes a file, or a directory with everything in it.
fn remove_all(target: &dyn Dir, path: &str) -> Result<()> {
    // A directory comes twice: first to list it, then, when it is empty, to remove it.
    let mut left = vec![(path.to_owned(), false)];
    while let Some((path, listed)) = left.pop() {
        let at = RelativePath::parse(path.as_bytes())?;
        if listed {
            target.remove_dir(at)?;
        } else if target.filestat_at(at, false)?.filetype == FileType::Directory {
            let names = open_lower_dir(target, &path)?.entries()?.collect::<Result<Vec<_>>>()?;
            left.push((path.clone(), true));
            left.extend(names.into_iter().map(|entry| (join(&path, &entry.name), false)));
        } else {
            target.unlink(at)?;
        }
    }
    Ok(())
}
