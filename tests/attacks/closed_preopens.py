# Closes the descriptors of the granted folders, and then reads through them. Ends: held
import os

os.write(1, b"closing\n")
os.closerange(3, 300)
for path in ["/data/file", "/etc/passwd", "/ro/file", "/tmp/x", "/usr/lib/x"]:
    for flags in [os.O_RDONLY, os.O_WRONLY | os.O_CREAT]:
        try:
            os.open(path, flags)
            print("escaped:", path)
        except OSError:
            pass
os.write(1, b"held\n")
os._exit(0)
