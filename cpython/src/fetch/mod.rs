//! Fetches files from the network. Each caller pins its file by sha256, so the recipe's hash does not depend
//! on this code.

mod apt;
mod crates;
mod release;
#[cfg(all(feature = "build", feature = "numpy"))]
mod sdist;
mod tarball;
mod wheel;

pub(crate) use crates::crates;
pub(crate) use release::musl;
#[cfg(feature = "build")]
pub(crate) use release::release;
#[cfg(all(feature = "build", feature = "numpy"))]
pub(crate) use sdist::sdist;
#[cfg(all(feature = "build", feature = "numpy"))]
pub(crate) use wheel::unpack_wheel;
pub(crate) use wheel::wheel;
