# Changes owners, modes and the root folder. Ends: held
import os

for name, arguments in [("chown", ("/data/file", 0, 0)), ("chroot", ("/data",)), ("setuid", (0,)), ("setgid", (0,)), ("umask", (0,)), ("lchown", ("/ro/file", 0, 0)), ("chflags", ("/data/file", 0))]:
    try:
        getattr(os, name)(*arguments)
        assert name == "umask", name
    except (OSError, AttributeError):
        pass
try:
    os.chmod("/ro/file", 0o777)
except OSError:
    pass
print("held")
