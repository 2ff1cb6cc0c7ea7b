//! What both command lines share: options, this process's streams and signals, recordings, exit statuses.

pub mod ending;
mod moment;
mod options;
mod print;
mod recording;
mod row;
pub mod signals;
mod streams;
mod values;

pub use self::options::{Names, Options};
pub use self::print::{print, say};
pub use self::recording::{RecordedRun, Recording};
pub use self::row::{Row, help, take, unknown_option};
pub use self::streams::{context, inherited, traced};

/// A wrong command line: one line for the user, and status 2.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);
