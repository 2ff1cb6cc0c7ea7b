# Sets the clocks and the limits of the host. Ends: held
import time

for name in ["clock_settime", "clock_settime_ns", "tzset"]:
    try:
        getattr(time, name)(time.CLOCK_REALTIME, 0)
        print("escaped:", name)
    except (OSError, AttributeError, TypeError):
        pass
for name in ["resource", "fcntl", "termios", "pwd", "grp", "syslog"]:
    try:
        __import__(name)
        print("escaped:", name)
    except ImportError:
        pass
print("held")
