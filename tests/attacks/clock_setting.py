# Sets the clocks and the limits of the host. Ends: held
import time

for name in ["clock_settime", "clock_settime_ns"]:
    try:
        getattr(time, name)(time.CLOCK_REALTIME, 0)
        print("escaped:", name)
    except (OSError, AttributeError, TypeError):
        pass
import resource
import termios

for change, *arguments in [
    (resource.setrlimit, resource.RLIMIT_STACK, (1 << 30, 1 << 30)),
    (resource.setrlimit, resource.RLIMIT_NPROC, (100, 100)),
    (termios.tcsetattr, 0, termios.TCSANOW, []),
]:
    try:
        change(*arguments)
        print("escaped:", change)
    except (OSError, ValueError, TypeError, termios.error):
        pass
print("held")
