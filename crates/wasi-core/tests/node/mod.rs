//! Lets Node run tests of wasm32-unknown-unknown, where the harness of the standard library has neither arguments nor
//! output: `main` asks which test to run, and a panic ends the instance.

#![allow(unsafe_code, reason = "what JavaScript does for the tests, each behind a safe function")]

extern crate test;

use test::{TestDescAndFn, TestFn};
use wasi_core::types::{ClockId, Timestamp};
use wasi_core::{Errno, Interrupt, PollFlags, Result, System, install};

mod raw {
    #[link(wasm_import_module = "node")]
    unsafe extern "C" {
        pub(super) fn chosen() -> usize;
        pub(super) fn print(text: *const u8, len: usize);
        pub(super) fn now(clock: u32) -> u64;
        pub(super) fn entropy(bytes: *mut u8, len: usize);
        pub(super) fn wait(end: u64);
    }
}

fn print(line: &str) {
    // SAFETY: JavaScript reads exactly the bytes of the text.
    unsafe { raw::print(line.as_ptr(), line.len()) }
}

/// Runs the test of the number that JavaScript has chosen. If there is none, prints the names of all instead.
pub(crate) fn run(tests: &[&TestDescAndFn]) {
    std::panic::set_hook(Box::new(|panic| print(&panic.to_string())));
    install(Node);
    // SAFETY: the function takes no addresses.
    match tests.get(unsafe { raw::chosen() }) {
        None => tests.iter().for_each(|test| print(test.desc.name.as_slice())),
        Some(TestDescAndFn { testfn: TestFn::StaticTestFn(test), .. }) => test().unwrap(),
        Some(test) => panic!("`{}` is not a test of a function", test.desc.name),
    }
}

/// Clocks, entropy and waiting. Nothing here can be waited for.
struct Node;

impl System for Node {
    fn now(&self, id: ClockId) -> Timestamp {
        // SAFETY: the function takes no addresses.
        unsafe { raw::now(id as u32) }
    }

    fn resolution(&self, _id: ClockId) -> Timestamp {
        1
    }

    fn entropy(&self, bytes: &mut [u8]) -> Result<()> {
        // SAFETY: JavaScript writes exactly the bytes of the slice.
        unsafe { raw::entropy(bytes.as_mut_ptr(), bytes.len()) }
        Ok(())
    }

    fn wait(
        &self,
        _interrupt: &Interrupt,
        sources: &[(u32, PollFlags)],
        end: Option<Timestamp>,
    ) -> Vec<PollFlags> {
        let end = end.expect("a wait without an end would last forever");
        // SAFETY: the function takes no addresses.
        unsafe { raw::wait(end) }
        vec![PollFlags::empty(); sources.len()]
    }

    fn window_size(&self, _source: u32) -> Result<(u16, u16)> {
        Err(Errno::Notty)
    }
}
