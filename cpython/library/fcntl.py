"""fcntl in the sandbox: flags and copies of descriptors, locks on files, the size of a terminal.

WASI has no locks. On files of the host these are the host's own, so that other
programs respect them; a file in memory is never locked by anybody else.
"""

import errno as _errno
import os as _os
import stat as _stat
import struct as _struct
import sys as _sys
import _python_wasm_host as _host
from time import sleep as _sleep

FD_CLOEXEC = 1
F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETLK, F_SETLK, F_SETLKW = range(8)
F_DUPFD_CLOEXEC = 1030
F_RDLCK, F_WRLCK, F_UNLCK = range(3)
LOCK_SH, LOCK_EX, LOCK_NB, LOCK_UN = 1, 2, 4, 8


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
    if cmd in (F_GETLK, F_SETLK, F_SETLKW) and not hasattr(arg, "__index__"):
        return _lock_by_record(fd, cmd, arg.encode() if isinstance(arg, str) else bytes(arg))
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


# --- locks ---------------------------------------------------------------------

_KINDS = {LOCK_SH: F_RDLCK, LOCK_EX: F_WRLCK, LOCK_UN: F_UNLCK}


def _kind(operation):
    try:
        return _KINDS[operation & ~LOCK_NB]
    except KeyError:
        raise ValueError("unrecognized lock argument") from None


def _set(set_lock, wait):
    """Sets a lock by a function that raises BlockingIOError while it cannot be had."""
    time = 0.001
    while True:
        try:
            return set_lock()
        except BlockingIOError:
            if not wait:
                raise
        # Nobody says when a lock ends.
        _sleep(time)
        time = min(2 * time, 0.05)


def flock(fd, operation, /):
    """Perform the lock operation on a file descriptor.

    A lock for writing needs a file that is open for writing.
    """
    fd, operation = _descriptor(fd), operation.__index__()
    _sys.audit("fcntl.flock", fd, operation)
    try:
        kind = _kind(operation)
    except ValueError:
        raise OSError(_errno.EINVAL, _os.strerror(_errno.EINVAL)) from None
    _set(lambda: _host.flock(fd, kind), not operation & LOCK_NB)


def lockf(fd, cmd, len=0, start=0, whence=0, /):
    """Lock or unlock a range of a file; without a length, to its end.

    A lock for writing needs a file that is open for writing, one for reading
    a file that is open for reading.
    """
    fd, cmd = _descriptor(fd), cmd.__index__()
    _sys.audit("fcntl.lockf", fd, cmd, len, start, whence)
    kind = _kind(cmd)
    start, len = _range(fd, start, len, whence)
    _set(lambda: _host.set_lock(fd, kind, start, len), not cmd & LOCK_NB)


def _range(fd, start, length, whence):
    """The first byte and the length of what C calls by l_start, l_len and l_whence."""
    if whence == _os.SEEK_CUR:
        start += _os.lseek(fd, 0, _os.SEEK_CUR)
    elif whence == _os.SEEK_END:
        start += _os.fstat(fd).st_size
    elif whence != _os.SEEK_SET:
        raise OSError(_errno.EINVAL, _os.strerror(_errno.EINVAL))
    if length < 0:
        start, length = start + length, -length
    if start < 0:
        raise OSError(_errno.EINVAL, _os.strerror(_errno.EINVAL))
    return start, length


def _lock_by_record(fd, cmd, record):
    """F_GETLK, F_SETLK or F_SETLKW, with a struct flock whose offsets have 64 bits, or 32."""
    layout = "hhqq" if len(record) >= _struct.calcsize("hhqq") else "hhll"
    if len(record) < _struct.calcsize(layout):
        raise OSError(_errno.EINVAL, _os.strerror(_errno.EINVAL))
    kind, whence, start, length = _struct.unpack_from(layout, record)
    first, count = _range(fd, start, length, whence)
    if cmd == F_GETLK:
        kind = _host.find_lock(fd, kind, first, count)
        return _struct.pack(layout, kind, whence, start, length) + record[_struct.calcsize(layout):]
    _set(lambda: _host.set_lock(fd, kind, first, count), cmd == F_SETLKW)
    return record


# --- terminals -----------------------------------------------------------------


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
