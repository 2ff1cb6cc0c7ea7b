"""Monty, an interpreter of a part of Python written in Rust, by its package for Python."""

from importlib.metadata import version

from driver import Peer, increased, serve
from pydantic_monty import Monty


class Session:
    def __init__(self, checkout, tools=None):
        self.checkout, self.tools = checkout, tools
        self.made = checkout.__enter__()

    def exec(self, source):
        self.made.feed_run(source, external_lookup=self.tools)

    def eval(self, expression):
        return self.made.feed_run(expression)

    def put(self, data):
        self.made.feed_run("data = given", inputs={"given": data})

    def get(self):
        return self.made.feed_run("data")

    def close(self):
        self.checkout.__exit__(None, None, None)


class Pool(Peer):
    calls = {
        "sandbox": "`pool = Monty(max_processes=64)`, `pool.checkout()`: a process of the pool for each",
        "warm": "`session.feed_run(source)`",
        "tool": "`feed_run(source, external_lookup={\"increased\": increased})`",
        "snapshot": "`session.dump()`; `pool.checkout()` and `session.load_session(state)`",
        "1 MB": "`inputs={\"given\": data}`, and the value of `data`",
    }

    def __init__(self):
        # By default there are as many workers as processors, and a checkout waits for one.
        self.pool = Monty(max_processes=64)
        self.pool.__enter__()

    def about(self):
        return f"monty {version('pydantic-monty')}"

    def new(self, tools=False):
        return Session(self.pool.checkout(), {"increased": increased} if tools else None)

    def snapshot(self, sandbox):
        return sandbox.made.dump()

    def restore(self, sandbox, state):
        sandbox.close()
        restored = self.new()
        restored.made.load_session(state)
        return restored


serve(Pool())
