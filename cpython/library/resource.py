"""resource: what the program has used, and the limits that it can know of.

The sandbox's own limits (time, memory, files) are set from outside, and a
program cannot change them: setrlimit() raises ValueError, as for a limit that
only root may raise, unless it asks for what there is.
"""

import os as _os
import sys as _sys
import time as _time
import _python_wasm_host as _host
from collections import namedtuple as _namedtuple

error = OSError

RLIM_INFINITY = -1
RLIMIT_CPU, RLIMIT_FSIZE, RLIMIT_DATA, RLIMIT_STACK, RLIMIT_CORE = range(5)
RLIMIT_RSS, RLIMIT_NPROC, RLIMIT_NOFILE, RLIMIT_MEMLOCK, RLIMIT_AS = range(5, 10)
RLIMIT_OFILE = RLIMIT_NOFILE
RUSAGE_SELF, RUSAGE_CHILDREN = 0, -1

struct_rusage = _namedtuple("struct_rusage", (
    "ru_utime", "ru_stime", "ru_maxrss", "ru_ixrss", "ru_idrss", "ru_isrss", "ru_minflt", "ru_majflt",
    "ru_nswap", "ru_inblock", "ru_oublock", "ru_msgsnd", "ru_msgrcv", "ru_nsignals", "ru_nvcsw", "ru_nivcsw",
), module="resource")

# One process, whose stack is 8 MiB and whose memory is never dumped. Of the
# others the sandbox may have limits, which it does not tell: a program meets
# them as MemoryError or OSError, or is ended.
_KNOWN = {RLIMIT_STACK: 8 << 20, RLIMIT_CORE: 0, RLIMIT_NPROC: 1}


def getpagesize():
    """The size of WebAssembly's pages, in bytes."""
    return _os.sysconf("SC_PAGESIZE")


def getrlimit(resource, /):
    """The soft and the hard limit of a resource."""
    if resource not in range(10):
        raise ValueError("invalid resource specified")
    limit = _KNOWN.get(resource, RLIM_INFINITY)
    return limit, limit


def setrlimit(resource, limits, /):
    """Set the limits of a resource: only to what they are."""
    _sys.audit("resource.setrlimit", resource, limits)
    now = getrlimit(resource)
    wanted = tuple(limits)
    if len(wanted) != 2:
        raise ValueError("expected a tuple of 2 integers")
    soft, hard = (int(limit.__index__()) for limit in wanted)
    if (soft, hard) == now:
        return
    if now[1] != RLIM_INFINITY and not 0 <= hard <= now[1]:
        raise ValueError("not allowed to raise maximum limit")
    if hard != RLIM_INFINITY and not 0 <= soft <= hard:
        raise ValueError("current limit exceeds maximum limit")
    raise ValueError("a program cannot change its limits in the WASI sandbox")


def getrusage(who, /):
    """What this process has used: its time and, in KiB, its memory, which never shrinks.

    The sandbox does not tell the program what else it counts.
    """
    if who not in (RUSAGE_SELF, RUSAGE_CHILDREN):
        raise ValueError("invalid who parameter")
    if who == RUSAGE_CHILDREN:
        return struct_rusage(0.0, 0.0, *[0] * 14)
    return struct_rusage(_time.process_time(), 0.0, _host.memory_size() >> 10, *[0] * 13)
