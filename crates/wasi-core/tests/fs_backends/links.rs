//! Symbolic and hard links inside of the directory. `escape` has those that lead out.

use wasi_core::Errno;
use wasi_core::types::FileType;

use crate::fixture::{Fixture, path, read, write};

crate::on_every_back_end! {
    a_link_leads_to_its_target,
    a_link_is_relative_to_where_it_is,
    a_link_keeps_its_text,
    a_link_to_a_directory_is_a_way_through,
    a_link_may_climb_inside,
    attributes_of_a_link_are_its_own_unless_followed,
    nofollow_on_a_link_is_loop,
    a_trailing_slash_on_a_link_leads_to_its_directory,
    a_dangling_link_is_noent_but_can_be_created_through,
    a_link_to_itself_is_loop,
    forty_links_are_followed_and_more_are_loop,
    unlink_removes_the_link_and_not_its_target,
    read_link_of_no_link_is_inval,
    symlink_refuses_what_exists,
    symlink_with_a_trailing_slash_makes_nothing,
    a_link_out_of_the_directory_is_perm,
    a_link_out_of_a_subdirectory_is_perm_there_only,
    hard_links_share_one_file,
    a_hard_link_of_a_directory_is_perm,
    a_hard_link_refuses_what_exists,
    a_hard_link_with_a_trailing_slash_makes_nothing,
    a_hard_link_of_a_link_is_the_link,
    a_hard_link_may_cross_directories_of_one_file_system,
}

fn a_link_leads_to_its_target(fs: &Fixture) {
    fs.write("a", b"x");
    fs.symlink("a", "link").unwrap();
    assert_eq!(fs.read("link"), b"x");
    fs.write("link", b"y");
    assert_eq!(fs.read("a"), b"y");
}

fn a_link_is_relative_to_where_it_is(fs: &Fixture) {
    fs.mkdir("d").unwrap();
    fs.write("d/a", b"inner");
    fs.write("a", b"outer");
    fs.symlink("a", "d/link").unwrap();
    assert_eq!(fs.read("d/link"), b"inner");
}

fn a_link_keeps_its_text(fs: &Fixture) {
    fs.symlink(".//some/../where/", "link").unwrap();
    assert_eq!(fs.read_link("link").unwrap(), ".//some/../where/");
    assert_eq!(fs.lstat("link").unwrap().size, 17);
}

fn a_link_to_a_directory_is_a_way_through(fs: &Fixture) {
    fs.mkdir("d").unwrap();
    fs.mkdir("d/e").unwrap();
    fs.symlink("d", "link").unwrap();
    fs.write("link/e/a", b"x");
    assert_eq!(fs.read("d/e/a"), b"x");
    // `..` is the parent of what the link leads to, not of the link.
    fs.symlink("d/e", "deep").unwrap();
    assert_eq!(fs.stat("deep/..").unwrap().ino, fs.stat("d").unwrap().ino);
    fs.rename("deep/../e/a", "b").unwrap();
    assert!(fs.exists("b"));
}

fn a_link_may_climb_inside(fs: &Fixture) {
    fs.mkdir("d").unwrap();
    fs.write("a", b"x");
    fs.symlink("../a", "d/link").unwrap();
    assert_eq!(fs.read("d/link"), b"x");
}

fn attributes_of_a_link_are_its_own_unless_followed(fs: &Fixture) {
    fs.write("a", b"hello");
    fs.symlink("a", "link").unwrap();
    let (link, target) = (fs.lstat("link").unwrap(), fs.stat("link").unwrap());
    assert_eq!((link.filetype, link.size), (FileType::SymbolicLink, 1));
    assert_eq!((target.filetype, target.size), (FileType::RegularFile, 5));
    assert_eq!(target.ino, fs.stat("a").unwrap().ino);
}

fn nofollow_on_a_link_is_loop(fs: &Fixture) {
    fs.write("a", b"x");
    fs.mkdir("d").unwrap();
    fs.symlink("a", "file link").unwrap();
    fs.symlink("d", "dir link").unwrap();
    fs.symlink("missing", "dangling").unwrap();
    for name in ["file link", "dir link", "dangling"] {
        assert_eq!(fs.open_error(name, read().nofollow()), Errno::Loop, "{name}");
        assert_eq!(fs.open_error(name, write().create().nofollow()), Errno::Loop, "{name}");
        assert_eq!(fs.open_error(name, read().directory().nofollow()), Errno::Loop, "{name}");
    }
    assert_eq!(fs.names(), ["a", "d", "dangling", "dir link", "file link"]);
}

fn a_trailing_slash_on_a_link_leads_to_its_directory(fs: &Fixture) {
    fs.mkdir("d").unwrap();
    fs.write("a", b"");
    fs.symlink("d", "link").unwrap();
    fs.symlink("a", "file link").unwrap();
    assert_eq!(fs.lstat("link/").unwrap().filetype, FileType::Directory);
    assert!(fs.dir.open(path("link/"), read().nofollow().0).is_ok());
    assert_eq!(fs.read_link("link/"), Err(Errno::Inval));
    assert_eq!(fs.lstat("file link/"), Err(Errno::Notdir));
    assert_eq!(fs.open_error("file link/", read().nofollow()), Errno::Notdir);
    assert_eq!(fs.unlink("link/"), Err(Errno::Notdir));
    assert_eq!(fs.rename("link/", "x"), Err(Errno::Notdir));
}

fn a_dangling_link_is_noent_but_can_be_created_through(fs: &Fixture) {
    fs.mkdir("d").unwrap();
    fs.symlink("d/a", "link").unwrap();
    assert_eq!(fs.open_error("link", read()), Errno::Noent);
    assert_eq!(fs.stat("link"), Err(Errno::Noent));
    fs.write("link", b"x");
    assert_eq!(fs.read("d/a"), b"x");
}

fn a_link_to_itself_is_loop(fs: &Fixture) {
    fs.symlink("link", "link").unwrap();
    assert_eq!(fs.open_error("link", read()), Errno::Loop);
    assert_eq!(fs.stat("link"), Err(Errno::Loop));
    assert_eq!(fs.stat("link/a"), Err(Errno::Loop));
    assert_eq!(fs.stat("link/"), Err(Errno::Loop));
    fs.unlink("link").unwrap();
}

fn forty_links_are_followed_and_more_are_loop(fs: &Fixture) {
    fs.write("link0", b"x");
    for number in 1..=79 {
        fs.symlink(&format!("link{}", number - 1), &format!("link{number}")).unwrap();
    }
    assert_eq!(fs.read("link40"), b"x");
    assert_eq!(fs.open_error("link41", read()), Errno::Loop);
    assert_eq!(fs.open_error("link79", read()), Errno::Loop);
}

fn unlink_removes_the_link_and_not_its_target(fs: &Fixture) {
    fs.mkdir("d").unwrap();
    fs.write("a", b"x");
    fs.symlink("a", "file link").unwrap();
    fs.symlink("d", "dir link").unwrap();
    fs.unlink("file link").unwrap();
    fs.unlink("dir link").unwrap();
    assert_eq!(fs.names(), ["a", "d"]);
}

fn read_link_of_no_link_is_inval(fs: &Fixture) {
    fs.write("a", b"");
    assert_eq!(fs.read_link("a"), Err(Errno::Inval));
    assert_eq!(fs.read_link("."), Err(Errno::Inval));
    assert_eq!(fs.read_link("missing"), Err(Errno::Noent));
}

fn symlink_refuses_what_exists(fs: &Fixture) {
    fs.write("a", b"");
    fs.mkdir("d").unwrap();
    fs.symlink("x", "link").unwrap();
    for name in ["a", "d", "d/", "link", "."] {
        assert_eq!(fs.symlink("target", name), Err(Errno::Exist), "{name}");
    }
    assert_eq!(fs.symlink("target", "a/"), Err(Errno::Notdir));
}

fn symlink_with_a_trailing_slash_makes_nothing(fs: &Fixture) {
    assert_eq!(fs.symlink("target", "link/"), Err(Errno::Noent));
    assert_eq!(fs.names(), [""; 0]);
}

fn a_link_out_of_the_directory_is_perm(fs: &Fixture) {
    fs.mkdir("d").unwrap();
    fs.symlink("../../outside", "d/link").unwrap();
    fs.symlink("..", "up").unwrap();
    assert_eq!(fs.open_error("d/link", read()), Errno::Perm);
    assert_eq!(fs.open_error("d/link", write().create()), Errno::Perm);
    assert_eq!(fs.stat("d/link/x"), Err(Errno::Perm));
    assert_eq!(fs.stat("up"), Err(Errno::Perm));
    assert_eq!(fs.lstat("up/"), Err(Errno::Perm));
    assert_eq!(fs.open_error("up/", read().nofollow()), Errno::Perm);
    assert_eq!(fs.mkdir("up/x"), Err(Errno::Perm));
    assert_eq!(fs.unlink("up/x"), Err(Errno::Perm));
    assert_eq!(fs.rename("d", "up/x"), Err(Errno::Perm));
    assert_eq!(fs.link("up/x", "y"), Err(Errno::Perm));
    assert_eq!(fs.read_link("up").unwrap(), "..");
}

fn a_link_out_of_a_subdirectory_is_perm_there_only(fs: &Fixture) {
    fs.mkdir("d").unwrap();
    fs.write("a", b"x");
    fs.symlink("../a", "d/link").unwrap();
    assert_eq!(fs.read("d/link"), b"x");
    let inner = fs.open_dir("d").unwrap();
    assert!(matches!(inner.open(path("link"), read().0), Err(Errno::Perm)));
}

fn hard_links_share_one_file(fs: &Fixture) {
    fs.write("a", b"x");
    fs.link("a", "b").unwrap();
    fs.write("b", b"y");
    assert_eq!(fs.read("a"), b"y");
    let (a, b) = (fs.stat("a").unwrap(), fs.stat("b").unwrap());
    assert_eq!((a.ino, a.nlink), (b.ino, 2));
    fs.unlink("a").unwrap();
    assert_eq!(fs.stat("b").unwrap().nlink, 1);
    assert_eq!(fs.read("b"), b"y");
}

fn a_hard_link_of_a_directory_is_perm(fs: &Fixture) {
    fs.mkdir("d").unwrap();
    for name in ["d", "d/", "."] {
        assert_eq!(fs.link(name, "e"), Err(Errno::Perm), "{name}");
    }
}

fn a_hard_link_refuses_what_exists(fs: &Fixture) {
    fs.write("a", b"");
    fs.write("b", b"kept");
    fs.mkdir("d").unwrap();
    for name in ["a", "b", "d", "d/"] {
        assert_eq!(fs.link("a", name), Err(Errno::Exist), "{name}");
    }
    assert_eq!(fs.link("missing", "b"), Err(Errno::Noent));
    assert_eq!(fs.read("b"), b"kept");
}

fn a_hard_link_with_a_trailing_slash_makes_nothing(fs: &Fixture) {
    fs.write("a", b"");
    assert_eq!(fs.link("a", "b/"), Err(Errno::Noent));
    assert_eq!(fs.names(), ["a"]);
}

fn a_hard_link_of_a_link_is_the_link(fs: &Fixture) {
    fs.write("a", b"x");
    fs.symlink("a", "link").unwrap();
    fs.link("link", "other").unwrap();
    assert_eq!(fs.lstat("other").unwrap().filetype, FileType::SymbolicLink);
    assert_eq!(fs.read_link("other").unwrap(), "a");
}

fn a_hard_link_may_cross_directories_of_one_file_system(fs: &Fixture) {
    fs.write("a", b"x");
    fs.mkdir("d").unwrap();
    let inner = fs.open_dir("d").unwrap();
    fs.dir.link(path("a"), &*inner, path("b")).unwrap();
    assert_eq!(fs.read("d/b"), b"x");
}
