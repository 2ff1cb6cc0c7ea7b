//! Calls on a path below an open directory.

use super::door::{Buffer, Path};
use super::fd::times;
use crate::ctx::WasiCtx;
use crate::errno::{Errno, Result};
use crate::fs::{Dir, Node, OpenOptions, RelativePath};
use crate::memory::GuestMemory;
use crate::stop::Failure;
use crate::table::{Descriptor, OpenDir, OpenFile, Origin, Table};
use crate::types::{Fd, FdFlags, Filestat, FstFlags, LookupFlags, OFlags, Rights, Timestamp};

/// Makes the directory `path` below the directory `fd`.
///
/// [`Errno::Exist`] if anything has that name, [`Errno::Noent`] if its parent is missing, [`Errno::Nospc`]
/// past the quota.
/// See [POSIX `mkdirat`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/mkdir.html).
pub(super) fn path_create_directory(
    ctx: &mut WasiCtx,
    mem: &mut GuestMemory<'_>,
    fd: Fd,
    path: Path,
) -> Result<(), Failure> {
    Ok(ctx.table.below(fd, checked(ctx, mem, fd, path)?, false, Dir::create_dir)?)
}

/// Returns the attributes of `path` below the directory `fd`; of a link itself unless `flags` say to follow
/// it.
///
/// [`Errno::Noent`] if there is no such file.
/// See [POSIX `fstatat`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/fstat.html).
pub(super) fn path_filestat_get(
    ctx: &mut WasiCtx,
    mem: &mut GuestMemory<'_>,
    fd: Fd,
    flags: LookupFlags,
    path: Path,
) -> Result<Filestat, Failure> {
    let follow = follows(flags);
    Ok(ctx
        .table
        .below(fd, checked(ctx, mem, fd, path)?, follow, |dir, path| dir.filestat_at(path, follow))?)
}

/// Sets the access and modification time of `path` below the directory `fd` to `atim` and `mtim` or to now,
/// as `fst_flags` say; of a link itself unless `flags` say to follow it.
///
/// [`Errno::Inval`] for a time and "now" at once.
/// See [POSIX `utimensat`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/futimens.html).
#[expect(clippy::too_many_arguments, reason = "the witx has so many")]
pub(super) fn path_filestat_set_times(
    ctx: &mut WasiCtx,
    mem: &mut GuestMemory<'_>,
    fd: Fd,
    flags: LookupFlags,
    path: Path,
    atim: Timestamp,
    mtim: Timestamp,
    fst_flags: FstFlags,
) -> Result<(), Failure> {
    let (atim, mtim) = times(ctx, atim, mtim, fst_flags)?;
    let follow = follows(flags);
    let act = |dir: &dyn Dir, path: RelativePath<'_>| dir.set_times_at(path, follow, atim, mtim);
    Ok(ctx.table.below(fd, checked(ctx, mem, fd, path)?, follow, act)?)
}

/// Makes `new_path` below `new_fd` another name of the file `old_path` below `old_fd`.
///
/// [`Errno::Inval`] for `old_flags` that say to follow a link, as in wasmtime; [`Errno::Perm`] for a
/// directory, [`Errno::Exist`] if the name is taken, [`Errno::Xdev`] between two file systems.
/// See [POSIX `linkat`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/link.html).
pub(super) fn path_link(
    ctx: &mut WasiCtx,
    mem: &mut GuestMemory<'_>,
    old_fd: Fd,
    old_flags: LookupFlags,
    old_path: Path,
    new_fd: Fd,
    new_path: Path,
) -> Result<(), Failure> {
    ctx.table.dir(old_fd).and(ctx.table.dir(new_fd))?;
    if follows(old_flags) {
        return Err(Errno::Inval.into());
    }
    let (old_path, new_path) = (old_path.get(mem)?, new_path.get(mem)?);
    Ok(ctx.table.below(old_fd, old_path, false, |old, path| {
        ctx.table.below(new_fd, new_path, false, |new, new_path| old.link(path, new, new_path))
    })?)
}

/// Opens `path` below the directory `fd`, and makes or truncates it as `oflags` say. Returns the lowest
/// free number.
///
/// Of `rights_base` only two count, as in wasmtime: `fd_read` opens for reading, `fd_write` for writing. Go
/// asks for `fd_filestat_set_size` and others whenever it reads
/// ([`fileRights`](https://github.com/golang/go/blob/master/src/syscall/fs_wasip1.go)). A file opened for
/// neither can still be looked at.
/// [`Errno::Mfile`] if no number is free, before anything is made; else the errors of
/// [`Dir::open`](crate::fs::Dir::open).
/// See [POSIX `openat`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/open.html).
#[expect(clippy::too_many_arguments, reason = "the witx has so many")]
pub(super) fn path_open(
    ctx: &mut WasiCtx,
    mem: &mut GuestMemory<'_>,
    fd: Fd,
    dirflags: LookupFlags,
    path: Path,
    oflags: OFlags,
    rights_base: Rights,
    _rights_inheriting: Rights,
    fdflags: FdFlags,
) -> Result<Fd, Failure> {
    let path = checked(ctx, mem, fd, path)?;
    // Before anything is made or truncated for a descriptor that cannot be had.
    if !ctx.table.has_room() {
        return Err(Errno::Mfile.into());
    }
    let options = OpenOptions {
        follow: follows(dirflags),
        oflags,
        read: rights_base.contains(Rights::FD_READ),
        write: rights_base.contains(Rights::FD_WRITE),
        fdflags,
    };
    let follow = options.follow && !oflags.contains(OFlags::CREAT | OFlags::EXCL);
    let node = ctx.table.below(fd, path, follow, |dir, path| dir.open(path, options))?;
    if let Node::File(file) = &node
        && let Some(same) = file.descriptor()
    {
        return Ok(again(&mut ctx.table, same, options)?);
    }
    let descriptor = match node {
        Node::File(file) => Descriptor::File(OpenFile {
            file,
            read: options.read,
            write: options.write,
            origin: Origin::Opened,
        }),
        Node::Dir(dir) => Descriptor::Dir(OpenDir { dir, preopen: None, listing: None }),
    };
    Ok(ctx.table.insert(descriptor)?)
}

/// Returns another number for `fd`, which `/dev/stdin` or another device stands for.
fn again(table: &mut Table, fd: Fd, options: OpenOptions) -> Result<Fd> {
    let allowed = match table.get(fd).map_err(|_| Errno::Noent)? {
        Descriptor::File(open) => (open.read || !options.read) && (open.write || !options.write),
        Descriptor::Dir(_) if options.write => return Err(Errno::Isdir),
        Descriptor::Dir(_) => true,
    };
    if allowed { table.duplicate(fd) } else { Err(Errno::Acces) }
}

/// Writes the text of the link `path` below the directory `fd` to `buf`, and returns its length.
///
/// A buffer that is too short gets the beginning, without an error. [`Errno::Inval`] unless it is a link.
/// See [POSIX `readlinkat`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/readlink.html).
pub(super) fn path_readlink(
    ctx: &mut WasiCtx,
    mem: &mut GuestMemory<'_>,
    fd: Fd,
    path: Path,
    buf: Buffer,
) -> Result<u32, Failure> {
    let target = ctx.table.below(fd, checked(ctx, mem, fd, path)?, false, Dir::read_link)?;
    let region = buf.0.first(target.len());
    let bytes = target.as_bytes().get(..region.len()).unwrap_or_default();
    mem.put(region, bytes)?;
    Ok(region.len() as u32)
}

/// Removes the empty directory `path` below the directory `fd`.
///
/// [`Errno::Notempty`] if anything is in it, [`Errno::Notdir`] for a file or a link.
/// See [POSIX `unlinkat`, `AT_REMOVEDIR`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/unlink.html).
pub(super) fn path_remove_directory(
    ctx: &mut WasiCtx,
    mem: &mut GuestMemory<'_>,
    fd: Fd,
    path: Path,
) -> Result<(), Failure> {
    Ok(ctx.table.below(fd, checked(ctx, mem, fd, path)?, false, Dir::remove_dir)?)
}

/// Moves `old_path` below `old_fd` to `new_path` below `new_fd`, over what is there if POSIX allows it.
///
/// [`Errno::Xdev`] between two file systems, [`Errno::Inval`] for a directory into itself,
/// [`Errno::Notempty`] over a directory with anything in it.
/// See [POSIX `renameat`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/rename.html).
pub(super) fn path_rename(
    ctx: &mut WasiCtx,
    mem: &mut GuestMemory<'_>,
    fd: Fd,
    old_path: Path,
    new_fd: Fd,
    new_path: Path,
) -> Result<(), Failure> {
    ctx.table.dir(fd).and(ctx.table.dir(new_fd))?;
    let (old_path, new_path) = (old_path.get(mem)?, new_path.get(mem)?);
    Ok(ctx.table.below(fd, old_path, false, |old, path| {
        ctx.table.below(new_fd, new_path, false, |new, new_path| old.rename(path, new, new_path))
    })?)
}

/// Makes the link `new_path` below the directory `fd`, with the text `old_path`.
///
/// The text is checked as a path, because an absolute one would point outside: [`Errno::Perm`].
/// [`Errno::Exist`] if the name is taken.
/// See [POSIX `symlinkat`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/symlink.html).
pub(super) fn path_symlink(
    ctx: &mut WasiCtx,
    mem: &mut GuestMemory<'_>,
    old_path: Path,
    fd: Fd,
    new_path: Path,
) -> Result<(), Failure> {
    ctx.table.dir(fd)?;
    let target: RelativePath<'_> = old_path.get(mem)?;
    Ok(ctx.table.below(fd, new_path.get(mem)?, false, |dir, path| dir.symlink(target, path))?)
}

/// Removes the file or link `path` below the directory `fd`.
///
/// [`Errno::Isdir`] for a directory.
/// See [POSIX `unlinkat`](https://pubs.opengroup.org/onlinepubs/9799919799/functions/unlink.html).
pub(super) fn path_unlink_file(
    ctx: &mut WasiCtx,
    mem: &mut GuestMemory<'_>,
    fd: Fd,
    path: Path,
) -> Result<(), Failure> {
    Ok(ctx.table.below(fd, checked(ctx, mem, fd, path)?, false, Dir::unlink)?)
}

/// Returns the path below `fd`. The descriptor is checked first.
fn checked<'a>(ctx: &WasiCtx, mem: &'a GuestMemory<'_>, fd: Fd, path: Path) -> Result<RelativePath<'a>> {
    ctx.table.dir(fd)?;
    path.get(mem)
}

fn follows(flags: LookupFlags) -> bool {
    flags.contains(LookupFlags::SYMLINK_FOLLOW)
}
