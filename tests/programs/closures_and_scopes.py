# Names: closures, nonlocal, global, default arguments, comprehension scopes, del.
def counter(start=0):
    def step(by=1):
        nonlocal start
        start += by
        return start
    return step

count = counter(10)
print(count(), count(5), count())
print(count.__closure__[0].cell_contents, count.__code__.co_freevars)

total = 0
def add(n):
    global total
    total += n
for n in range(5):
    add(n)
print(total)

def default(value, seen=[]):
    seen.append(value)
    return seen
print(default(1), default(2), default.__defaults__)

late = [lambda: i for i in range(3)]
early = [lambda i=i: i for i in range(3)]
print([f() for f in late], [f() for f in early])

def both(a, /, b, *args, c, d=4, **rest):
    return a, b, args, c, d, rest
print(both(1, 2, 3, c=5, e=6, a=7))
try:
    both(a=1, b=2, c=3)
except TypeError as error:
    print(error)

x = "module"
class Scope:
    x = "class"
    inner = [x for _ in range(1)]
    def method(self):
        return x
print(Scope.inner, Scope().method())

def unbound():
    print(later)
    later = 1
try:
    unbound()
except UnboundLocalError as error:
    print(error)
first, *middle, last = "abcdef"
print(first, middle, last)
if (size := len(middle)) > 3:
    print(size)
