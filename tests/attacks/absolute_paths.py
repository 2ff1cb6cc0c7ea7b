# Opens files that every machine has, by absolute paths. Ends: held
import os

for path in ["/etc/passwd", "/etc/shadow", "/root/.ssh/id_rsa", "/bin/sh", "/var/log", "/home/ada", "/proc/version", "/sys"]:
    for attempt in (open, os.listdir, os.stat, os.readlink):
        try:
            print("escaped:", attempt(path))
        except OSError:
            pass
print("held")
