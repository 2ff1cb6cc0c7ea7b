"""Compiles every module below a folder, as the module that it will be in the sandbox.

Usage: python compile.py ROOT MOUNT, where ROOT on this machine is MOUNT there.

The .pyc files say "unchecked": nobody can change the archive behind their back,
so that no import needs to look at the source's time. What is in site-packages is
kept as bytecode alone, for nobody reads it there.
"""

import os
import py_compile
import sys

root, mount = sys.argv[1:]
for folder, folders, files in os.walk(root):
    folders[:] = sorted(name for name in folders if name != "__pycache__")
    for name in sorted(files):
        stem, extension = os.path.splitext(name)
        if extension != ".py":
            continue
        source = os.path.join(folder, name)
        inside = "/".join([mount, *os.path.relpath(source, root).split(os.sep)])
        print(inside)
        bytecode_only = "/site-packages/" in inside
        cached = [stem + ".pyc"] if bytecode_only else ["__pycache__", stem + ".cpython-313.pyc"]
        py_compile.compile(
            source,
            cfile=os.path.join(folder, *cached),
            dfile=inside,
            doraise=True,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )
        if bytecode_only:
            os.remove(source)
