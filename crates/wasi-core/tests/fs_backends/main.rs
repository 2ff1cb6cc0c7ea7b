//! The behaviour of writable file systems, tested on the host, in memory, and in an overlay over a directory
//! of the host.

#![cfg_attr(target_arch = "wasm32", feature(custom_test_frameworks, test), test_runner(node::run))]

mod content;
mod directories;
mod fixture;
mod links;
mod listing;
mod modes;
#[cfg(target_arch = "wasm32")]
#[path = "../node/mod.rs"]
mod node;
mod opening;
#[cfg(target_os = "linux")]
mod plans;
mod quotas;
mod renaming;
mod times;

/// Makes three tests of each function: with a temporary directory of the host, a tree in memory, and an
/// overlay.
///
/// The compiler reports a function that is missing here as unused.
macro_rules! on_every_back_end {
    ($($behaviour:ident,)*) => {
        #[cfg(feature = "host")]
        mod on_the_host {
            use crate::fixture::Fixture;
            $(#[test] fn $behaviour() { super::$behaviour(&Fixture::on_the_host()); })*
        }
        mod in_memory {
            use crate::fixture::Fixture;
            $(#[test] fn $behaviour() { super::$behaviour(&Fixture::in_memory()); })*
        }
        mod on_an_overlay {
            use crate::fixture::Fixture;
            $(#[test] fn $behaviour() { super::$behaviour(&Fixture::on_an_overlay()); })*
        }
    };
}
pub(crate) use on_every_back_end;
