# Modules for what a sandbox does not have can be imported. What they know is true, and the rest is one clear error.
import curses
import curses.panel
import errno
import fcntl
import grp
import os
import pty
import pwd
import readline
import resource
import struct
import syslog
import termios
import tty

def attempt(function, *arguments):
    try:
        print(function(*arguments))
    except (OSError, termios.error, curses.error, NotImplementedError) as error:
        number = error.args[0] if len(error.args) == 2 else None
        print(type(error).__module__, type(error).__name__, errno.errorcode.get(number), error.args[-1])
    except (AttributeError, KeyError, ValueError) as error:
        print(type(error).__name__, error)

print("users", pwd.getpwuid(os.getuid())[:4], pwd.getpwnam("user").pw_dir, grp.getgrgid(0), len(pwd.getpwall()))
attempt(pwd.getpwnam, "nobody")
attempt(grp.getgrgid, 12)
os.environ["HOME"] = "/tmp/home"
print(os.path.expanduser("~/x"), os.path.expanduser("~user/x"))

print("descriptors")
descriptor = os.open("/tmp/file", os.O_RDWR | os.O_CREAT)
print(fcntl.fcntl(descriptor, fcntl.F_GETFL) == os.O_RDWR, fcntl.fcntl(descriptor, fcntl.F_DUPFD, 20))
flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
fcntl.fcntl(descriptor, fcntl.F_SETFL, flags | os.O_NONBLOCK)
print(os.get_blocking(descriptor), fcntl.fcntl(descriptor, fcntl.F_GETFL) == flags | os.O_NONBLOCK)
attempt(fcntl.fcntl, descriptor, 77)
attempt(fcntl.fcntl, 99, fcntl.F_GETFL)
attempt(fcntl.ioctl, descriptor, 0x1234)
with open(descriptor) as file:
    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    fcntl.lockf(file, fcntl.LOCK_EX, 10, 5)
    lock = fcntl.fcntl(file, fcntl.F_GETLK, struct.pack("hhqqi", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0))
    print(struct.unpack("hhqqi", lock)[0] == fcntl.F_UNLCK)
    attempt(fcntl.flock, file, 0)
    attempt(fcntl.lockf, file, fcntl.LOCK_EX | 64)
    attempt(fcntl.lockf, file, fcntl.LOCK_EX, 0, -1)
    attempt(fcntl.fcntl, file, fcntl.F_SETLK, b"short")
attempt(fcntl.flock, 99, fcntl.LOCK_SH)
descriptor = os.open("/tmp/file", os.O_RDWR)

print("terminals")
attempt(termios.tcgetattr, descriptor)
attempt(termios.tcgetattr, 99)
attempt(termios.tcgetwinsize, descriptor)
attempt(tty.setraw, 0)
attempt(pty.openpty)
attempt(pty.spawn, "sh")
mode = [termios.ICRNL, termios.OPOST, 0, termios.ECHO | termios.ICANON, 0, 0, [b""] * termios.NCCS]
tty.cfmakeraw(mode)
print(mode[:4], mode[6][termios.VMIN])
attempt(curses.wrapper, print)
attempt(curses.panel.new_panel, None)
print(curses.KEY_UP, curses.KEY_F1, curses.A_BOLD, curses.COLOR_RED)

print("resources")
for name in ("STACK", "CORE", "NPROC"):
    print(name, resource.getrlimit(getattr(resource, f"RLIMIT_{name}")))
attempt(resource.getrlimit, 99)
attempt(resource.setrlimit, resource.RLIMIT_CORE, (0, 0))
attempt(resource.setrlimit, resource.RLIMIT_CORE, (1, 1))
attempt(resource.setrlimit, resource.RLIMIT_CPU, (1, 1))
sum(range(10**6))
used = resource.getrusage(resource.RUSAGE_SELF)
print(used.ru_utime > 0, used[0] == used.ru_utime, resource.getpagesize())

print("log")
attempt(syslog.syslog, "message")
syslog.openlog("program", syslog.LOG_PERROR | syslog.LOG_PID)
syslog.setlogmask(syslog.LOG_UPTO(syslog.LOG_ERR))
syslog.syslog(syslog.LOG_DEBUG, "not this")
syslog.syslog(syslog.LOG_ERR, "but this")

print("lines")
readline.set_completer(lambda text, state: (text + "tion", text + "ve", None)[state])
print(readline._complete("print(func", 10), readline.get_begidx(), readline.get_line_buffer())
readline.add_history("one")
readline.add_history("two")
readline.write_history_file("/tmp/history")
readline.clear_history()
readline.read_history_file("/tmp/history")
print(readline.get_current_history_length(), readline.get_history_item(2), readline.get_history_item(3))
attempt(readline.remove_history_item, 2)
