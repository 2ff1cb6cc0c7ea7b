"""What a program leaves behind when the interpreter that it has prepared becomes an image.

Programs that start from the image find the modules that it imported, and nothing else of it.
"""

import gc
import importlib
import io
import os
import sys
from importlib.machinery import BuiltinImporter

import _python_wasm


def leave(path_before):
    """Forgets the program; the names of the files that it has left open.

    path_before is sys.path as it was before the program.
    """
    _forget_main()
    _forget_folder_of_program(path_before)
    for name in ("last_exc", "last_type", "last_value", "last_traceback"):
        sys.__dict__.pop(name, None)
    # What folders had in them, for there may be others of these names.
    sys.path_importer_cache.clear()
    importlib.invalidate_caches()
    gc.collect()
    return _open_files()


def _forget_main():
    """Makes __main__ what it is before a program."""
    namespace = _python_wasm.namespace()
    namespace.clear()
    namespace.update(
        __name__="__main__",
        __doc__=None,
        __package__=None,
        __loader__=BuiltinImporter,
        __spec__=None,
        __annotations__={},
        __builtins__=sys.modules["builtins"],
    )


def _forget_folder_of_program(path_before):
    """Removes what python3 has put before sys.path for the program: "", or its folder."""
    folders = {"", os.getcwd()}
    if sys.argv and sys.argv[0]:
        folders.add(os.path.dirname(os.path.abspath(sys.argv[0])))
    for entry in sys.path:
        if entry in folders and sys.path.count(entry) > path_before.count(entry):
            sys.path.remove(entry)
            break


def _open_files():
    streams = {0, 1, 2}
    return [
        str(file.name)
        for file in gc.get_objects()
        if isinstance(file, io.FileIO) and not file.closed and file.fileno() not in streams
    ]
