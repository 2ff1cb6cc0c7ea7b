# Generators: send, throw, close, return values, delegation, lazy pipelines.
def averager():
    total = count = 0
    average = None
    try:
        while True:
            value = yield average
            total += value
            count += 1
            average = total / count
    except ValueError as error:
        yield f"caught {error}"
    finally:
        print("cleaned up")

g = averager()
next(g)
print(g.send(10), g.send(20), g.send(33))
print(g.throw(ValueError("bad")))
g.close()

def inner():
    received = yield 1
    print("inner got", received)
    return "inner result"
def outer():
    result = yield from inner()
    yield result
o = outer()
print(next(o), o.send("hello"))

def countdown(n):
    while n:
        yield n
        n -= 1
    return "liftoff"
gen = countdown(2)
try:
    while True:
        print(next(gen))
except StopIteration as stop:
    print(stop.value)

def primes():
    found = []
    n = 2
    while True:
        if all(n % p for p in found if p * p <= n):
            found.append(n)
            yield n
        n += 1
from itertools import islice
print(list(islice(primes(), 15)))
squares = (n * n for n in range(10**12))
print(next(squares), next(squares), next(squares))
def leaky():
    raise StopIteration
    yield
try:
    list(leaky())
except RuntimeError as error:
    print(error)
class Tree:
    def __init__(self, value, left=None, right=None):
        self.value, self.left, self.right = value, left, right
    def __iter__(self):
        if self.left:
            yield from self.left
        yield self.value
        if self.right:
            yield from self.right
print(list(Tree(4, Tree(2, Tree(1), Tree(3)), Tree(6, Tree(5)))))
print(gen.gi_frame, g.gi_running)
