"""This project's wheel, by the engine that the command line names."""

import sys
from importlib.metadata import version

import python_wasm as pw
from driver import Peer, increased, serve

ENGINE = sys.argv[1]


class Sandbox:
    def __init__(self, made):
        self.made = made
        self.exec, self.eval, self.close = made.exec, made.eval, made.close

    def put(self, data):
        self.made["data"] = data

    def get(self):
        return self.made["data"]


class Wheel(Peer):
    imports = "from host import increased"
    prepared = None
    calls = {
        "first": "`pw.Sandbox().eval(\"1 + 1\")`",
        "new sandbox": "`snapshot.spawn().eval(\"1 + 1\")` of a sandbox that has answered once",
        "warm": "`sandbox.exec(source)`, `sandbox.eval(expression)`",
        "tool": "`pw.Sandbox(tools=[increased])`",
        "snapshot": "`sandbox.snapshot()`, `sandbox.restore(snapshot)`: everything",
        "1 MB": "`sandbox[\"data\"] = data`, `sandbox[\"data\"]`",
    }

    def about(self):
        return f"python-wasm {version('python-wasm')}, {ENGINE}"

    def new(self, tools=False):
        return Sandbox(pw.Sandbox(engine=ENGINE, tools=[increased] if tools else []))

    def prepare(self):
        sandbox = self.new()
        sandbox.eval("1 + 1")
        self.prepared = sandbox.made.snapshot()

    def fresh(self):
        return Sandbox(self.prepared.spawn()) if self.prepared else self.new()

    def snapshot(self, sandbox):
        return sandbox.made.snapshot()

    def restore(self, sandbox, state):
        sandbox.made.restore(state)
        return sandbox


serve(Wheel())
