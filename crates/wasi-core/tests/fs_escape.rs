//! Ways out of a granted directory, with the resolver that the host prefers (`openat2` on Linux).

#[path = "escape/cases.rs"]
mod cases;

fn as_the_host_is() {}

cases::escape_tests! {
    as_the_host_is;
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
}

#[cfg(target_os = "linux")]
cases::escape_tests! {
    as_the_host_is;
    magic_links_lead_nowhere,
}
