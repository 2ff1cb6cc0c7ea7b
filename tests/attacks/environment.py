# Looks for the environment variables of the host. Ends: held
import os
import sys

assert os.environ.keys() == {"HOME", "USER", "LOGNAME", "TMPDIR", "LANG"}, os.environ
assert os.getenv("CANARY") is None and os.getenv("PATH") is None and os.getenv("HOME") == "/home/user"
assert os.path.expanduser("~root") == "~root"
for name in ["getlogin", "getuid", "getpid", "uname"]:
    try:
        getattr(os, name)()
    except (OSError, AttributeError):
        pass
assert not any("canary" in str(word) for word in [sys.argv, sys.path, sys.executable, sys.orig_argv])
print("held")
