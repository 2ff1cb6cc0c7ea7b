# pickle of every protocol, copy, marshal, shelve-like files, reduce hooks, refused callables.
import collections
import copy
import io
import marshal
import pickle
from datetime import datetime
class Node:
    def __init__(self, value):
        self.value, self.next = value, None
    def __eq__(self, other):
        return self.value == other.value
class Reduced:
    def __init__(self, n):
        self.n = n
    def __reduce__(self):
        return Reduced, (self.n + 1,)
class State:
    def __init__(self):
        self.keep, self.drop = 1, lambda: 0
    def __getstate__(self):
        return {"keep": self.keep}
    def __setstate__(self, state):
        self.__dict__.update(state, restored=True)
value = [1, 2**100, -1.5, 1j, "é🐍", b"\xff", None, (1, [2, {3}]), frozenset([4]), {"k": collections.Counter("aab")}, datetime(2024, 1, 2), range(5), slice(1, 2), int]
for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
    print(protocol, pickle.loads(pickle.dumps(value, protocol)) == value)
node = Node(1)
node.next = node
back = pickle.loads(pickle.dumps(node))
print(back.next is back, pickle.loads(pickle.dumps(Reduced(1))).n, vars(pickle.loads(pickle.dumps(State()))))
try:
    pickle.dumps(lambda: 0)
except (pickle.PicklingError, AttributeError) as error:
    print(type(error).__name__)
class Safe(pickle.Unpickler):
    def find_class(self, module, name):
        raise pickle.UnpicklingError(f"{module}.{name} is forbidden")
try:
    Safe(io.BytesIO(b"cos\nsystem\n(S'echo'\ntR.")).load()
except pickle.UnpicklingError as error:
    print(error)
shared = [1]
original = {"a": shared, "b": shared}
deep, shallow = copy.deepcopy(original), copy.copy(original)
shared.append(2)
print(deep, deep["a"] is deep["b"], shallow["a"] is shared, marshal.loads(marshal.dumps((1, "a", [2.5, {b"k": None}]))))
big = bytearray(10**6)
buffers = []
pickled = pickle.dumps(pickle.PickleBuffer(big), 5, buffer_callback=buffers.append)
print(len(pickled) < 100, len(buffers), pickle.loads(pickled, buffers=buffers) is big)
