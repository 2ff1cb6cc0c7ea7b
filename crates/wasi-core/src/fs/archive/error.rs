//! Why an archive cannot be used.

/// Why an archive cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveError {
    /// The end record is missing.
    #[error("this is not a ZIP archive: it has no end record")]
    NotZip,
    /// A record points outside of the archive, or the archive ends within a record.
    #[error("the ZIP archive is truncated or damaged: its index does not fit it")]
    Truncated,
    /// A feature of the format that is not supported.
    #[error("the ZIP archive uses {0}, which is not supported")]
    Unsupported(&'static str),
    /// A compression method other than 0 and 93.
    #[error("`{name}` is compressed by method {method}; only 0 (stored) and 93 (Zstandard) are supported")]
    Method {
        /// The entry.
        name: String,
        /// Its method.
        method: u16,
    },
    /// Not a relative path of plain names in UTF-8, or one of more than 4,096 bytes.
    #[error(
        "`{0}` is not a name for a file in an archive: use short relative paths in UTF-8, without `.` and `..`"
    )]
    Name(String),
    /// Two entries of one name, or a file where another needs a directory.
    #[error("`{0}` is in the archive twice")]
    Duplicate(String),
    /// Larger than 256 MiB.
    #[error("`{name}` unpacks to {size} bytes; at most 268435456 are supported")]
    TooLarge {
        /// The entry.
        name: String,
        /// Its size in bytes.
        size: u32,
    },
}
