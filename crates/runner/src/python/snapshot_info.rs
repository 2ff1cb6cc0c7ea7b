//! What a saved snapshot is for: told from the head and the end of its file, without loading it.

use std::fmt::{self, Display, Write as _};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::snapshot_file::{DAMAGED, MAGIC, VERSION, described};
use super::{Snapshot, embedded};
use crate::error::Error;

/// The most bytes of a description.
pub(super) const DESCRIPTION_MAX: usize = 64 << 10;

/// What a file of [`Snapshot::save`] is for.
///
/// A snapshot fits every program whose CPython is the same: its code, the memory it starts with and its library. Their
/// hash is the [`identity`](Self::identity). How the program around it was built makes no difference, nor does its
/// profile, its engine, its processor or its version: a debug build goes on with what a release build has saved.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SnapshotInfo {
    /// The version of the file's format.
    pub format: u32,
    /// The hash of the CPython that it needs; zeros if the format is not known here.
    pub identity: [u8; 32],
    /// What made it, the version of python-wasm and that of CPython, in its own words. `None` if it does not say.
    pub made_by: Option<String>,
    /// The bytes of memory that a sandbox needs to go on from it, as the file says.
    pub memory: Option<u64>,
    /// The names under which [`PythonBuilder::resume`](crate::PythonBuilder::resume) must grant folders of the host, as
    /// the file says.
    pub folders: Vec<String>,
    /// The bytes of the file.
    pub size: u64,
    /// Why this program cannot use it. `None` means that it fits.
    pub misfit: Option<Misfit>,
}

/// Why a file of a snapshot cannot be used by this program. Displays as one line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Misfit {
    /// Its format is another one.
    Format(u32),
    /// It needs another CPython.
    #[non_exhaustive]
    Python {
        /// The one that it needs.
        identity: [u8; 32],
        /// What made it, if it says so.
        made_by: Option<String>,
    },
    /// Bytes are missing or have changed.
    Damaged,
}

impl Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Format(format) => {
                write!(f, "the snapshot has format {format}, and only {VERSION} can be read")
            }
            Self::Python { identity, made_by } => {
                f.write_str("the snapshot was made by another build of python-wasm (")?;
                if let Some(made_by) = made_by {
                    write!(f, "{made_by}, ")?;
                }
                let own = &embedded::IDENTITY[..];
                write!(f, "{}), and this is {} ({})", short(identity), made_here(), short(own))
            }
            Self::Damaged => f.write_str(DAMAGED),
        }
    }
}

/// What a file says of itself, for those who cannot read the rest. Further fields may follow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Description {
    pub(super) made_by: String,
    pub(super) memory: u64,
    pub(super) folders: Vec<String>,
}

/// Returns what makes a snapshot here.
pub(super) fn made_here() -> String {
    format!("python-wasm {}, CPython {}", env!("CARGO_PKG_VERSION"), env!("PYTHON_WASM_PYTHON_VERSION"))
}

/// Returns the first digits of a hash, which tell two apart.
fn short(hash: &[u8]) -> String {
    hash.iter().take(6).fold(String::new(), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

impl Snapshot {
    /// Tells what a file of [`save`](Self::save) is for, and whether this program can use it, without loading it. The
    /// file is read once, and little of it is kept.
    ///
    /// ```
    /// # use python_wasm::{Python, Snapshot};
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("session");
    /// Python::builder().build()?.snapshot()?.save(&path)?;
    /// let info = Snapshot::inspect(&path)?;
    /// assert_eq!((info.misfit, info.size), (None, path.metadata()?.len()));
    /// assert!(info.made_by.unwrap().starts_with("python-wasm "));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// [`Error::Snapshot`] if the file is not a snapshot at all; [`Error::Io`] if it cannot be read.
    pub fn inspect(path: impl AsRef<Path>) -> Result<SnapshotInfo, Error> {
        Self::inspect_from(File::open(path)?)
    }

    /// Tells the same of bytes from anywhere: a `&[u8]`, a file, a socket. Reads to their end.
    pub fn inspect_from(reader: impl Read) -> Result<SnapshotInfo, Error> {
        SnapshotInfo::read(reader)
    }
}

impl SnapshotInfo {
    fn read(mut reader: impl Read) -> Result<Self, Error> {
        let mut head = Head { reader: &mut reader, size: 0 };
        if head.take::<{ MAGIC.len() }>()?.as_ref() != Some(MAGIC) {
            return Err(Error::snapshot("this is not a snapshot of python-wasm"));
        }
        let format = head.take()?.map_or(VERSION, u32::from_le_bytes);
        let known = if format == VERSION { head.take()?.zip(head.take()?) } else { None };
        let size = head.size;
        let body = Body::read(&mut reader)?;
        let (identity, sum): ([u8; 32], [u8; 32]) = known.unwrap_or_default();
        let Description { made_by, memory, folders } = body.description.unwrap_or_default();
        let made_by = Some(made_by).filter(|made_by| !made_by.is_empty());
        let misfit = if format != VERSION {
            Some(Misfit::Format(format))
        } else if known.is_none() || body.sum != sum {
            Some(Misfit::Damaged)
        } else if identity != embedded::IDENTITY[..] {
            Some(Misfit::Python { identity, made_by: made_by.clone() })
        } else {
            None
        };
        let memory = Some(memory).filter(|memory| *memory > 0);
        Ok(Self { format, identity, made_by, memory, folders, size: size + body.size, misfit })
    }
}

/// Takes fields of a fixed length from the beginning of a file.
struct Head<'a, R> {
    reader: &'a mut R,
    /// The bytes so far.
    size: u64,
}

impl<R: Read> Head<'_, R> {
    /// `None` if the file ends before.
    fn take<const N: usize>(&mut self) -> io::Result<Option<[u8; N]>> {
        let mut field = Vec::with_capacity(N);
        self.reader.by_ref().take(N as u64).read_to_end(&mut field)?;
        self.size += field.len() as u64;
        Ok(field.try_into().ok())
    }
}

/// What a body is that was read and not kept.
struct Body {
    sum: [u8; 32],
    size: u64,
    description: Option<Description>,
}

impl Body {
    fn read(reader: &mut impl Read) -> io::Result<Self> {
        let (mut hash, mut size) = (Sha256::new(), 0);
        let mut buffer = vec![0; DESCRIPTION_MAX];
        // What was read last: the description ends with the file.
        let mut end = Vec::with_capacity(2 * DESCRIPTION_MAX);
        loop {
            let count = match reader.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let read = buffer.get(..count).unwrap_or_default();
            hash.update(read);
            size += read.len() as u64;
            end.drain(..end.len().saturating_sub(DESCRIPTION_MAX));
            end.extend_from_slice(read);
        }
        Ok(Self { sum: hash.finalize().into(), size, description: described(&end) })
    }
}
