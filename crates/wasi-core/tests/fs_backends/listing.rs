//! Listings.

use std::collections::HashSet;

use wasi_core::types::FileType;

use crate::fixture::Fixture;

crate::on_every_back_end! {
    a_listing_tells_kinds_and_true_inode_numbers,
    a_listing_leaves_out_dot_and_dotdot,
    a_listing_of_many_names_has_each_once,
    a_listing_survives_removals,
    two_listings_do_not_disturb_each_other,
}

fn a_listing_tells_kinds_and_true_inode_numbers(fs: &Fixture) {
    fs.write("a", b"");
    fs.mkdir("d").unwrap();
    fs.symlink("a", "link").unwrap();
    let mut found = Vec::new();
    for entry in fs.dir.entries().unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.ino, fs.lstat(&entry.name).unwrap().ino, "{}", entry.name);
        found.push((entry.name, entry.filetype));
    }
    found.sort_by(|(left, _), (right, _)| left.cmp(right));
    let expected =
        [("a", FileType::RegularFile), ("d", FileType::Directory), ("link", FileType::SymbolicLink)];
    assert_eq!(found, expected.map(|(name, filetype)| (name.to_owned(), filetype)));
}

fn a_listing_leaves_out_dot_and_dotdot(fs: &Fixture) {
    assert_eq!(fs.dir.entries().unwrap().count(), 0);
}

fn a_listing_of_many_names_has_each_once(fs: &Fixture) {
    let mut expected = HashSet::new();
    for number in 0..900 {
        let name = format!("a file with a fairly long name, number {number}");
        fs.write(&name, b"");
        expected.insert(name);
    }
    let names = fs.names();
    assert_eq!(names.len(), 900);
    assert_eq!(names.into_iter().collect::<HashSet<_>>(), expected);
}

fn a_listing_survives_removals(fs: &Fixture) {
    for number in 0..500 {
        fs.write(&format!("{number}"), b"");
    }
    for entry in fs.dir.entries().unwrap() {
        fs.unlink(&entry.unwrap().name).unwrap();
    }
    assert_eq!(fs.names(), [""; 0]);
}

fn two_listings_do_not_disturb_each_other(fs: &Fixture) {
    fs.write("a", b"");
    fs.write("b", b"");
    let mut first = fs.dir.entries().unwrap();
    first.next().unwrap().unwrap();
    assert_eq!(fs.dir.entries().unwrap().count(), 2);
    assert_eq!(first.count(), 1);
}
