//! A guest's path, checked once: UTF-8, no NUL, not absolute, not too long.

use crate::errno::{Errno, Result};

/// The longest path that any call takes, in bytes, as `PATH_MAX` on Linux.
pub(super) const PATH_MAX: usize = 4096;

/// How many symbolic links one path may lead through, as on Linux.
pub(super) const LINKS_MAX: u32 = 40;

/// The longest name in a directory, in bytes, as `NAME_MAX` on Linux.
pub(super) const NAME_MAX: usize = 255;

/// What becomes of a symbolic link in the last component of a path. Links before it are always followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LastLink {
    /// The operation is on the link, even with a trailing slash: it removes, moves or makes a name.
    Keep,
    /// The operation is on the link unless there is a trailing slash: `link/` is the directory behind it.
    Slash,
    /// The operation is on what the link leads to.
    Follow,
}

impl LastLink {
    /// For the operations that a guest's lookup flags steer.
    pub(super) fn new(follow: bool) -> Self {
        if follow { Self::Follow } else { Self::Slash }
    }

    /// Whether a link is followed, given whether a slash comes after it.
    pub(super) fn followed(self, slash: bool) -> bool {
        match self {
            Self::Keep => false,
            Self::Slash => slash,
            Self::Follow => true,
        }
    }
}

/// Splits a path into the part that is resolved with every link followed, and the last name.
///
/// The name is `.`, and the parent the whole path, where the path ends in `.` or `..`:
/// it means a directory that is already there. The flag says whether a directory is demanded.
pub(super) fn split_last(path: &str) -> (&str, &str, bool) {
    let trimmed = path.trim_end_matches('/');
    let slash = trimmed.len() < path.len();
    let (parent, name) = trimmed.rsplit_once('/').unwrap_or(("", trimmed));
    match name {
        "" | "." | ".." => (path, ".", true),
        name => (parent, name, slash),
    }
}

/// A path relative to a directory. May hold `.`, `..`, empty components and a trailing slash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RelativePath<'a>(&'a str);

impl<'a> RelativePath<'a> {
    /// Checks the bytes that a guest gave.
    ///
    /// [`Errno::Nametoolong`] past 4,096 bytes, [`Errno::Inval`] with a NUL, [`Errno::Ilseq`]
    /// unless UTF-8, [`Errno::Perm`] if absolute, [`Errno::Noent`] if empty.
    pub fn parse(bytes: &'a [u8]) -> Result<Self> {
        if bytes.len() > PATH_MAX {
            return Err(Errno::Nametoolong);
        }
        if bytes.contains(&0) {
            return Err(Errno::Inval);
        }
        match std::str::from_utf8(bytes).map_err(|_| Errno::Ilseq)? {
            "" => Err(Errno::Noent),
            path if path.starts_with('/') => Err(Errno::Perm),
            path => Ok(Self(path)),
        }
    }

    /// The text as it was given.
    pub fn as_str(self) -> &'a str {
        self.0
    }

    /// Whether it ends in `/`, which demands a directory.
    pub fn has_trailing_slash(self) -> bool {
        self.0.ends_with('/')
    }

    /// The components between slashes, without empty ones and `.`.
    pub fn components(self) -> impl DoubleEndedIterator<Item = &'a str> {
        self.0.split('/').filter(|part| !part.is_empty() && *part != ".")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_paths_have_their_own_errors() {
        assert_eq!(RelativePath::parse(b"a\0b"), Err(Errno::Inval));
        assert_eq!(RelativePath::parse(b"a\xffb"), Err(Errno::Ilseq));
        assert_eq!(RelativePath::parse(b"/etc"), Err(Errno::Perm));
        assert_eq!(RelativePath::parse(b""), Err(Errno::Noent));
        assert_eq!(RelativePath::parse(&[b'a'; PATH_MAX + 1]), Err(Errno::Nametoolong));
    }

    #[test]
    fn the_last_component_is_split_off_unless_it_is_dots() {
        assert_eq!(split_last("a"), ("", "a", false));
        assert_eq!(split_last("a/b//c"), ("a/b/", "c", false));
        assert_eq!(split_last("a/b//"), ("a", "b", true));
        assert_eq!(split_last("a/.."), ("a/..", ".", true));
        assert_eq!(split_last("a/./"), ("a/./", ".", true));
        assert_eq!(split_last("."), (".", ".", true));
    }

    #[test]
    fn components_skip_what_means_nothing() {
        let path = RelativePath::parse(b"./a//../b/").unwrap();
        assert_eq!(path.components().collect::<Vec<_>>(), ["a", "..", "b"]);
        assert!(path.has_trailing_slash());
    }
}
