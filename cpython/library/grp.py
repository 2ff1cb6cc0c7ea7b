"""grp: the one group of the sandbox, to which all files belong (os.stat())."""

from collections import namedtuple as _namedtuple

struct_group = _namedtuple("struct_group", ("gr_name", "gr_passwd", "gr_gid", "gr_mem"), module="grp")


def getgrall():
    """Return a list of all available group entries, in arbitrary order."""
    return [struct_group("user", "x", 0, [])]


def getgrgid(id):
    """Return the group database entry for the given numeric group ID."""
    if not hasattr(id, "__index__"):
        raise TypeError(f"an integer is required (got type {type(id).__name__})")
    for entry in getgrall():
        if entry.gr_gid == id:
            return entry
    raise KeyError(f"getgrgid(): gid not found: {id}")


def getgrnam(name):
    """Return the group database entry for the given group name."""
    if not isinstance(name, str):
        raise TypeError(f"getgrnam() argument must be str, not {type(name).__name__}")
    if "\0" in name:
        raise ValueError("embedded null byte")
    for entry in getgrall():
        if entry.gr_name == name:
            return entry
    raise KeyError(f"getgrnam(): name not found: {name!r}")
