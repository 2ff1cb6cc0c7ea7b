"""Run in the sandbox: lays the library as it is shipped, and CPython's tests, into the folder /copy."""

import compileall
import pathlib
import shutil

library = pathlib.Path("/copy/lib/python3.13")
shutil.copytree("/usr", "/copy", dirs_exist_ok=True)
# As upstream: the tests take a ctypes that can be imported for one that can call C.
shutil.rmtree(library / "ctypes")
shutil.copytree("/sources/Lib/test", library / "test")
for part in ["support", "libregrtest"]:
    compileall.compile_dir(library / "test" / part, quiet=1, stripdir="/copy", prependdir="/usr")
