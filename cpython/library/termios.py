"""termios without a terminal driver: its constants, and the size of the terminal.

WASI has no call that reads or changes the modes of a terminal. Functions that
need one raise termios.error, as they do for a file that is not a terminal, and
programs then do without. The size is what os.get_terminal_size() returns.
"""

import errno as _errno
import os as _os


class error(Exception):
    __module__ = "termios"


# The numbers of Linux, in the order of termios(3): c_iflag, c_oflag, c_cflag,
# c_lflag, indices of c_cc and its usual characters, speeds, actions, ioctls.
IGNBRK, BRKINT, IGNPAR, PARMRK, INPCK, ISTRIP, INLCR, IGNCR, ICRNL = 1, 2, 4, 8, 16, 32, 64, 128, 256
IUCLC, IXON, IXANY, IXOFF, IMAXBEL, IUTF8 = 512, 1024, 2048, 4096, 8192, 16384

OPOST, OLCUC, ONLCR, OCRNL, ONOCR, ONLRET, OFILL, OFDEL = 1, 2, 4, 8, 16, 32, 64, 128
NL0, NL1, NLDLY = 0, 256, 256
CR0, CR1, CR2, CR3, CRDLY = 0, 512, 1024, 1536, 1536
TAB0, TAB1, TAB2, TAB3, TABDLY, XTABS = 0, 2048, 4096, 6144, 6144, 6144
BS0, BS1, BSDLY = 0, 8192, 8192
VT0, VT1, VTDLY = 0, 16384, 16384
FF0, FF1, FFDLY = 0, 32768, 32768

CS5, CS6, CS7, CS8, CSIZE, CSTOPB, CREAD, PARENB, PARODD = 0, 16, 32, 48, 48, 64, 128, 256, 512
HUPCL, CLOCAL = 1024, 2048
CBAUDEX, CBAUD, CIBAUD, CRTSCTS = 4096, 0x100f, 0x100f0000, 0x80000000

ISIG, ICANON, XCASE, ECHO, ECHOE, ECHOK, ECHONL, NOFLSH, TOSTOP = 1, 2, 4, 8, 16, 32, 64, 128, 256
ECHOCTL, ECHOPRT, ECHOKE, FLUSHO, PENDIN, IEXTEN, EXTPROC = 512, 1024, 2048, 4096, 16384, 32768, 65536

VINTR, VQUIT, VERASE, VKILL, VEOF, VTIME, VMIN, VSWTC, VSWTCH, NCC = 0, 1, 2, 3, 4, 5, 6, 7, 7, 8
VSTART, VSTOP, VSUSP, VEOL, VREPRINT, VDISCARD, VWERASE, VLNEXT = 8, 9, 10, 11, 12, 13, 14, 15
VEOL2, NCCS = 16, 32
CEOL, _POSIX_VDISABLE, CINTR, CEOF, CEOT, CFLUSH, CSTART, CRPRNT, CSTOP = 0, 0, 3, 4, 4, 15, 17, 18, 19
CKILL, CLNEXT, CWERASE, CDSUSP, CSUSP, CQUIT, CERASE = 21, 22, 23, 25, 26, 28, 127

B0, B50, B75, B110, B134, B150, B200, B300, B600, B1200, B1800 = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
B2400, B4800, B9600, B19200, EXTA, B38400, EXTB, B57600 = 11, 12, 13, 14, 14, 15, 15, 4097
B115200, B230400, B460800, B500000, B576000, B921600 = 4098, 4099, 4100, 4101, 4102, 4103
B1000000, B1152000, B1500000, B2000000, B2500000, B3000000 = 4104, 4105, 4106, 4107, 4108, 4109
B3500000, B4000000 = 4110, 4111

TCSANOW, TCSADRAIN, TCSAFLUSH = 0, 1, 2
TCIFLUSH, TCOFLUSH, TCIOFLUSH = 0, 1, 2
TCOOFF, TCOON, TCIOFF, TCION = 0, 1, 2, 3

TCGETS, TCSETS, TCSETSW, TCSETSF, TCGETA, TCSETA = 0x5401, 0x5402, 0x5403, 0x5404, 0x5405, 0x5406
TCSETAW, TCSETAF, TCSBRK, TCXONC, TCFLSH, TCSBRKP = 0x5407, 0x5408, 0x5409, 0x540a, 0x540b, 0x5425
FIONREAD, FIONBIO, FIONCLEX, FIOCLEX, FIOASYNC = 0x541b, 0x5421, 0x5450, 0x5451, 0x5452
TIOCEXCL, TIOCNXCL, TIOCSCTTY, TIOCGPGRP, TIOCSPGRP = 0x540c, 0x540d, 0x540e, 0x540f, 0x5410
TIOCOUTQ, TIOCSTI, TIOCGWINSZ, TIOCSWINSZ, TIOCINQ = 0x5411, 0x5412, 0x5413, 0x5414, 0x541b
TIOCCONS, TIOCNOTTY, TIOCSETD, TIOCGETD = 0x541d, 0x5422, 0x5423, 0x5424


def _descriptor(fd):
    """The number of a file descriptor, or of a file that has one; an error if it is not a terminal."""
    if not isinstance(fd, int):
        fd = fd.fileno()
        if not isinstance(fd, int):
            raise TypeError("argument must be an int, or have a fileno() method.")
    if fd < 0:
        raise ValueError(f"file descriptor cannot be a negative integer ({fd})")
    try:
        _os.fstat(fd)
    except OSError as failed:
        raise error(failed.errno, failed.strerror) from None
    if not _os.isatty(fd):
        raise error(_errno.ENOTTY, _os.strerror(_errno.ENOTTY))
    return fd


def _refuse(fd):
    _descriptor(fd)
    raise error(_errno.ENOTSUP, "the modes of the terminal are out of reach in the WASI sandbox")


def tcgetattr(fd, /):
    """Get the modes of a terminal: none can be read, so this raises termios.error."""
    _refuse(fd)


def tcsetattr(fd, when, attributes, /):
    """Set the modes of a terminal: none can be set, so this raises termios.error."""
    if not isinstance(attributes, list) or len(attributes) != 7:
        raise TypeError("tcsetattr, arg 3: must be 7 element list")
    _refuse(fd)


def tcsendbreak(fd, duration, /):
    _refuse(fd)


def tcdrain(fd, /):
    _refuse(fd)


def tcflush(fd, queue, /):
    _refuse(fd)


def tcflow(fd, action, /):
    _refuse(fd)


def tcgetwinsize(fd, /):
    """The size of the terminal: (rows, columns)."""
    fd = _descriptor(fd)
    if not hasattr(_os, "get_terminal_size"):
        _refuse(fd)
    try:
        columns, rows = _os.get_terminal_size(fd)
    except OSError as failed:
        raise error(failed.errno, failed.strerror) from None
    return rows, columns


def tcsetwinsize(fd, winsize, /):
    if len(winsize) != 2:
        raise TypeError("tcsetwinsize, arg 2: must be a two-item sequence")
    _refuse(fd)
