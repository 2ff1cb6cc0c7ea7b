//! What both command lines share: options, this process's streams and signals, recordings, exit statuses.

mod completions;
mod description;
pub mod ending;
mod entry;
mod folder;
mod manual;
mod moment;
mod options;
mod print;
mod recording;
mod row;
pub mod signals;
mod streams;
pub mod values;

pub use self::completions::{Shell, completions};
pub use self::description::{COMPLETIONS, Description, MANUAL};
pub use self::entry::Entry;
pub use self::folder::{Folder, Names};
pub use self::manual::manual;
pub use self::options::Options;
pub use self::print::{print, say};
pub use self::recording::{RecordedRun, Recording};
pub use self::row::{Row, entries, help, own_help, take, take_own, unknown_option, unknown_own_option};
pub use self::streams::{context, inherited, traced};

/// A wrong command line: one line for the user, and status 2.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);
