"""Adds folders of packages to sys.path, and says of native code what it is."""

import importlib.machinery
import os
import site
import sys


def _message(name, file):
    return f"{name} is native code, which the sandbox does not run: {file}"


def _refuse(loader, spec):
    raise ImportError(_message(spec.name, spec.origin), name=spec.name, path=spec.origin)


class _NativeCode:
    """Asked last: what nothing else has found may be there as code for another Python."""

    suffixes = (".so", ".pyd", ".dylib", ".dll")

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        start = name.rpartition(".")[2] + "."
        for folder in sys.path if path is None else path:
            if not any(folder == below or folder.startswith(below + "/") for below in folders):
                continue
            try:
                found = os.listdir(folder)
            except OSError:
                continue
            for file in found:
                if file.startswith(start) and file.endswith(cls.suffixes):
                    path = f"{folder}/{file}"
                    raise ModuleNotFoundError(_message(name, path), name=name, path=path)
        return None


for folder in folders:
    site.addsitedir(folder)
sys.meta_path.append(_NativeCode)
# One whose name has no tag is found, and then would ask for dlopen.
importlib.machinery.ExtensionFileLoader.create_module = _refuse
