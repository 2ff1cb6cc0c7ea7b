//! Paths of the guest, checked once: UTF-8, no NUL, not absolute, not too long.

use crate::errno::{Errno, Result};

/// The longest path in bytes, as `PATH_MAX` on Linux.
pub(super) const PATH_MAX: usize = 4096;

/// How many symbolic links may be followed for one path, as on Linux
/// ([`path_resolution`](https://man7.org/linux/man-pages/man7/path_resolution.7.html)).
pub(super) const LINKS_MAX: u32 = 40;

/// The longest name in bytes, as `NAME_MAX` on Linux.
pub(super) const NAME_MAX: usize = 255;

/// What happens to a symbolic link in the last component of a path. Links before it are always followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LastLink {
    /// The operation removes, moves or makes the name, so it works on the link even with a trailing slash.
    Keep,
    /// The operation works on the link, except that `link/` is the directory that it leads to.
    Slash,
    /// The operation works on what the link leads to.
    Follow,
}

impl LastLink {
    /// Returns the variant for an operation with lookup flags.
    pub(super) fn new(follow: bool) -> Self {
        if follow { Self::Follow } else { Self::Slash }
    }

    /// Whether a link is followed. `slash`: a slash comes after it.
    pub(super) fn followed(self, slash: bool) -> bool {
        match self {
            Self::Keep => false,
            Self::Slash => slash,
            Self::Follow => true,
        }
    }
}

/// Splits a path into the parent, in which every link is followed, and the last name. The flag says whether
/// the path demands a directory.
///
/// For a path that ends in `.` or `..`, the parent is the whole path and the name is `.`.
pub(super) fn split_last(path: &str) -> (&str, &str, bool) {
    let trimmed = path.trim_end_matches('/');
    let slash = trimmed.len() < path.len();
    let (parent, name) = trimmed.rsplit_once('/').unwrap_or(("", trimmed));
    match name {
        "" | "." | ".." => (path, ".", true),
        name => (parent, name, slash),
    }
}

/// A path relative to a directory. It may contain `.`, `..`, empty components and a trailing slash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RelativePath<'a>(&'a str);

impl<'a> RelativePath<'a> {
    /// Checks bytes given by a guest.
    ///
    /// [`Errno::Nametoolong`] past 4,096 bytes, [`Errno::Inval`] for a NUL, [`Errno::Ilseq`] unless it is
    /// UTF-8, [`Errno::Perm`] for an absolute path, [`Errno::Noent`] for an empty one.
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

    /// Returns the text as it was given.
    pub fn as_str(self) -> &'a str {
        self.0
    }

    /// Returns whether the path ends in `/`, which demands a directory.
    pub fn has_trailing_slash(self) -> bool {
        self.0.ends_with('/')
    }

    /// Lists the components, without empty ones and `.`.
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
