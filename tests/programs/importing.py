# Imports: packages and namespace packages from /tmp, zip files, relative imports, reload, cycles, errors, resources.
import importlib
import importlib.metadata
import importlib.resources
import importlib.util
import os
import pathlib
import runpy
import sys
import zipfile
root = pathlib.Path("/tmp/lib")
files = {"pkg/__init__.py": "from .a import value\n__all__ = ['value', 'b']\n", "pkg/a.py": "from . import b\nvalue = b.base * 2\n", "pkg/b.py": "base = 21\n", "pkg/__main__.py": "print('main of', __name__, __package__)\n", "pkg/data.txt": "resource text", "space/mod.py": "where = __name__\n", "one.py": "import two\nx = 1\n", "two.py": "import one\ny = getattr(one, 'x', 'not yet')\n", "broken.py": "def f(:\n", "lazy.py": "def __getattr__(name):\n    return name * 2\n"}
for name, text in files.items():
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
sys.path.insert(0, str(root))
import pkg
print(pkg.value, pkg.b.base, pkg.__path__, pkg.__spec__.origin)
from pkg import *
print(value, b.__name__)
import space.mod
print(space.mod.where, space.__file__ if hasattr(space, "__file__") else "namespace")
import two
print(two.y, importlib.import_module("lazy").abc)
(root / "pkg/b.py").write_text("base = 1000\n")
importlib.invalidate_caches()
print(importlib.reload(pkg.b).base, importlib.resources.files("pkg").joinpath("data.txt").read_text())
for name in ["nothing_here", "pkg.nothing", "broken"]:
    try:
        importlib.import_module(name)
    except (ImportError, SyntaxError) as error:
        print(type(error).__name__, error)
try:
    from pkg import absent
except ImportError as error:
    print(error)
runpy.run_module("pkg", run_name="__main__")
print(runpy.run_path(root / "two.py")["y"])
with zipfile.ZipFile("/tmp/lib.zip", "w") as z:
    z.writestr("zipped.py", "import zlib\ndef where():\n    return __file__\n")
sys.path.insert(0, "/tmp/lib.zip")
import zipped
print(zipped.where(), importlib.util.find_spec("json").origin.endswith("json/__init__.py"), importlib.util.find_spec("nonexistent_module"))
try:
    importlib.metadata.version("no-such-distribution")
except importlib.metadata.PackageNotFoundError as error:
    print(error)
print("sys" in sys.builtin_module_names, len(sys.stdlib_module_names) > 250, "pkg.b" in sys.modules)
class Finder:
    def find_spec(self, name, path, target=None):
        if name == "virtual":
            return importlib.util.spec_from_loader(name, self)
    def create_module(self, spec):
        return None
    def exec_module(self, module):
        module.answer = 42
sys.meta_path.append(Finder())
import virtual
print(virtual.answer, virtual.__spec__.name)
