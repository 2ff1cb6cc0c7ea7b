# Imports from outside with hooks and search paths of its own. Ends: held
import importlib.machinery
import importlib.util
import sys

sys.path[:0] = ["/", "/etc", "/data/..", "/data/to-up", "../../..", "/proc/self/cwd"]
for name in ["canary", "passwd", "..canary"]:
    try:
        __import__(name)
        print("escaped:", name)
    except (ImportError, ValueError, KeyError):
        pass
for path in ["/data/../canary", "/etc/passwd", "/data/to-canary"]:
    try:
        spec = importlib.util.spec_from_file_location("evil", path, loader=importlib.machinery.SourceFileLoader("evil", path))
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
        print("escaped:", path)
    except OSError:
        pass
print("held")
