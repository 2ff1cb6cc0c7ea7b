# Reference counts, cycles, weak references, finalisers, context variables, context managers, atexit.
import atexit
import contextlib
import contextvars
import gc
import weakref
class Thing:
    def __init__(self, name):
        self.name = name
    def __del__(self):
        print("del", self.name)
thing = Thing("counted")
ref = weakref.ref(thing, lambda r: print("callback"))
print(ref() is thing)
del thing
print(ref())
a, b = Thing("a"), Thing("b")
a.other, b.other = b, a
del a, b
print(gc.collect() >= 2)
cache = weakref.WeakValueDictionary()
kept = cache["k"] = Thing("cached")
print(list(cache))
del kept
print(list(cache))
target = Thing("finalised")
weakref.finalize(target, print, "finalizer ran")
del target
var = contextvars.ContextVar("var", default="default")
token = var.set("set")
context = contextvars.copy_context()
var.reset(token)
print(var.get(), context[var], context.run(var.get))
@contextlib.contextmanager
def managed(name):
    print("enter", name)
    try:
        yield name.upper()
    except KeyError as error:
        print("swallowed", error)
    finally:
        print("exit", name)
with managed("one") as one, managed("two") as two:
    print(one, two)
    raise KeyError("k")
with contextlib.ExitStack() as stack:
    for n in range(3):
        stack.callback(print, "pop", n)
    stack.enter_context(contextlib.suppress(ValueError))
    raise ValueError
with contextlib.closing(type("C", (), {"close": lambda self: print("closed")})()):
    pass
print(contextlib.nullcontext(5).__enter__())
atexit.register(print, "last")
atexit.register(print, "first")
print(gc.isenabled(), gc.get_threshold()[0] > 0)
