//! Files and directories at rest: what a [`World`](crate::World) holds of them, and the way there and back.

mod files;
mod resumer;
mod saver;

pub(crate) use files::SavedFiles;
pub(crate) use resumer::{Grants, Resumer};
pub(crate) use saver::Saver;
