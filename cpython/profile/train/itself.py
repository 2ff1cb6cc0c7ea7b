"""The compiler, the garbage collector and tracebacks."""

from classes import Account, matching, trees
from parts import part


@part(2)
def compiler():
    import ast
    import inspect
    import tokenize
    import io

    source = inspect.getsource(Account) + inspect.getsource(matching) + inspect.getsource(trees)
    tree = ast.parse(source)
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    code = compile(source, "<training>", "exec")
    namespace = {"part": lambda times: lambda function: function}
    exec(code, namespace)
    tokens = sum(1 for _ in tokenize.generate_tokens(io.StringIO(source).readline))
    types = [type("C%d" % i, (Account,), {"x": i, "get": lambda self: self.x}) for i in range(20)]
    return len(names), tokens, eval("1 + 2 * x", {"x": 5}), types[5]("n").get(), ast.unparse(tree)[:20]


@part(1)
def collector():
    import gc
    import weakref

    class Ring:
        def __init__(self, size):
            self.next = self
            self.items = [Ring(0) for _ in range(size)]
            for item in self.items:
                item.next = self

    watched = weakref.ref(Ring(3))
    for _ in range(200):
        Ring(3)
    gc.collect()
    return watched()


@part(1)
def traceback_of_an_exception():
    import traceback

    def fail(depth):
        if depth:
            return fail(depth - 1)
        return {}["missing"]

    try:
        fail(12)
    except KeyError:
        return traceback.format_exc()
