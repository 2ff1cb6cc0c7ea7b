//! What can go wrong with a world at rest: on the ground floor, because file systems report it too.

use crate::errno::Errno;

/// The version of the format that a [`World`](crate::World) is saved in. Any other one is refused.
pub(crate) const VERSION: u32 = 1;

/// Why a world cannot be saved or taken up again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WorldError {
    /// It holds something that only the embedder's program knows.
    #[error("{0} cannot be saved")]
    Unsavable(&'static str),
    /// The bytes are something else.
    #[error("this is no saved world")]
    NotAWorld,
    /// Another version of this program wrote it.
    #[error("the saved world has version {0}, and only version {VERSION} can be read")]
    Version(u32),
    /// It was cut or changed, or says what no guest can have done.
    #[error("the saved world is damaged")]
    Damaged,
    /// A folder that it needs was not granted.
    #[error("the saved world needs a folder under the name `{0}`")]
    NotGranted(String),
    /// What was granted under that name is not the archive that was there.
    #[error("the saved world needs the archive that was at `{0}`, and there is another one now")]
    OtherArchive(String),
    /// A folder that was granted cannot be used.
    #[error("a granted folder cannot be opened: {0}")]
    Grant(#[from] Errno),
}
