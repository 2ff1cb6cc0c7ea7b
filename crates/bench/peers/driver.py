"""The side of `bench peers` that is the same for every peer with an API in Python.

A driver defines a class with these methods and gives an instance to `serve`. What a peer does not have raises
`Absent` with the reason.

    about()                    name and version
    new(tools=False)           a sandbox that stays: exec, eval, put, get, close; with the host's `increased`
    fresh()                    the quickest sandbox for one answer; the same as `new` if there is no other
    prepare()                  what is done once before many of them
    snapshot(sandbox)          the sandbox's state, and
    restore(sandbox, state)    the sandbox that has it again

and with `calls`, which says what is called for the rows, `call`, how a program calls `increased(n)`, and `imports`,
what it runs before.
"""

import json
import sys
import time


class Absent(Exception):
    """The peer has no such thing."""


class Wrong(Exception):
    """The peer gave another answer."""


class Peer:
    call = "increased(n)"
    imports = ""
    no_snapshot = "none in its documentation"
    kept = None

    def fresh(self):
        return self.new()

    def prepare(self):
        """Gets ready to make further sandboxes by `fresh`."""

    def snapshot(self, sandbox):
        raise Absent(self.no_snapshot)

    def warm(self):
        """The sandbox that stays for the rows of warm calls."""
        if self.kept is None:
            self.kept = self.new()
        return self.kept


def increased(n):
    """The host's function that programs call."""
    return n + 1


def check(answer, right):
    if answer != right:
        raise Wrong(f"{answer!r} instead of {right!r}")


def timed(repeats, act, after=lambda made: None):
    """Returns the milliseconds of each of `repeats` calls of `act` after a first one, or of as many as two seconds allow."""
    after(act())
    times = []
    deadline = time.perf_counter() + 2
    while len(times) < repeats and (not times or time.perf_counter() < deadline):
        start = time.perf_counter()
        made = act()
        times.append((time.perf_counter() - start) * 1e3)
        after(made)
    return times


def first(peer, repeats, source, answer):
    sandbox = peer.fresh()
    check(sandbox.eval(source), answer)
    peer.last = sandbox
    return []


def second(peer, repeats, source, answer):
    peer.prepare()

    def act():
        sandbox = peer.fresh()
        check(sandbox.eval(source), answer)
        return sandbox

    return timed(repeats, act, lambda sandbox: sandbox.close())


def exec_(peer, repeats, source, answer):
    sandbox = peer.warm()
    return timed(repeats, lambda: sandbox.exec(source))


def eval_(peer, repeats, source, answer):
    sandbox = peer.warm()
    return timed(repeats, lambda: check(sandbox.eval(source), answer))


def tool(peer, repeats, source, answer):
    sandbox = peer.new(tools=True)
    if peer.imports:
        sandbox.exec(peer.imports)
    sandbox.exec(f"n = 0\nfor _ in range(10): n = {peer.call}")
    start = time.perf_counter()
    sandbox.exec(f"n = 0\nfor _ in range({repeats}): n = {peer.call}")
    total = (time.perf_counter() - start) * 1e3
    check(sandbox.eval("n"), repeats)
    sandbox.close()
    return [total / repeats]


def loop(peer, repeats, source, answer):
    program, expression = source
    sandbox = peer.warm()
    sandbox.exec(program)
    return timed(repeats, lambda: check(sandbox.eval(expression), answer))


def take(peer, repeats, source, answer):
    # A sandbox of its own: others hold what earlier rows left.
    sandbox = peer.new()
    sandbox.exec(source)
    times = timed(repeats, lambda: peer.snapshot(sandbox))
    sandbox.close()
    return times


def back(peer, repeats, source, answer):
    sandbox = peer.new()
    sandbox.exec(source)
    state = peer.snapshot(sandbox)
    sandbox.exec("x = None")

    def act():
        nonlocal sandbox
        sandbox = peer.restore(sandbox, state)

    def after(made):
        check(sandbox.eval("len(x)"), answer)
        sandbox.exec("x = None")

    times = timed(repeats, act, after)
    sandbox.close()
    return times


def transfer(peer, repeats, source, answer):
    sandbox = peer.warm()
    data = bytes(range(256)) * 4096

    def act():
        sandbox.put(data)
        check(sandbox.get(), data)

    return timed(repeats, act)


held = []


def hold(peer, repeats, source, answer):
    for _ in range(repeats):
        sandbox = peer.new()
        check(sandbox.eval(source), answer)
        held.append(sandbox)
    return []


TASKS = {
    "first": first,
    "second": second,
    "exec": exec_,
    "eval": eval_,
    "tool": tool,
    "loop": loop,
    "snapshot": take,
    "restore": back,
    "transfer": transfer,
    "hold": hold,
}


def serve(peer):
    """Answers requests, one a line, until standard input ends."""
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if request["task"] == "about":
                answer = {"about": peer.about(), "calls": peer.calls}
            else:
                task = TASKS[request["task"]]
                answer = {"ms": task(peer, request["repeats"], request["source"], request["answer"])}
        except Absent as absent:
            answer = {"none": str(absent)}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)
