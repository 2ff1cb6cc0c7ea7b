# Recursion of every kind ends in RecursionError, at CPython's own limit.
import sys
def depth(n=1):
    try:
        return depth(n + 1)
    except RecursionError:
        return n
print(sys.getrecursionlimit(), 950 < depth() <= 1000)
def attempt(name, function):
    try:
        function()
    except RecursionError:
        print(name, "RecursionError")
    except MemoryError:
        print(name, "MemoryError")
    else:
        print(name, "done")
class Attribute:
    def __getattr__(self, name):
        return getattr(self, name + "x")
attempt("__getattr__", lambda: Attribute().x)
class Repr:
    def __repr__(self):
        return repr(self)
attempt("__repr__", lambda: repr(Repr()))
class Equal:
    def __eq__(self, other):
        return other == self
attempt("__eq__", lambda: Equal() == Equal())
class Call:
    pass
Call.__call__ = Call()
attempt("__call__", lambda: Call()())
class Add:
    def __add__(self, other):
        return other + self
attempt("__add__", lambda: Add() + Add())
class Iterates:
    def __iter__(self):
        return iter(list(self))
attempt("__iter__", lambda: list(Iterates()))
class Hash:
    def __hash__(self):
        return hash((self,))
attempt("__hash__", lambda: hash(Hash()))
attempt("sorted", lambda: (f := lambda x: sorted([1, 2], key=f)) and f(1))
attempt("generator", lambda: (g := lambda: (yield from g())) and next(g()))
nested = []
for _ in range(100_000):
    nested = [nested]
attempt("repr of a nested list", lambda: repr(nested))
attempt("comparison of nested lists", lambda: nested == [nested])
import copy, json, pickle, marshal, ast, re
attempt("json.dumps", lambda: json.dumps(nested))
attempt("json.loads", lambda: json.loads("[" * 100_000))
attempt("pickle.dumps", lambda: pickle.dumps(nested))
attempt("copy.deepcopy", lambda: copy.deepcopy(nested))
try:
    marshal.dumps(nested)
except ValueError as error:
    print("marshal.dumps", error)
for name, source in [("parentheses", "(" * 100_000), ("minus signs", "-" * 100_000 + "1"), ("attributes", "a" + ".a" * 100_000), ("sums", "+".join("1" * 100_000)), ("powers", "**".join(["a"] * 10_000))]:
    try:
        compile(source, "<deep>", "eval")
    except (SyntaxError, MemoryError, RecursionError) as error:
        print(name, "refused")
    else:
        print(name, "compiled")
try:
    re.compile("(" * 10_000 + ")" * 10_000)
except (RecursionError, re.PatternError) as error:
    print("re.compile", type(error).__name__)
print(re.match("(?:a|b)*", "ab" * 100_000).end(), re.match("(a|b)*?c", "ab" * 50_000 + "c").end())
del nested
print("alive", depth() > 950)
