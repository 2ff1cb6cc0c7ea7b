//! Ways out of a granted directory that other runtimes left open, each tried with every operation.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use wasi_core::Errno;
use wasi_core::fs::{Dir, HostDir, Node, OpenOptions, Quota, RelativePath};
use wasi_core::types::{Access, FdFlags, FileType, OFlags, SetTime};

/// Makes a test of each case. `before` runs on the thread of the test before anything is opened.
macro_rules! escape_tests {
    ($before:path; $($case:ident,)*) => {
        $(#[test] fn $case() { $before(); cases::$case(); })*
    };
}
pub(crate) use escape_tests;

/// A folder with a secret, and in it a granted folder with a file.
struct Cell {
    scratch: tempfile::TempDir,
    dir: HostDir,
}

const SECRET: &[u8] = b"secret";

impl Cell {
    fn new() -> Self {
        let scratch = tempfile::tempdir().unwrap();
        fs::create_dir_all(scratch.path().join("outside/folder")).unwrap();
        fs::write(scratch.path().join("outside/secret"), SECRET).unwrap();
        fs::write(scratch.path().join("secret"), SECRET).unwrap();
        let granted = scratch.path().join("granted");
        fs::create_dir_all(granted.join("sub/deep")).unwrap();
        fs::write(granted.join("own"), "own").unwrap();
        let dir = HostDir::open_ambient(&granted, Quota::unlimited()).unwrap();
        Self { scratch, dir }
    }

    fn granted(&self) -> PathBuf {
        self.scratch.path().join("granted")
    }

    fn outside(&self) -> PathBuf {
        self.scratch.path().join("outside")
    }

    /// Makes a link as the host's user.
    fn host_link(&self, target: impl AsRef<Path>, name: &str) {
        symlink(target, self.granted().join(name)).unwrap();
    }

    /// Makes a link as the guest.
    fn guest_link(&self, target: &str, name: &str) {
        self.dir.symlink(path(target), path(name)).unwrap();
    }

    /// Returns everything outside: names, contents, times of change.
    fn world(&self) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
        let mut world = BTreeMap::new();
        let mut folders = vec![self.scratch.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                let metadata = fs::symlink_metadata(&path).unwrap();
                if path == self.granted() {
                    continue;
                }
                let content = if metadata.is_file() { fs::read(&path).unwrap() } else { Vec::new() };
                if metadata.is_dir() {
                    folders.push(path.clone());
                }
                world.insert(path, (content, metadata.modified().unwrap()));
            }
        }
        world
    }

    /// Tries every operation with a path whose last component leads out. Those that follow it must be
    /// refused.
    fn assert_no_way_onto(&self, name: &str) {
        let before = self.world();
        for (oflags, write) in OPENS {
            let error = self.open_error(name, true, oflags, write);
            assert!(
                is_refusal(error) || oflags.contains(OFlags::EXCL) && error == Errno::Exist,
                "{name}: {error}"
            );
            let error = self.open_error(name, false, oflags, write);
            assert!(is_refusal(error) || matches!(error, Errno::Loop | Errno::Exist), "{name}: {error}");
        }
        assert_refused(name, self.dir.filestat_at(path(name), true));
        assert_refused(name, self.dir.access_at(path(name), true, Access::READ));
        assert_refused(name, self.dir.set_times_at(path(name), true, SetTime::To(0), SetTime::To(0)));
        if let Ok(stat) = self.dir.filestat_at(path(name), false) {
            assert_eq!(stat.filetype, FileType::SymbolicLink, "{name}");
        }
        // The link itself may be changed and moved, but not what it leads to.
        let _ = self.dir.set_times_at(path(name), false, SetTime::To(0), SetTime::To(0));
        assert!(self.dir.create_dir(path(name)).is_err(), "{name}");
        assert!(self.dir.remove_dir(path(name)).is_err(), "{name}");
        assert!(self.dir.symlink(path("x"), path(name)).is_err(), "{name}");
        assert!(self.dir.link(path("own"), &self.dir, path(name)).is_err(), "{name}");
        self.assert_no_way_through(&format!("{name}/"));
        if self.dir.rename(path(name), &self.dir, path("moved")).is_ok() {
            assert_eq!(self.dir.filestat_at(path("moved"), false).unwrap().filetype, FileType::SymbolicLink);
            self.dir.unlink(path("moved")).unwrap();
        }
        assert_eq!(self.world(), before, "{name}");
    }

    /// Tries every operation with a path that leads out before its last component. All must be refused.
    fn assert_no_way_through(&self, name: &str) {
        let before = self.world();
        let trailing_slash = name.ends_with('/');
        for (oflags, write) in OPENS {
            for follow in [true, false] {
                let error = self.open_error(name, follow, oflags, write);
                // `O_EXCL` does not follow a link.
                let exists = trailing_slash && oflags.contains(OFlags::EXCL) && error == Errno::Exist;
                assert!(is_refusal(error) || exists, "{name}: {error}");
            }
        }
        for follow in [true, false] {
            assert_refused(name, self.dir.filestat_at(path(name), follow));
            assert_refused(name, self.dir.access_at(path(name), follow, Access::READ));
            assert_refused(name, self.dir.set_times_at(path(name), follow, SetTime::To(0), SetTime::To(0)));
        }
        assert_refused(name, self.dir.read_link(path(name)));
        let names = [
            self.dir.create_dir(path(name)),
            self.dir.remove_dir(path(name)),
            self.dir.unlink(path(name)),
            self.dir.symlink(path("x"), path(name)),
            self.dir.link(path("own"), &self.dir, path(name)),
            self.dir.link(path(name), &self.dir, path("stolen")),
            self.dir.rename(path("own"), &self.dir, path(name)),
            self.dir.rename(path(name), &self.dir, path("stolen")),
        ];
        for result in names {
            let error = result.unwrap_err();
            // Operations on names do not follow `link/`: they find a link instead of a directory.
            let sees_link = trailing_slash && matches!(error, Errno::Notdir | Errno::Exist);
            assert!(is_refusal(error) || sees_link, "{name}: {error}");
        }
        assert!(!self.granted().join("stolen").exists());
        assert_eq!(self.world(), before, "{name}");
    }

    fn open_error(&self, name: &str, follow: bool, oflags: OFlags, write: bool) -> Errno {
        let options = OpenOptions { follow, oflags, read: true, write, fdflags: FdFlags::empty() };
        match self.dir.open(path(name), options) {
            Ok(_) => panic!("{name} opened"),
            Err(error) => error,
        }
    }
}

/// Returns all kinds of opens, with their right to write.
const OPENS: [(OFlags, bool); 6] = [
    (OFlags::empty(), false),
    (OFlags::empty(), true),
    (OFlags::DIRECTORY, false),
    (OFlags::CREAT, true),
    (OFlags::CREAT.union(OFlags::EXCL), true),
    (OFlags::TRUNC, true),
];

fn path(text: &str) -> RelativePath<'_> {
    RelativePath::parse(text.as_bytes()).unwrap()
}

/// Asserts a refusal by cap-std, or by the kernel for a magic link (`/proc/self/root`).
fn is_refusal(error: Errno) -> bool {
    matches!(error, Errno::Perm | Errno::Loop)
}

fn assert_refused<T: std::fmt::Debug>(name: &str, result: wasi_core::Result<T>) {
    let error = result.unwrap_err();
    assert!(is_refusal(error), "{name}: {error}");
}

pub(crate) fn dotdot_leads_nowhere() {
    let cell = Cell::new();
    for name in ["..", "../", "../.", "sub/../..", "sub/deep/../../..", "./../."] {
        cell.assert_no_way_through(&format!("{}/secret", name.trim_end_matches('/')));
    }
    cell.assert_no_way_through("../outside/secret");
    cell.assert_no_way_through("../granted/own");
}

pub(crate) fn absolute_links_lead_nowhere() {
    let cell = Cell::new();
    let outside = cell.outside();
    cell.host_link(outside.join("secret"), "file");
    cell.host_link(&outside, "folder");
    cell.host_link("/", "root");
    cell.host_link(cell.granted().join("own"), "back in");
    cell.assert_no_way_through("folder/secret");
    cell.assert_no_way_through("folder/new");
    cell.assert_no_way_through("folder/../secret");
    cell.assert_no_way_through("root/etc/passwd");
    for name in ["file", "folder", "root", "back in"] {
        cell.assert_no_way_onto(name);
    }
}

pub(crate) fn relative_links_lead_nowhere() {
    let cell = Cell::new();
    cell.host_link("../outside/secret", "file");
    cell.host_link("../outside", "folder");
    cell.host_link("..", "up");
    cell.host_link("../granted/own", "around");
    cell.host_link("../../../outside/secret", "sub/deep/file");
    cell.assert_no_way_through("folder/secret");
    cell.assert_no_way_through("up/secret");
    cell.assert_no_way_through("up/granted/own");
    cell.assert_no_way_through("sub/../up/secret");
    for name in ["file", "folder", "up", "around", "sub/deep/file"] {
        cell.assert_no_way_onto(name);
    }
}

pub(crate) fn links_that_the_guest_made_lead_nowhere() {
    let cell = Cell::new();
    cell.guest_link("../outside/secret", "file");
    cell.guest_link("../outside", "folder");
    cell.guest_link("sub/../../outside/secret", "winding");
    cell.guest_link("../../../outside", "sub/deep/folder");
    cell.assert_no_way_through("folder/secret");
    cell.assert_no_way_through("sub/deep/folder/new");
    for name in ["file", "folder", "winding", "sub/deep/folder"] {
        cell.assert_no_way_onto(name);
    }
}

pub(crate) fn chains_of_links_lead_nowhere() {
    let cell = Cell::new();
    cell.host_link("../outside", "end");
    cell.guest_link("end", "middle");
    cell.guest_link("sub/../middle", "start");
    cell.guest_link("start/secret", "file");
    cell.assert_no_way_through("start/secret");
    cell.assert_no_way_through("start/new");
    for name in ["file", "start"] {
        cell.assert_no_way_onto(name);
    }
}

pub(crate) fn a_moved_link_does_not_lead_out_from_its_new_place() {
    let cell = Cell::new();
    cell.guest_link("../../own", "sub/deep/link");
    assert!(cell.dir.filestat_at(path("sub/deep/link"), true).is_ok());
    cell.dir.rename(path("sub/deep/link"), &cell.dir, path("link")).unwrap();
    cell.assert_no_way_onto("link");
}

pub(crate) fn a_subdirectory_that_was_moved_up_does_not_lead_out() {
    let cell = Cell::new();
    let options = OpenOptions {
        follow: true,
        oflags: OFlags::DIRECTORY,
        read: true,
        write: false,
        fdflags: FdFlags::empty(),
    };
    let Node::Dir(deep) = cell.dir.open(path("sub/deep"), options).unwrap() else { panic!("no directory") };
    cell.dir.rename(path("sub/deep"), &cell.dir, path("deep")).unwrap();
    for name in ["..", "../secret", "../../secret", "../own"] {
        assert_refused(name, deep.filestat_at(path(name), true));
    }
}

pub(crate) fn dangling_links_create_nothing_outside() {
    let cell = Cell::new();
    cell.host_link(cell.outside().join("new"), "absolute");
    cell.guest_link("../outside/new", "relative");
    cell.guest_link("../outside/missing/new", "deep");
    for name in ["absolute", "relative"] {
        cell.assert_no_way_onto(name);
    }
    let error = cell.open_error("deep", true, OFlags::CREAT, true);
    assert!(is_refusal(error) || error == Errno::Noent, "{error}");
    assert!(!cell.outside().join("missing").exists());
}

/// RUSTSEC-2026-0269: with a trailing slash, cap-std's own resolver followed a link that it was told not to
/// follow.
pub(crate) fn a_trailing_slash_does_not_make_a_link_lead_out() {
    let cell = Cell::new();
    cell.host_link(cell.outside(), "absolute");
    cell.host_link("../outside", "relative");
    cell.host_link("../outside/secret", "file");
    for name in ["absolute", "relative", "file"] {
        for slashes in ["/", "//", "/.", "/./", "//."] {
            let error = cell.open_error(&format!("{name}{slashes}"), false, OFlags::empty(), false);
            assert!(is_refusal(error), "{name}{slashes}: {error}");
            let error = cell.open_error(&format!("{name}{slashes}"), false, OFlags::DIRECTORY, false);
            assert!(is_refusal(error), "{name}{slashes}: {error}");
        }
    }
}

pub(crate) fn links_inside_work() {
    let cell = Cell::new();
    cell.guest_link("../../own", "sub/deep/link");
    cell.guest_link("sub", "folder");
    assert_eq!(cell.dir.filestat_at(path("folder/deep/link"), true).unwrap().size, 3);
    assert_eq!(cell.dir.filestat_at(path("folder/deep/../../own"), true).unwrap().size, 3);
}

/// The magic links below `/proc/self` lead to open files, wherever these are.
#[cfg(target_os = "linux")]
pub(crate) fn magic_links_lead_nowhere() {
    let proc = HostDir::open_ambient("/proc", Quota::unlimited()).unwrap();
    for name in
        ["self/root", "self/root/", "self/root/etc/passwd", "self/cwd", "self/cwd/Cargo.toml", "self/exe"]
    {
        assert_refused(name, proc.filestat_at(path(name), true));
    }
}

/// The host keeps swapping a folder with a link to the outside while the guest opens a file in it.
pub(crate) fn a_folder_swapped_for_a_link_in_a_race_leads_nowhere() {
    let cell = Cell::new();
    fs::create_dir(cell.granted().join("folder")).unwrap();
    fs::write(cell.granted().join("folder/secret"), "harmless").unwrap();
    symlink(cell.outside(), cell.granted().join("link")).unwrap();
    race(&cell, "folder", "folder/secret");
}

/// The host keeps swapping the file itself.
pub(crate) fn a_file_swapped_for_a_link_in_a_race_leads_nowhere() {
    let cell = Cell::new();
    fs::write(cell.granted().join("file"), "harmless").unwrap();
    symlink(cell.outside().join("secret"), cell.granted().join("link")).unwrap();
    race(&cell, "file", "file");
}

/// Keeps opening `opened` while another thread swaps `swapped` and `link`.
fn race(cell: &Cell, swapped: &str, opened: &str) {
    let done = AtomicBool::new(false);
    let granted = cell.granted();
    let before = cell.world();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let swap = |from: &str, to: &str| fs::rename(granted.join(from), granted.join(to)).unwrap();
            while !done.load(Ordering::Relaxed) {
                swap(swapped, "spare");
                swap("link", swapped);
                swap(swapped, "link");
                swap("spare", swapped);
            }
        });
        let options = OpenOptions {
            follow: true,
            oflags: OFlags::empty(),
            read: true,
            write: true,
            fdflags: FdFlags::empty(),
        };
        let mut successes = 0;
        let mut contents = Vec::new();
        for _ in 0..30_000 {
            let _ = cell.dir.set_times_at(path(opened), true, SetTime::Keep, SetTime::To(1));
            if let Ok(Node::File(mut file)) = cell.dir.open(path(opened), options) {
                let mut buffer = [0; 8];
                let len = file.read(&mut buffer).unwrap();
                contents.push(buffer[..len].to_vec());
                successes += 1;
            }
        }
        // Before anything can panic, because the other thread would never stop.
        done.store(true, Ordering::Relaxed);
        assert!(successes > 0);
        assert!(contents.iter().all(|content| content == b"harmless"));
    });
    assert_eq!(cell.world(), before);
}
