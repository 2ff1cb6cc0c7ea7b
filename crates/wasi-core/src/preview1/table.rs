//! One row for each function, in the order of the witx.

use super::door::{Buffer, Function, Path, functions};
use super::{args, clock, fd, path, poll, proc, random, readdir, sock};
use crate::layout::{Fdstat, Iovecs};
use crate::memory::Pointer;
use crate::types::{
    Advice, ClockId, Fd, FdFlags, Filestat, FstFlags, LookupFlags, OFlags, RiFlags, Rights, SdFlags,
    Timestamp, Whence,
};

functions! {
    args: args_get(argv: Pointer, argv_buf: Pointer) -> ();
    args: args_sizes_get() -> (u32, u32);
    args: environ_get(environ: Pointer, environ_buf: Pointer) -> ();
    args: environ_sizes_get() -> (u32, u32);
    clock: clock_res_get(id: ClockId) -> Timestamp;
    clock: clock_time_get(id: ClockId, precision: Timestamp) -> Timestamp;
    fd: fd_advise(fd: Fd, offset: u64, len: u64, advice: Advice) -> ();
    fd: fd_allocate(fd: Fd, offset: u64, len: u64) -> ();
    fd: fd_close(fd: Fd) -> ();
    fd: fd_datasync(fd: Fd) -> ();
    fd: fd_fdstat_get(fd: Fd) -> Fdstat;
    fd: fd_fdstat_set_flags(fd: Fd, flags: FdFlags) -> ();
    fd: fd_fdstat_set_rights(fd: Fd, base: Rights, inheriting: Rights) -> ();
    fd: fd_filestat_get(fd: Fd) -> Filestat;
    fd: fd_filestat_set_size(fd: Fd, size: u64) -> ();
    fd: fd_filestat_set_times(fd: Fd, atim: Timestamp, mtim: Timestamp, flags: FstFlags) -> ();
    fd: fd_pread(fd: Fd, iovs: Iovecs, offset: u64) -> u32;
    fd: fd_prestat_get(fd: Fd) -> [u8; 8];
    fd: fd_prestat_dir_name(fd: Fd, path: Buffer) -> ();
    fd: fd_pwrite(fd: Fd, iovs: Iovecs, offset: u64) -> u32;
    fd: fd_read(fd: Fd, iovs: Iovecs) -> u32;
    readdir: fd_readdir(fd: Fd, buf: Buffer, cookie: u64) -> u32;
    fd: fd_renumber(fd: Fd, to: Fd) -> ();
    fd: fd_seek(fd: Fd, offset: i64, whence: Whence) -> u64;
    fd: fd_sync(fd: Fd) -> ();
    fd: fd_tell(fd: Fd) -> u64;
    fd: fd_write(fd: Fd, iovs: Iovecs) -> u32;
    path: path_create_directory(fd: Fd, path: Path) -> ();
    path: path_filestat_get(fd: Fd, flags: LookupFlags, path: Path) -> Filestat;
    path: path_filestat_set_times(
        fd: Fd, flags: LookupFlags, path: Path, atim: Timestamp, mtim: Timestamp, fst_flags: FstFlags
    ) -> ();
    path: path_link(old_fd: Fd, old_flags: LookupFlags, old_path: Path, new_fd: Fd, new_path: Path) -> ();
    path: path_open(
        fd: Fd, dirflags: LookupFlags, path: Path, oflags: OFlags, rights_base: Rights,
        rights_inheriting: Rights, fdflags: FdFlags
    ) -> Fd;
    path: path_readlink(fd: Fd, path: Path, buf: Buffer) -> u32;
    path: path_remove_directory(fd: Fd, path: Path) -> ();
    path: path_rename(fd: Fd, old_path: Path, new_fd: Fd, new_path: Path) -> ();
    path: path_symlink(old_path: Path, fd: Fd, new_path: Path) -> ();
    path: path_unlink_file(fd: Fd, path: Path) -> ();
    poll: poll_oneoff(input: Pointer, output: Pointer, count: u32) -> u32;
    proc: proc_exit(status: u32) -> !;
    proc: proc_raise(signal: u32) -> ();
    proc: sched_yield() -> ();
    random: random_get(buf: Buffer) -> ();
    sock: sock_accept(fd: Fd, flags: FdFlags) -> Fd;
    sock: sock_recv(fd: Fd, iovs: Iovecs, flags: RiFlags) -> (u32, u16);
    sock: sock_send(fd: Fd, iovs: Iovecs, flags: u16) -> u32;
    sock: sock_shutdown(fd: Fd, how: SdFlags) -> ();
}

/// Returns the function of this name, if preview1 has it.
pub fn function(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|function| function.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::preview1::door::ValType;

    #[test]
    fn there_are_46_and_no_name_twice() {
        let mut names: Vec<_> = FUNCTIONS.iter().map(|function| function.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 46);
    }

    #[test]
    fn signatures_are_those_of_the_witx() {
        use ValType::{I32, I64};
        let params = |name| function(name).unwrap().params;
        assert_eq!(params("args_sizes_get"), [I32, I32]);
        assert_eq!(params("clock_time_get"), [I32, I64, I32]);
        assert_eq!(params("fd_pread"), [I32, I32, I32, I64, I32]);
        assert_eq!(params("fd_readdir"), [I32, I32, I32, I64, I32]);
        assert_eq!(params("path_link"), [I32, I32, I32, I32, I32, I32, I32]);
        assert_eq!(params("path_open"), [I32, I32, I32, I32, I32, I64, I64, I32, I32]);
        assert_eq!(params("path_filestat_set_times"), [I32, I32, I32, I32, I64, I64, I32]);
        assert_eq!(params("poll_oneoff"), [I32, I32, I32, I32]);
        assert_eq!(params("sock_recv"), [I32, I32, I32, I32, I32, I32]);
        assert_eq!(params("sched_yield"), []);
        let silent: Vec<_> = FUNCTIONS.iter().filter(|f| f.result.is_none()).map(|f| f.name).collect();
        assert_eq!(silent, ["proc_exit"]);
    }
}
