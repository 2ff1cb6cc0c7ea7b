"""pwd: the one user of the sandbox, to whom all files belong (os.getuid(), os.stat())."""

from collections import namedtuple as _namedtuple

_fields = ("pw_name", "pw_passwd", "pw_uid", "pw_gid", "pw_gecos", "pw_dir", "pw_shell")
struct_passwd = _namedtuple("struct_passwd", _fields, module="pwd")


def getpwall():
    """Return a list of all available password database entries."""
    return [struct_passwd("user", "x", 0, 0, "", "/home/user", "")]


def getpwuid(uid, /):
    """Return the password database entry for the given numeric user ID."""
    if not hasattr(uid, "__index__"):
        raise TypeError(f"an integer is required (got type {type(uid).__name__})")
    for entry in getpwall():
        if entry.pw_uid == uid:
            return entry
    raise KeyError(f"getpwuid(): uid not found: {uid}")


def getpwnam(name, /):
    """Return the password database entry for the given user name."""
    if not isinstance(name, str):
        raise TypeError(f"getpwnam() argument must be str, not {type(name).__name__}")
    if "\0" in name:
        raise ValueError("embedded null byte")
    for entry in getpwall():
        if entry.pw_name == name:
            return entry
    raise KeyError(f"getpwnam(): name not found: {name!r}")
