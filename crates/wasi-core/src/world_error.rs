//! The errors of saving and resuming. They stand on the ground floor, because file systems report them, too.

use crate::errno::Errno;

/// The version of the format that a [`World`](crate::World) is saved in. Any other one is refused.
pub(crate) const VERSION: u32 = 2;

/// Why a world cannot be saved or resumed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WorldError {
    /// It contains something of the embedder's own, which has no form in a file.
    #[error("{0} cannot be saved")]
    Unsavable(&'static str),
    /// The bytes are something else.
    #[error("this is not a saved world")]
    NotAWorld,
    /// Another version of this program wrote it.
    #[error("the saved world has version {0}, and only version {VERSION} can be read")]
    Version(u32),
    /// It was truncated or changed, or contains what no guest can have done.
    #[error("the saved world is damaged")]
    Damaged,
    /// A directory that it needs was not granted.
    #[error("the saved world needs a folder under the name `{0}`")]
    NotGranted(String),
    /// Another archive than before was granted under that name.
    #[error("the saved world needs the archive that was at `{0}`, and there is another one now")]
    OtherArchive(String),
    /// A granted directory cannot be used.
    #[error("a granted folder cannot be opened: {0}")]
    Grant(#[from] Errno),
}
