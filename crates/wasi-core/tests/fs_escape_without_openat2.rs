//! The same ways out with cap-std's own resolver, for kernels and filters without `openat2`.
//!
//! Linux only, because no other host has the call. This is a program of its own, because cap-std tries the
//! call once per process; every test denies it to its thread before it opens anything.
#![cfg(target_os = "linux")]

#[path = "escape/cases.rs"]
mod cases;

use std::collections::BTreeMap;

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat2};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, apply_filter};

/// The number of the call, the same on every architecture.
const OPENAT2: i64 = 437;

/// Makes `openat2` fail with `ENOSYS` on this thread from now on.
fn without_openat2() {
    let missing = SeccompAction::Errno(rustix::io::Errno::NOSYS.raw_os_error() as u32);
    let filter = SeccompFilter::new(
        BTreeMap::from([(OPENAT2, vec![])]),
        SeccompAction::Allow,
        missing,
        std::env::consts::ARCH.try_into().unwrap(),
    );
    let program: BpfProgram = filter.unwrap().try_into().unwrap();
    apply_filter(&program).unwrap();
    let answer = openat2(CWD, ".", OFlags::RDONLY, Mode::empty(), ResolveFlags::empty());
    assert_eq!(answer.unwrap_err(), rustix::io::Errno::NOSYS);
}

cases::escape_tests! {
    without_openat2;
    dotdot_leads_nowhere,
    absolute_links_lead_nowhere,
    relative_links_lead_nowhere,
    links_that_the_guest_made_lead_nowhere,
    chains_of_links_lead_nowhere,
    a_moved_link_does_not_lead_out_from_its_new_place,
    a_subdirectory_that_was_moved_up_does_not_lead_out,
    dangling_links_create_nothing_outside,
    a_trailing_slash_does_not_make_a_link_lead_out,
    links_inside_work,
    a_folder_swapped_for_a_link_in_a_race_leads_nowhere,
    a_file_swapped_for_a_link_in_a_race_leads_nowhere,
    magic_links_lead_nowhere,
}
