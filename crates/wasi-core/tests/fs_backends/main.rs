//! Every behaviour of a writable file system, on the host and in memory.

mod content;
mod directories;
mod fixture;
mod links;
mod listing;
mod opening;
mod quotas;
mod renaming;
mod times;

/// Makes two tests of each function: one with a temporary directory of the host, one with a tree in memory.
///
/// A function that is not named here is never used, and the compiler says so.
macro_rules! on_every_back_end {
    ($($behaviour:ident,)*) => {
        mod on_the_host {
            use crate::fixture::Fixture;
            $(#[test] fn $behaviour() { super::$behaviour(&Fixture::on_the_host()); })*
        }
        mod in_memory {
            use crate::fixture::Fixture;
            $(#[test] fn $behaviour() { super::$behaviour(&Fixture::in_memory()); })*
        }
    };
}
pub(crate) use on_every_back_end;
