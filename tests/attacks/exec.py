# Replaces itself by another program. Ends: held
import os

for name in ["execv", "execve", "execvp", "spawnv", "posix_spawn", "posix_spawnp"]:
    call = getattr(os, name, None)
    arguments = {"execve": ("/bin/sh", ["sh"], {}), "spawnv": (0, "/bin/sh", ["sh"])}.get(name, ("/bin/sh", ["sh"]))
    if name.startswith("posix"):
        arguments = ("/bin/sh", ["sh"], {})
    try:
        call(*arguments)
        print("escaped:", name)
    except (OSError, TypeError, AttributeError, NameError):
        pass
print("held")
