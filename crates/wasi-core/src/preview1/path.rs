//! What is done with a path below an open directory.

use super::door::{Buffer, Path};
use super::fd::times;
use crate::ctx::WasiCtx;
use crate::errno::{Errno, Result};
use crate::fs::{Node, OpenOptions, RelativePath};
use crate::memory::GuestMemory;
use crate::stop::Failure;
use crate::table::{Descriptor, OpenDir, OpenFile, Origin};
use crate::types::{Fd, FdFlags, Filestat, FstFlags, LookupFlags, OFlags, Rights, Timestamp};

pub(super) fn path_create_directory(
    ctx: &mut WasiCtx,
    mem: &mut GuestMemory<'_>,
    fd: Fd,
    path: Path,
) -> Result<(), Failure> {
    let open = ctx.table.dir(fd)?;
    Ok(open.dir.create_dir(path.get(mem)?)?)
}

pub(super) fn path_filestat_get(
    ctx: &mut WasiCtx,
    mem: &mut GuestMemory<'_>,
    fd: Fd,
    flags: LookupFlags,
    path: Path,
) -> Result<Filestat, Failure> {
    let open = ctx.table.dir(fd)?;
    Ok(open.dir.filestat_at(path.get(mem)?, follows(flags))?)
}

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
    let open = ctx.table.dir(fd)?;
    Ok(open.dir.set_times_at(path.get(mem)?, follows(flags), atim, mtim)?)
}

/// Links a name to the file itself: following a link first is refused, as in wasmtime.
pub(super) fn path_link(
    ctx: &mut WasiCtx,
    mem: &mut GuestMemory<'_>,
    old_fd: Fd,
    old_flags: LookupFlags,
    old_path: Path,
    new_fd: Fd,
    new_path: Path,
) -> Result<(), Failure> {
    let (old, new) = (ctx.table.dir(old_fd)?, ctx.table.dir(new_fd)?);
    if follows(old_flags) {
        return Err(Errno::Inval.into());
    }
    Ok(old.dir.link(old_path.get(mem)?, &*new.dir, new_path.get(mem)?)?)
}

/// Rights say only whether the file will be read or written; a file opened with neither can be looked at.
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
    let open = ctx.table.dir(fd)?;
    let path = path.get(mem)?;
    // Before anything is made or truncated for a descriptor that cannot be had.
    if !ctx.table.has_room() {
        return Err(Errno::Mfile.into());
    }
    let writing = Rights::FD_WRITE | Rights::FD_ALLOCATE | Rights::FD_FILESTAT_SET_SIZE;
    let options = OpenOptions {
        follow: follows(dirflags),
        oflags,
        read: rights_base.contains(Rights::FD_READ),
        write: rights_base.intersects(writing),
        fdflags,
    };
    let descriptor = match open.dir.open(path, options)? {
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

/// A small buffer gets the beginning; nothing says that there was more.
pub(super) fn path_readlink(
    ctx: &mut WasiCtx,
    mem: &mut GuestMemory<'_>,
    fd: Fd,
    path: Path,
    buf: Buffer,
) -> Result<u32, Failure> {
    let target = ctx.table.dir(fd)?.dir.read_link(path.get(mem)?)?;
    let region = buf.0.first(target.len());
    let bytes = target.as_bytes().get(..region.len()).unwrap_or_default();
    mem.bytes_mut(region)?.copy_from_slice(bytes);
    Ok(region.len() as u32)
}

pub(super) fn path_remove_directory(
    ctx: &mut WasiCtx,
    mem: &mut GuestMemory<'_>,
    fd: Fd,
    path: Path,
) -> Result<(), Failure> {
    let open = ctx.table.dir(fd)?;
    Ok(open.dir.remove_dir(path.get(mem)?)?)
}

pub(super) fn path_rename(
    ctx: &mut WasiCtx,
    mem: &mut GuestMemory<'_>,
    fd: Fd,
    old_path: Path,
    new_fd: Fd,
    new_path: Path,
) -> Result<(), Failure> {
    let (old, new) = (ctx.table.dir(fd)?, ctx.table.dir(new_fd)?);
    Ok(old.dir.rename(old_path.get(mem)?, &*new.dir, new_path.get(mem)?)?)
}

/// A link's text is a path of its own and checked as one: an absolute one would point outside.
pub(super) fn path_symlink(
    ctx: &mut WasiCtx,
    mem: &mut GuestMemory<'_>,
    old_path: Path,
    fd: Fd,
    new_path: Path,
) -> Result<(), Failure> {
    let open = ctx.table.dir(fd)?;
    let target: RelativePath<'_> = old_path.get(mem)?;
    Ok(open.dir.symlink(target, new_path.get(mem)?)?)
}

pub(super) fn path_unlink_file(
    ctx: &mut WasiCtx,
    mem: &mut GuestMemory<'_>,
    fd: Fd,
    path: Path,
) -> Result<(), Failure> {
    let open = ctx.table.dir(fd)?;
    Ok(open.dir.unlink(path.get(mem)?)?)
}

fn follows(flags: LookupFlags) -> bool {
    flags.contains(LookupFlags::SYMLINK_FOLLOW)
}
