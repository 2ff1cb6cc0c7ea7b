# Imports a shared library as a module. Ends: held
import importlib.machinery
import importlib.util
import sys

open("/data/evil.so", "wb").write(b"\x7fELF" + bytes(1000))
sys.path.insert(0, "/data")
try:
    loader = importlib.machinery.ExtensionFileLoader("evil", "/data/evil.so")
    importlib.util.module_from_spec(importlib.util.spec_from_loader("evil", loader))
    print("escaped: loaded")
except (ImportError, AttributeError):
    pass
try:
    import evil
    print("escaped: imported")
except ImportError:
    pass
print("held")
