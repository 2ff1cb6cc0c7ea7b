//! What a context answers its embedder about modes and access.

use wasi_core::fs::{Archive, Device, Dir, MemoryDir, Quota, TimeSource};
use wasi_core::types::{Access, Fd};
use wasi_core::{Errno, WasiCtx};

use crate::back_ends::*;
use crate::guest::Guest;

pub(crate) const WORK: Fd = Fd(3);

/// Returns the mode of a name below the first preopen.
pub(crate) fn mode(guest: &Guest, name: &str) -> u32 {
    guest.ctx.mode_at(WORK, name.as_bytes(), true).unwrap().bits()
}

pub(crate) fn guest(dir: impl Dir) -> Guest {
    Guest::new(WasiCtx::builder().preopen("/work", Box::new(dir)))
}

on_each_back_end! {
    fn a_mode_is_found_by_descriptor_and_by_path(guest) {
        file(guest, "a", b"");
        dir(guest, "d");
        symlink(guest, "a", "link").unwrap();
        let fd = guest.open(ROOT, "a", 0, READ).unwrap();
        let by_path = |path: &str, follow| guest.ctx.mode_at(WORK, path.as_bytes(), follow);
        assert_eq!(guest.ctx.mode_of(Fd(fd as u32)), by_path("a", false));
        assert_eq!(guest.ctx.mode_of(WORK), by_path(".", false));
        assert_eq!(by_path("link", true), by_path("a", true));
        assert_eq!(by_path("link", false).unwrap().bits(), 0o120_777);
        assert_eq!(guest.ctx.access_at(WORK, b"d", true, Access::all()), Ok(()));
    }

    fn a_path_has_the_errors_that_it_has_for_the_guest(guest) {
        file(guest, "a", b"");
        for (path, errno) in [
            (&b""[..], Errno::Noent),
            (b"missing", Errno::Noent),
            (b"a/b", Errno::Notdir),
            (b"..", Errno::Perm),
            (b"/etc/passwd", Errno::Perm),
            (b"\xff", Errno::Ilseq),
            (b"a\0b", Errno::Inval),
        ] {
            assert_eq!(guest.ctx.mode_at(WORK, path, true), Err(errno), "{path:?}");
            assert_eq!(guest.ctx.access_at(WORK, path, true, Access::READ), Err(errno), "{path:?}");
        }
        assert_eq!(guest.ctx.mode_at(Fd(99), b"a", true), Err(Errno::Badf));
        assert_eq!(guest.ctx.mode_at(Fd(0), b"a", true), Err(Errno::Notdir));
        assert_eq!(guest.ctx.mode_of(Fd(99)), Err(Errno::Badf));
    }
}

#[test]
fn devices_and_archives_have_modes() {
    let dir = MemoryDir::new(Quota::unlimited(), TimeSource::system());
    dir.add_device("null", Device::Null).unwrap();
    assert_eq!(mode(&guest(dir), "null"), 0o020_666);
    let archive = guest(Archive::open(archive_of("a", b"text")).unwrap().dir());
    assert_eq!([mode(&archive, "a"), mode(&archive, ".")], [0o100_444, 0o040_555]);
}
