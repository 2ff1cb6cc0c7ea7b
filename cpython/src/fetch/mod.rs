//! What is fetched from elsewhere. No recipe's hash depends on how: all of it is
//! pinned by sha256 where it is asked for.

mod apt;
mod crates;
mod release;
mod tarball;
mod wheel;

pub(crate) use crates::crates;
pub(crate) use release::{musl, release};
pub(crate) use wheel::wheel;
