//! Links with absolute targets, which mean paths of the guest.
//!
//! A directory refuses such a link, because it cannot know what is outside of it. Here the other preopens are
//! known: the text of the link is a path as the guest would write it, and the search restarts at the preopen
//! with the longest name that begins it, as in a container
//! ([`path_resolution`](https://man7.org/linux/man-pages/man7/path_resolution.7.html)). This gives the guest
//! nothing: it could read the link and open that path itself. Every step is an operation on a directory that
//! it has, so a link that changes in the meantime can lead to another place in these, and nowhere else.

use std::borrow::Cow;

use super::descriptor::Descriptor;
use super::descriptors::Table;
use crate::errno::{Errno, Result};
use crate::fs::{Dir, RelativePath};
use crate::types::{Fd, FileType};

/// How many links with absolute targets are followed for one path.
const LINKS_MAX: usize = 40;

/// How many names are looked up to find such a link. A path with more is refused.
const STEPS_MAX: usize = 500;

impl Table {
    /// Acts on `path` below the directory `fd`, or on what it leads to through links with absolute targets.
    /// `follow`: whether a link in the last component is followed.
    ///
    /// [`Errno::Perm`] if such a link leads to a place that was not granted. What does not exist there counts
    /// as not granted, too: the host's `/tmp` is not the guest's. `act` must change nothing when it returns
    /// that.
    pub(crate) fn below<T>(
        &self,
        fd: Fd,
        path: RelativePath<'_>,
        follow: bool,
        act: impl Fn(&dyn Dir, RelativePath<'_>) -> Result<T>,
    ) -> Result<T> {
        let mut dir = &*self.dir(fd)?.dir;
        let mut outcome = act(dir, path);
        let mut path = Cow::Borrowed(path.as_str());
        for _ in 0..LINKS_MAX {
            if !matches!(outcome, Err(Errno::Perm)) {
                return outcome;
            }
            let target = target(dir, &path, follow).ok_or(Errno::Perm)?;
            let (granted, rest) = self.granted(&target).ok_or(Errno::Perm)?;
            outcome = match act(granted, RelativePath::parse(rest.as_bytes())?) {
                Err(Errno::Noent) => return Err(Errno::Perm),
                other => other,
            };
            (dir, path) = (granted, Cow::Owned(rest));
        }
        if matches!(outcome, Err(Errno::Perm)) { Err(Errno::Loop) } else { outcome }
    }

    /// Returns the absolute path that a link on the absolute `path` leads to, if nothing was granted there.
    pub(crate) fn ungranted_target(&self, path: &str) -> Option<String> {
        let (mut dir, mut path) = self.granted(path)?;
        for _ in 0..LINKS_MAX {
            let target = target(dir, &path, true)?;
            let Some((granted, rest)) = self.granted(&target) else { return Some(target) };
            match granted.filestat_at(RelativePath::parse(rest.as_bytes()).ok()?, true) {
                Err(Errno::Noent) => return Some(target),
                Err(Errno::Perm) => (dir, path) = (granted, rest),
                _ => return None,
            }
        }
        None
    }

    /// Returns the preopen that an absolute path of the guest leads to, and the rest of the path.
    pub(crate) fn granted(&self, path: &str) -> Option<(&dyn Dir, String)> {
        let preopens = self.descriptors().filter_map(|descriptor| match descriptor {
            Descriptor::Dir(open) => {
                let name = open.preopen.as_deref().filter(|name| name.starts_with('/'))?;
                let rest = path.strip_prefix(name.trim_end_matches('/'))?;
                (rest.is_empty() || rest.starts_with('/')).then_some((&*open.dir, rest))
            }
            Descriptor::File(_) => None,
        });
        let (dir, rest) = preopens.min_by_key(|(_, rest)| rest.len())?;
        let rest = rest.trim_start_matches('/');
        Some((dir, if rest.is_empty() { ".".to_owned() } else { rest.to_owned() }))
    }
}

/// Returns where the first link with an absolute target on `path` leads, with the rest of the path. `None` if
/// there is none.
fn target(dir: &dyn Dir, path: &str, follow: bool) -> Option<String> {
    // What is behind here has no such link.
    let mut done = String::new();
    let mut left: Vec<String> = components(path).rev().map(str::to_owned).collect();
    let mut slash = path.ends_with('/');
    for _ in 0..STEPS_MAX {
        let name = left.pop()?;
        let at = if done.is_empty() { name.clone() } else { format!("{done}/{name}") };
        let is_last = left.is_empty() && !slash;
        let own = RelativePath::parse(at.as_bytes()).ok()?;
        if matches!(&*name, "." | "..")
            || dir.filestat_at(own, false).ok()?.filetype != FileType::SymbolicLink
        {
            done = at;
            continue;
        }
        if is_last && !follow {
            return None;
        }
        let link = dir.read_link(own).ok()?;
        slash |= left.is_empty() && link.ends_with('/');
        left.extend(components(&link).rev().map(str::to_owned));
        if link.starts_with('/') {
            let rest: Vec<String> = left.into_iter().rev().collect();
            let end = if slash && !rest.is_empty() { "/" } else { "" };
            return Some(format!("/{}{end}", rest.join("/")));
        }
    }
    None
}

fn components(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty())
}
