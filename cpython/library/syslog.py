"""syslog without a log: a message raises OSError, because nobody would keep it.

With the option LOG_PERROR it is printed to standard error, as on other systems, and nothing is raised.
"""

import errno as _errno
import os as _os
import sys as _sys

LOG_EMERG, LOG_ALERT, LOG_CRIT, LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO, LOG_DEBUG = range(8)
LOG_KERN, LOG_USER, LOG_MAIL, LOG_DAEMON, LOG_AUTH, LOG_SYSLOG = range(0, 48, 8)
LOG_LPR, LOG_NEWS, LOG_UUCP, LOG_CRON, LOG_AUTHPRIV, LOG_FTP = range(48, 96, 8)
LOG_LOCAL0, LOG_LOCAL1, LOG_LOCAL2, LOG_LOCAL3 = range(128, 160, 8)
LOG_LOCAL4, LOG_LOCAL5, LOG_LOCAL6, LOG_LOCAL7 = range(160, 192, 8)
LOG_PID, LOG_CONS, LOG_ODELAY, LOG_NDELAY, LOG_NOWAIT, LOG_PERROR = 1, 2, 4, 8, 16, 32

_ident, _options, _mask = None, 0, 0xFF


def openlog(ident=None, logoption=0, facility=LOG_USER):
    """Set the options of the next calls."""
    global _ident, _options
    _sys.audit("syslog.openlog", ident, logoption, facility)
    if ident is not None and not isinstance(ident, str):
        raise TypeError(f"ident must be a string, not {type(ident).__name__}")
    (ident or "").encode()
    _ident, _options = ident, int(logoption)


def closelog():
    """Forget what openlog() and setlogmask() said."""
    global _ident, _options, _mask
    _sys.audit("syslog.closelog")
    _ident, _options, _mask = None, 0, 0xFF


def setlogmask(maskpri, /):
    """Set which priorities are logged, and return the previous mask. 0 changes nothing."""
    global _mask
    _sys.audit("syslog.setlogmask", maskpri)
    previous = _mask
    if maskpri:
        _mask = maskpri
    return previous


def LOG_MASK(pri, /):
    """The mask of one priority."""
    return 1 << pri


def LOG_UPTO(pri, /):
    """The mask of a priority and all that are more urgent."""
    return (1 << (pri + 1)) - 1


def syslog(*args):
    """syslog([priority=LOG_INFO,] message)"""
    priority, message = args if len(args) == 2 else (LOG_INFO, *args)
    if not isinstance(message, str):
        raise TypeError("[priority,] message string")
    _sys.audit("syslog.syslog", priority, message)
    if not _mask & LOG_MASK(priority & 7):
        return
    if not _options & LOG_PERROR:
        raise OSError(_errno.ENOTSUP, "there is no system log in the WASI sandbox")
    ident = _ident if _ident is not None else _os.path.basename(_sys.argv[0]) if _sys.argv else ""
    pid = f"[{_os.getpid()}]" if _options & LOG_PID else ""
    print(f"{ident}{pid}: {message}", file=_sys.stderr)
