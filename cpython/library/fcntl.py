"""fcntl as far as WASI has it: the flags of descriptors, copies of them, the size of a terminal.

There are no file locks in WASI preview1, so flock, lockf and LOCK_* do not
exist: programs that look for them lock with files instead, which also holds
against other processes in a granted folder.
"""

import errno as _errno
import os as _os
import stat as _stat
import sys as _sys

FD_CLOEXEC = 1
F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL = range(5)
F_DUPFD_CLOEXEC = 1030

_NO_LOCKS = "flock", "lockf", "LOCK_SH", "LOCK_EX", "LOCK_NB", "LOCK_UN", "F_GETLK", "F_SETLK", "F_SETLKW"


def __getattr__(name):
    if name in _NO_LOCKS:
        raise AttributeError(f"module 'fcntl' has no attribute {name!r}: the WASI sandbox has no file locks")
    raise AttributeError(f"module 'fcntl' has no attribute {name!r}")


def _descriptor(fd):
    if not hasattr(fd, "__index__"):
        if not hasattr(fd, "fileno"):
            raise TypeError("argument must be an int, or have a fileno() method.")
        fd = fd.fileno()
        if not isinstance(fd, int):
            raise TypeError("fileno() returned a non-integer")
    fd = fd.__index__()
    if fd < 0:
        raise ValueError(f"file descriptor cannot be a negative integer ({fd})")
    return fd


def fcntl(fd, cmd, arg=0, /):
    """Perform an operation on a file descriptor."""
    fd = _descriptor(fd)
    _sys.audit("fcntl.fcntl", fd, cmd, arg)
    if cmd in _OPERATIONS and hasattr(arg, "__index__"):
        return _OPERATIONS[cmd](fd, arg.__index__())
    _os.fstat(fd)
    raise OSError(_errno.EINVAL, f"the WASI sandbox has no fcntl operation {cmd}")


def _duplicate(fd, least):
    if least < 0:
        raise OSError(_errno.EINVAL, _os.strerror(_errno.EINVAL))
    below = []
    try:
        while (copy := _os.dup(fd)) < least:
            below.append(copy)
        return copy
    finally:
        for copy in below:
            _os.close(copy)


def _descriptor_flags(fd, _):
    return 0 if _os.get_inheritable(fd) else FD_CLOEXEC


def _set_descriptor_flags(fd, flags):
    _os.set_inheritable(fd, not flags & FD_CLOEXEC)
    return 0


def _status_flags(fd, _):
    """How the file is open, as far as it can be seen: O_APPEND cannot."""
    blocking = 0 if _os.get_blocking(fd) else _os.O_NONBLOCK
    if fd <= 2 or not _stat.S_ISREG(_os.fstat(fd).st_mode):
        # Asking a stream may wait for it.
        return {0: _os.O_RDONLY, 1: _os.O_WRONLY, 2: _os.O_WRONLY}.get(fd, _os.O_RDWR) | blocking
    can_write = _can(_os.pwrite, fd, b"")
    if can_write and _can(_os.preadv, fd, [bytearray()]):
        return _os.O_RDWR | blocking
    return (_os.O_WRONLY if can_write else _os.O_RDONLY) | blocking


def _can(operation, fd, nothing):
    """Whether a file is open for reading or writing, by moving no bytes."""
    try:
        operation(fd, nothing, 0)
    except OSError:
        return False
    return True


def _set_status_flags(fd, flags):
    _os.set_blocking(fd, not flags & _os.O_NONBLOCK)
    return 0


_OPERATIONS = {
    F_DUPFD: _duplicate, F_DUPFD_CLOEXEC: _duplicate,
    F_GETFD: _descriptor_flags, F_SETFD: _set_descriptor_flags,
    F_GETFL: _status_flags, F_SETFL: _set_status_flags,
}


def ioctl(fd, request, arg=0, mutate_flag=True, /):
    """Perform a control operation on a file descriptor: only TIOCGWINSZ, of a terminal."""
    import struct
    import termios
    fd = _descriptor(fd)
    _sys.audit("fcntl.ioctl", fd, request, arg)
    if request & 0xFFFFFFFF != termios.TIOCGWINSZ or hasattr(arg, "__index__"):
        _os.fstat(fd)
        raise OSError(_errno.ENOTTY, f"the WASI sandbox has no ioctl {request:#x}")
    try:
        answer = struct.pack("4H", *termios.tcgetwinsize(fd), 0, 0)
    except termios.error as error:
        raise OSError(*error.args) from None
    if isinstance(arg, (bytes, str)):
        given = arg.encode() if isinstance(arg, str) else arg
        return answer[:len(given)] + given[len(answer):]
    with memoryview(arg) as view:
        if not view.readonly:
            size = min(view.nbytes, len(answer))
            view.cast("B")[:size] = answer[:size]
            return 0 if mutate_flag else view.tobytes()
        return answer[:view.nbytes] + view.tobytes()[len(answer):]
