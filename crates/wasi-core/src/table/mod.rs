//! The descriptor table: numbers to open files and directories, the lowest free number first.

mod descriptor;
mod descriptors;
mod links;
mod saved;

pub(crate) use descriptor::{Descriptor, Listing, OpenDir, OpenFile, Origin};
pub(crate) use descriptors::Table;
pub(crate) use saved::SavedTable;
