"""eryx by its package for Python, `pyeryx`."""

import base64
from importlib.metadata import version

import eryx
from driver import Peer, increased, serve



class Session:
    """Python that keeps its variables, and the only kind that answers a second call."""

    def __init__(self, made):
        self.made = made
        self.exec = made.execute

    def eval(self, expression):
        return self.made.execute(f"result = {expression}").result

    def put(self, data):
        text = base64.b64encode(data).decode()
        self.exec(f"import base64; data = base64.b64decode({text!r})")

    def get(self):
        return base64.b64decode(self.eval("base64.b64encode(data).decode()"))

    def close(self):
        self.made = self.exec = None


class Eryx(Peer):
    call = "(await increased(n=n))"
    calls = {
        "new sandbox": "`eryx.Sandbox().execute(\"result = 1 + 1\").result`",
        "warm": "`session = eryx.Session()`, `session.execute(source)`",
        "value": "`session.execute(\"result = ...\").result`",
        "tool": "`await increased(n=n)`, registered by `callbacks=[...]`",
        "snapshot": "`session.snapshot_state()`, `session.restore_state(state)`: variables, pickled",
        "1 MB": "base64 in the source and in the result, as values are JSON",
    }

    def about(self):
        return f"eryx {version('pyeryx')}"

    def new(self, tools=False):
        if tools:
            return Session(eryx.Session(callbacks=[{"name": "increased", "fn": increased, "description": "n + 1"}]))
        return Session(eryx.Session())

    def fresh(self):
        return Session(eryx.Sandbox())

    def snapshot(self, sandbox):
        return sandbox.made.snapshot_state()

    def restore(self, sandbox, state):
        sandbox.made.restore_state(state)
        return sandbox


serve(Eryx())
