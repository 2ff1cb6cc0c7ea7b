//! The tree of an archive's names.

use std::collections::HashMap;

use super::error::ArchiveError;
use super::zip::{End, Entry, Fields};
use crate::fs::path::PATH_MAX;
use crate::types::Timestamp;

/// The number of a file or directory in an archive.
pub(in crate::fs) type MemberId = u32;

/// All files and directories, found by directory and name.
#[derive(Debug)]
pub(super) struct Index {
    nodes: Vec<Member>,
}

#[derive(Debug)]
pub(super) struct Member {
    pub(super) name: Box<str>,
    pub(super) parent: MemberId,
    pub(super) time: Timestamp,
    pub(super) kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    File(Entry),
    /// Its members, sorted by name.
    Dir(Vec<MemberId>),
}

impl Index {
    /// The top directory.
    pub(super) const ROOT: MemberId = 0;

    /// Builds the tree of an archive, and returns it with a checksum that distinguishes archives.
    pub(super) fn parse(archive: &[u8]) -> Result<(Self, u32), ArchiveError> {
        let end = End::find(archive)?;
        let records = archive.get(end.index).ok_or(ArchiveError::Truncated)?;
        let mut builder = IndexBuilder::new(usize::from(end.entries));
        let mut fields = Fields(records);
        for _ in 0..end.entries {
            let (path, time, entry) = Entry::parse(&mut fields)?;
            builder.add(path, time, entry)?;
        }
        if !fields.0.is_empty() {
            return Err(ArchiveError::Truncated);
        }
        Ok((builder.finish()?, crc32fast::hash(records)))
    }

    pub(super) fn node(&self, id: MemberId) -> Option<&Member> {
        self.nodes.get(id as usize)
    }

    /// Returns the member of this name. `None` also if `dir` is not a directory.
    pub(super) fn child(&self, dir: MemberId, name: &str) -> Option<MemberId> {
        let Kind::Dir(children) = &self.node(dir)?.kind else { return None };
        let at = children.binary_search_by(|&child| self.name(child).cmp(name)).ok()?;
        children.get(at).copied()
    }

    fn name(&self, id: MemberId) -> &str {
        self.node(id).map_or("", |node| &node.name)
    }
}

/// Builds an index. Archives need not list the directories of their files, so it finds these by path.
struct IndexBuilder<'a> {
    nodes: Vec<Member>,
    dirs: HashMap<&'a str, MemberId>,
}

impl<'a> IndexBuilder<'a> {
    fn new(entries: usize) -> Self {
        let mut nodes = Vec::with_capacity(entries + 1);
        nodes.push(Member { name: "".into(), parent: Index::ROOT, time: 0, kind: Kind::Dir(Vec::new()) });
        Self { nodes, dirs: HashMap::from([("", Index::ROOT)]) }
    }

    fn add(&mut self, path: &'a str, time: Timestamp, entry: Entry) -> Result<(), ArchiveError> {
        let (trimmed, is_dir) = path.strip_suffix('/').map_or((path, false), |dir| (dir, true));
        let plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains('\0');
        if trimmed.len() > PATH_MAX || !trimmed.split('/').all(plain) {
            return Err(ArchiveError::Name(path.to_owned()));
        }
        let id = if is_dir {
            self.dir(trimmed)
        } else {
            let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
            let parent = self.dir(parent);
            self.insert(parent, name, Kind::File(entry))
        };
        if let Some(node) = self.nodes.get_mut(id as usize) {
            node.time = time;
        }
        Ok(())
    }

    /// Returns the directory of this path, and makes it and its parents if they are new.
    fn dir(&mut self, path: &'a str) -> MemberId {
        if let Some(&id) = self.dirs.get(path) {
            return id;
        }
        let mut parent = Index::ROOT;
        let mut start = 0;
        for end in path.match_indices('/').map(|(end, _)| end).chain([path.len()]) {
            let (ancestor, name) = (path.get(..end).unwrap_or(path), path.get(start..end).unwrap_or(path));
            parent = match self.dirs.get(ancestor) {
                Some(&id) => id,
                None => self.insert(parent, name, Kind::Dir(Vec::new())),
            };
            self.dirs.insert(ancestor, parent);
            start = end + 1;
        }
        parent
    }

    fn insert(&mut self, parent: MemberId, name: &str, kind: Kind) -> MemberId {
        let id = self.nodes.len() as MemberId;
        self.nodes.push(Member { name: name.into(), parent, time: 0, kind });
        if let Some(Member { kind: Kind::Dir(children), .. }) = self.nodes.get_mut(parent as usize) {
            children.push(id);
        }
        id
    }

    /// Sorts each directory and refuses duplicate names.
    fn finish(self) -> Result<Index, ArchiveError> {
        let mut index = Index { nodes: self.nodes };
        for id in 0..index.nodes.len() {
            let Some(Member { kind: Kind::Dir(children), .. }) = index.nodes.get_mut(id) else { continue };
            let mut children = std::mem::take(children);
            children.sort_by(|&left, &right| index.name(left).cmp(index.name(right)));
            let twice = children.windows(2).find_map(|pair| match pair {
                &[left, right] if index.name(left) == index.name(right) => Some(index.name(left)),
                _ => None,
            });
            if let Some(name) = twice {
                return Err(ArchiveError::Duplicate(name.to_owned()));
            }
            if let Some(node) = index.nodes.get_mut(id) {
                node.kind = Kind::Dir(children);
            }
        }
        Ok(index)
    }
}
