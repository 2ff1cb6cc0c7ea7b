"""Copies the shipped library and CPython's tests to the folder /copy. Runs in the sandbox."""

import compileall
import pathlib
import shutil

library = pathlib.Path("/copy/lib/python3.13")
shutil.copytree("/usr", "/copy", dirs_exist_ok=True)
# As upstream does: the tests assume that a ctypes that can be imported can call C, and that a _ssl can connect.
shutil.rmtree(library / "ctypes")
shutil.rmtree(library / "_ssl")
shutil.copytree("/sources/Lib/test", library / "test")
for part in ["support", "libregrtest"]:
    compileall.compile_dir(library / "test" / part, quiet=1, stripdir="/copy", prependdir="/usr")
