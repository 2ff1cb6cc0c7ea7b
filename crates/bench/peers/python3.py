"""`python3 -I` as a process for each sandbox, which answers over pipes. Nothing confines it."""

import platform
import subprocess
import sys

from driver import Peer, serve
from piped import LOOP, Piped


class Subprocess(Peer):
    no_snapshot = "none; `os.fork` copies a process, whose streams both then share"
    calls = {
        "sandbox": "a process `python3 -I -c` with `loop.py`, which executes what comes by standard input",
        "tool": "a line on standard output, a line back on standard input",
    }

    def about(self):
        return f"python3 -I {platform.python_version()}"

    def new(self, tools=False):
        pipe = subprocess.PIPE
        process = subprocess.Popen([sys.executable, "-I", "-c", LOOP], stdin=pipe, stdout=pipe)
        return Piped(process.stdin, process.stdout, process.wait)


serve(Subprocess())
