# Opens devices by the names that they have on hosts. Ends: held
import os

assert sorted(os.listdir("/dev")) == ["fd", "null", "random", "stderr", "stdin", "stdout", "urandom", "zero"]
for name in ["mem", "kmem", "sda", "vda", "tty", "ptmx", "console", "kmsg", "fuse", "kvm", "net/tun", "shm/x", "disk", "fd/-1", "fd/63", "fd/64", "fd/x", "fd/../sda"]:
    for mode in ["rb", "wb"]:
        try:
            print("escaped:", open("/dev/" + name, mode))
        except OSError:
            pass
try:
    os.mknod("/data/device")
    print("escaped: mknod")
except (OSError, AttributeError):
    pass
print("held")
