"""mmap by copy: anonymous memory, and files that are read when they are mapped and written back.

WebAssembly has one memory, into which no file can be mapped. A mapping of a
file is a copy of it: flush(), close() and the mapping's end write what has
changed back, and until then neither side sees the changes of the other. All
else is as in CPython.
"""

import errno as _errno
import os as _os
import stat as _stat
import sys as _sys

ACCESS_DEFAULT, ACCESS_READ, ACCESS_WRITE, ACCESS_COPY = range(4)
PROT_READ, PROT_WRITE, PROT_EXEC = 1, 2, 4
MAP_SHARED, MAP_PRIVATE = 1, 2
MAP_ANON = MAP_ANONYMOUS = 0x20
MADV_NORMAL, MADV_RANDOM, MADV_SEQUENTIAL, MADV_WILLNEED, MADV_DONTNEED = range(5)
# The size of WebAssembly's pages, as os.sysconf() knows it.
PAGESIZE = ALLOCATIONGRANULARITY = 65536

error = OSError

_ACCESS_NAMES = ("ACCESS_DEFAULT", "ACCESS_READ", "ACCESS_WRITE", "ACCESS_COPY")
_READ_WRITE = PROT_READ | PROT_WRITE


def _os_error(number):
    return OSError(number, _os.strerror(number))


def _settle(flags, prot, access):
    """What access=, flags= and prot= mean together: flags, access and whether it can be written."""
    if access == ACCESS_DEFAULT:
        if not prot & PROT_WRITE:
            access = ACCESS_READ
        elif not prot & PROT_READ:
            access = ACCESS_WRITE
    elif access in (ACCESS_READ, ACCESS_WRITE, ACCESS_COPY):
        flags = MAP_PRIVATE if access == ACCESS_COPY else MAP_SHARED
    else:
        raise ValueError("mmap invalid access parameter.")
    if flags & (MAP_SHARED | MAP_PRIVATE) not in (MAP_SHARED, MAP_PRIVATE):
        raise _os_error(_errno.EINVAL)
    return flags, access


def _length_in(status, length, offset):
    """The length of a mapping of a regular file, of which 0 means all that follows."""
    if length == 0:
        if status.st_size == 0:
            raise ValueError("cannot mmap an empty file")
        if offset >= status.st_size:
            raise ValueError("mmap offset is greater than file size")
        if status.st_size - offset > _sys.maxsize:
            raise ValueError("mmap length is too large")
        return status.st_size - offset
    if offset > status.st_size or status.st_size - offset < length:
        raise ValueError("mmap length is greater than file size")
    return length


class mmap:
    """mmap(fileno, length[, flags[, prot[, access[, offset[, trackfd]]]]])"""

    __module__ = "mmap"

    def __new__(cls, fileno, length, flags=MAP_SHARED, prot=_READ_WRITE, access=ACCESS_DEFAULT,
                offset=0, trackfd=True):
        self = super().__new__(cls)
        # For close() and __del__ of one that is not made to the end.
        self._data, self._fd, self._exports, self._dirty = None, -1, 0, None
        fileno, length, offset = map(_index, (fileno, length, offset))
        if length < 0:
            raise OverflowError("memory mapped length must be positive")
        if length > _sys.maxsize:
            raise OverflowError("Python int too large to convert to C ssize_t")
        if offset < 0:
            raise OverflowError("memory mapped offset must be positive")
        if access != ACCESS_DEFAULT and (flags != MAP_SHARED or prot != _READ_WRITE):
            raise ValueError("mmap can't specify both access, flags and prot.")
        flags, self._access = _settle(flags, prot, access)
        _sys.audit("mmap.__new__", fileno, length, access, offset)
        self._offset, self._pos, self._tracked = offset, 0, bool(trackfd)
        self._shared = bool(flags & MAP_SHARED) and fileno != -1 and not flags & MAP_ANONYMOUS
        if fileno == -1 or flags & MAP_ANONYMOUS:
            self._data = _zeros(length, offset)
        else:
            self._map(fileno, length)
        return self

    def _map(self, fileno, length):
        status = _os.fstat(fileno)
        if not _stat.S_ISREG(status.st_mode):
            raise _os_error(_errno.ENODEV)
        length = _length_in(status, length, self._offset)
        data = _zeros(length, self._offset)
        try:
            if self._shared and self._access != ACCESS_READ:
                _os.pwrite(fileno, b"", self._offset)
            _fill(fileno, data, self._offset)
        except OSError as failed:
            # The file is not open for what the mapping is to do.
            if failed.errno in (_errno.EBADF, _errno.ENOTCAPABLE):
                raise _os_error(_errno.EACCES) from None
            raise
        self._fd, self._data = _os.dup(fileno), data

    # --- its end ------------------------------------------------------------------

    @property
    def closed(self):
        return self._data is None

    def close(self):
        """Write back what has changed, and let go of the memory and the file."""
        if self._exports:
            raise BufferError("cannot close exported pointers exist")
        try:
            if self._data is not None:
                self._write_back(0, len(self._data))
        finally:
            self._data = None
            fd, self._fd = self._fd, -1
            if fd != -1:
                _os.close(fd)

    def __del__(self):
        if self._fd != -1:
            self._exports = 0
            self.close()

    def __enter__(self):
        self._open()
        return self

    def __exit__(self, *args):
        self.close()

    def _open(self):
        if self._data is None:
            raise ValueError("mmap closed or invalid")
        return self._data

    def _writable(self):
        data = self._open()
        if self._access == ACCESS_READ:
            raise TypeError("mmap can't modify a readonly memory map.")
        return data

    def _changed(self, start, end):
        """Notes a part that is to be written back."""
        if self._shared and start < end:
            first, last = self._dirty or (start, end)
            self._dirty = min(first, start), max(last, end)

    def _write_back(self, start, end):
        if self._exports and self._shared and self._access != ACCESS_READ:
            # Somebody holds the memory and may have changed any of it.
            first, last = 0, len(self._data)
        elif self._dirty is None:
            return
        else:
            first, last = self._dirty
        with memoryview(self._data) as view:
            done, stop = max(first, start), min(last, end)
            while done < stop:
                done += _os.pwrite(self._fd, view[done:stop], self._offset + done)
        if start <= first and last <= end:
            self._dirty = None

    # --- the buffer, an item, a slice ------------------------------------------------

    def __buffer__(self, flags, /):
        view = memoryview(self._open())
        # PyBUF_SIMPLE: bytes to look at.
        if self._access == ACCESS_READ or flags == 0:
            if flags & 1:
                raise BufferError("Object is not writable.")
            view = view.toreadonly()
        self._exports += 1
        if not view.readonly:
            self._changed(0, len(self._data))
        return view

    def __release_buffer__(self, view, /):
        self._exports -= 1
        view.release()

    def __len__(self):
        return len(self._open())

    # An __index__() may close the mapping, so each number is asked for before the memory is.

    def __getitem__(self, index, /):
        if isinstance(index, slice):
            part = self._part(index)
            return bytes(self._open()[part])
        return self._data[self._place(index)]

    def _part(self, index):
        """A slice with the numbers that it stands for."""
        places = range(*index.indices(len(self)))
        if not places:
            return slice(0, 0)
        stop = places[-1] + (1 if places.step > 0 else -1)
        return slice(places[0], None if stop < 0 else stop, places.step)

    def _place(self, index):
        self._open()
        if not hasattr(index, "__index__"):
            raise TypeError("mmap indices must be integers")
        place = index.__index__()
        size = len(self._open())
        place += size if place < 0 else 0
        if not 0 <= place < size:
            raise IndexError("mmap index out of range")
        return place

    def __setitem__(self, index, value, /):
        self._writable()
        if isinstance(index, slice):
            index = self._part(index)
            data = self._open()
            with memoryview(value) as view, memoryview(data) as mine:
                part = mine[index]
                if view.nbytes != len(part):
                    raise IndexError("mmap slice assignment is wrong size")
                part[:] = view.cast("B") if view.c_contiguous else view.tobytes()
                part.release()
            places = range(len(data))[index]
            if places:
                self._changed(min(places[0], places[-1]), max(places[0], places[-1]) + 1)
            return
        place = self._place(index)
        if not hasattr(value, "__index__"):
            raise TypeError("mmap item value must be an int")
        value = value.__index__()
        if not 0 <= value <= 255:
            raise ValueError("mmap item value must be in range(0, 256)")
        self._open()[place] = value
        self._changed(place, place + 1)

    def __delitem__(self, index, /):
        self._writable()
        what = "slice" if isinstance(index, slice) else "item"
        raise TypeError(f"mmap object doesn't support {what} deletion")

    def __iter__(self):
        # Bytes of length 1, as the sequence of C yields them, and not numbers.
        for place in range(len(self)):
            yield self[place:place + 1]

    # --- a file ------------------------------------------------------------------------

    def find(self, sub, start=None, end=None, /):
        """The lowest index of sub between start, by default the position, and end; -1 without one."""
        start, end = self._between(start, end)
        return self._open().find(sub, start, end)

    def rfind(self, sub, start=None, end=None, /):
        """The highest index of sub between start, by default the position, and end; -1 without one."""
        start, end = self._between(start, end)
        return self._open().rfind(sub, start, end)

    def _between(self, start, end):
        size = len(self)
        return self._pos if start is None else _index(start), size if end is None else _index(end)

    def flush(self, offset=0, size=None, /):
        """Write back what has changed in a part of the mapping."""
        data = self._open()
        size = len(data) - offset if size is None else size
        if offset < 0 or size < 0 or offset + size > len(data):
            raise ValueError("flush values out of range")
        if self._access in (ACCESS_READ, ACCESS_COPY):
            return
        if offset % PAGESIZE:
            raise _os_error(_errno.EINVAL)
        self._write_back(offset, offset + size)

    def madvise(self, option, start=0, length=None, /):
        """Take advice on how the memory will be used, which changes nothing here."""
        size = len(self._open())
        if not 0 <= start < size:
            raise ValueError("madvise start out of bounds")
        if length is not None and length < 0:
            raise ValueError("madvise length invalid")
        if _sys.maxsize - start < (length or 0):
            raise OverflowError("madvise length too large")
        if start % PAGESIZE or option not in range(5):
            raise _os_error(_errno.EINVAL)

    def move(self, dest, src, count, /):
        """Copy count bytes from src to dest; both parts may overlap."""
        self._writable()
        dest, src, count = map(_index, (dest, src, count))
        data = self._open()
        if min(dest, src, count) < 0 or max(dest, src) + count > len(data):
            raise ValueError("source, destination, or count out of range")
        data[dest:dest + count] = data[src:src + count]
        self._changed(dest, dest + count)

    def read(self, n=None, /):
        """Read n bytes from the position, or all that follow."""
        self._open()
        if n is not None and not hasattr(n, "__index__"):
            raise TypeError(f"read argument must be int or None, not {type(n).__name__}")
        n = None if n is None else n.__index__()
        data = self._open()
        left = max(len(data) - self._pos, 0)
        count = left if n is None or n < 0 else min(n, left)
        self._pos += count
        return bytes(data[self._pos - count:self._pos])

    def read_byte(self):
        """Read the byte at the position, as a number."""
        data = self._open()
        if self._pos >= len(data):
            raise ValueError("read byte out of range")
        self._pos += 1
        return data[self._pos - 1]

    def readline(self):
        """Read from the position to the end of the line."""
        end = self._open().find(b"\n", self._pos)
        return self.read(None if end < 0 else end + 1 - self._pos)

    def resize(self, newsize, /):
        """Change the length of the mapping, and of its file."""
        newsize, data = _index(newsize), self._open()
        if self._exports:
            raise BufferError("mmap can't resize with extant buffers exported.")
        if not self._tracked:
            raise ValueError("mmap can't resize with trackfd=False.")
        if self._access not in (ACCESS_DEFAULT, ACCESS_WRITE):
            raise TypeError("mmap can't resize a readonly or copy-on-write memory map.")
        if newsize < 0 or _sys.maxsize - newsize < self._offset:
            raise ValueError("new size out of range")
        if newsize == 0:
            raise _os_error(_errno.EINVAL)
        if self._fd != -1:
            self._write_back(0, len(data))
            _os.ftruncate(self._fd, self._offset + newsize)
        try:
            data[newsize:] = bytes(max(newsize - len(data), 0))
        except MemoryError:
            raise _os_error(_errno.ENOMEM) from None

    def seek(self, pos, whence=0, /):
        """Move the position, and return it."""
        self._open()
        pos = _index(pos)
        size = len(self._open())
        if whence not in (0, 1, 2):
            raise ValueError("unknown seek type")
        place = pos + (0, self._pos, size)[whence]
        if not 0 <= place <= size:
            raise ValueError("seek out of range")
        self._pos = place
        return place

    def seekable(self):
        """Whether the position can be moved, which it can."""
        return True

    def size(self):
        """The size of the file, which may be larger than the mapping."""
        self._open()
        return _os.fstat(self._fd if self._tracked else -1).st_size

    def tell(self):
        """The position."""
        self._open()
        return self._pos

    def write(self, bytes, /):
        """Write at the position, and return how much that was: all of it, or ValueError."""
        data = self._writable()
        with memoryview(bytes) as view:
            count = view.nbytes
            if self._pos + count > len(data):
                raise ValueError("data out of range")
            data[self._pos:self._pos + count] = view.tobytes()
        self._changed(self._pos, self._pos + count)
        self._pos += count
        return count

    def write_byte(self, byte, /):
        """Write a number as the byte at the position."""
        self._writable()
        byte = _index(byte)
        if not 0 <= byte <= 255:
            raise OverflowError("byte must be in range(0, 256)")
        if self._pos >= len(self._open()):
            raise ValueError("write byte out of range")
        self[self._pos] = byte
        self._pos += 1

    def __reduce_ex__(self, protocol, /):
        raise TypeError(f"cannot pickle {type(self).__name__!r} object")

    def __repr__(self):
        name, access = f"{type(self).__module__}.{type(self).__qualname__}", _ACCESS_NAMES[self._access]
        if self._data is None:
            return f"<{name} closed=True>"
        return (f"<{name} closed=False, access={access}, length={len(self._data)}, "
                f"pos={self._pos}, offset={self._offset}>")


def _index(number):
    if not hasattr(number, "__index__"):
        raise TypeError(f"'{type(number).__name__}' object cannot be interpreted as an integer")
    return number.__index__()


def _zeros(length, offset):
    """Memory for a mapping, or the error of mmap(2)."""
    if length == 0 or offset % ALLOCATIONGRANULARITY:
        raise _os_error(_errno.EINVAL)
    try:
        return bytearray(length)
    except (MemoryError, OverflowError):
        raise _os_error(_errno.ENOMEM) from None


def _fill(fd, data, offset):
    with memoryview(data) as view:
        done = 0
        while done < len(data):
            count = _os.preadv(fd, [view[done:]], offset + done)
            if count == 0:
                break  # The file has become shorter meanwhile: what is left is zero.
            done += count
