//! Saving open files and directories for a [`World`](crate::World), and opening them again.

mod files;
mod resumer;
mod saver;

pub(crate) use files::SavedFiles;
pub(crate) use resumer::{Grants, Resumer};
pub(crate) use saver::Saver;
