"""What the profile of python.wasm is taken from: everyday Python, a little of everything.

It runs inside the sandbox, in a module whose branches are counted (profile/train.sh).
What is hot here is what the compiler makes fast, what never runs it makes small, so
each part is about as long as it is common. None of it is taken from the benchmarks
that the project is measured by: they must be free to contradict it.

One file, long as it is, because train.sh hands the sandbox one script; its parts share nothing.
"""

import sys

PARTS = []
ROUNDS = 6


def part(times):
    """Registers a part, to be run so many times."""

    def register(function):
        PARTS.append((function, times))
        return function

    return register


# --- Classes, calls, control flow -------------------------------------------


class Account:
    """Attributes, methods, properties, operators."""

    interest = 0.02

    def __init__(self, owner, balance=0.0):
        self.owner = owner
        self.balance = balance
        self.history = []

    def deposit(self, amount):
        if amount <= 0:
            raise ValueError("not an amount: %r" % (amount,))
        self.balance += amount
        self.history.append(("deposit", amount))

    def withdraw(self, amount, *, force=False):
        if amount > self.balance and not force:
            raise LookupError(self.owner)
        self.balance -= amount
        self.history.append(("withdraw", amount))

    @property
    def rich(self):
        return self.balance > 1000

    @classmethod
    def joint(cls, *owners, **options):
        return cls("+".join(owners), **options)

    @staticmethod
    def key(account):
        return account.balance, account.owner

    def __lt__(self, other):
        return self.balance < other.balance

    def __eq__(self, other):
        return isinstance(other, Account) and self.owner == other.owner

    def __hash__(self):
        return hash(self.owner)

    def __repr__(self):
        return f"{type(self).__name__}({self.owner!r}, {self.balance:.2f})"


class Savings(Account):
    def deposit(self, amount):
        super().deposit(amount)
        self.balance += amount * self.interest


class Vector:
    __slots__ = ("x", "y", "z")

    def __init__(self, x, y, z):
        self.x, self.y, self.z = x, y, z

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y, self.z + other.z)

    def __mul__(self, factor):
        return Vector(self.x * factor, self.y * factor, self.z * factor)

    def __getitem__(self, index):
        return (self.x, self.y, self.z)[index]

    def dot(self, other):
        return self.x * other.x + self.y * other.y + self.z * other.z

    def __bool__(self):
        return self.x != 0 or self.y != 0 or self.z != 0

    def __iter__(self):
        yield self.x
        yield self.y
        yield self.z

    def __len__(self):
        return 3


@part(14)
def bank():
    accounts = [Savings("o%d" % i, 10.0 * i) if i % 3 else Account("o%d" % i) for i in range(60)]
    refused = 0
    for day in range(12):
        for i, account in enumerate(accounts):
            try:
                account.deposit((i * 7 + day) % 50)
                if account.rich:
                    account.withdraw(day * 100.0)
                elif day & 1 == 0:
                    account.withdraw(amount=3.5, force=i > 30)
            except ValueError:
                refused += 1
            except LookupError as error:
                refused += len(error.args)
            finally:
                account.seen = day
    accounts.sort()
    accounts.sort(key=Account.key, reverse=True)
    joint = Account.joint("a", "b", balance=5.0)
    assert joint not in accounts and refused and str(joint) == "Account('a+b', 5.00)"
    return {account: account.balance for account in accounts}, max(accounts), sum(a.balance for a in accounts)


@part(20)
def vectors():
    total = Vector(0.0, 0.0, 0.0)
    step = Vector(0.5, -0.25, 1.5)
    for i in range(300):
        total = total + step * (1.0 / (i + 1))
        if total and total[0] > 1e9:
            break
    x, y, z = total
    return total.dot(step) + x + y + z + len(total)


class Node:
    def __init__(self, key, left=None, right=None):
        self.key, self.left, self.right = key, left, right

    def insert(self, key):
        node = self
        while True:
            if key < node.key:
                if node.left is None:
                    node.left = Node(key)
                    return
                node = node.left
            elif key > node.key:
                if node.right is None:
                    node.right = Node(key)
                    return
                node = node.right
            else:
                return

    def __iter__(self):
        if self.left is not None:
            yield from self.left
        yield self.key
        if self.right is not None:
            yield from self.right

    def depth(self):
        left = self.left.depth() if self.left else 0
        right = self.right.depth() if self.right else 0
        return 1 + max(left, right)


@part(8)
def trees():
    root = Node(500)
    key = 1
    for _ in range(250):
        key = key * 137 % 1009
        root.insert(key)
    keys = list(root)
    assert keys == sorted(set(keys))
    return root.depth(), any(k > 1000 for k in keys), all(keys)


def ackermann(m, n):
    if m == 0:
        return n + 1
    if n == 0:
        return ackermann(m - 1, 1)
    return ackermann(m - 1, ackermann(m, n - 1))


def variadic(first, *rest, scale=1, **options):
    return (first + len(rest)) * scale + len(options)


def keyword(a, b=2, c=3):
    return a + b * c


@part(10)
def calls():
    total = ackermann(2, 6)
    pair = (3, 4)
    options = {"scale": 2, "colour": "red"}
    add = lambda a, b=1: a + b
    for i in range(250):
        total += keyword(i) + keyword(i, c=i) + keyword(b=1, a=i)
        total += variadic(i, *pair, **options) + variadic(1, 2, 3)
        total += add(i) + add(i, i)

    def counter():
        nonlocal total
        total += 1
        return total

    for _ in range(200):
        counter()
    return total


@part(20)
def control():
    count = 0
    for a in range(1, 60):
        for b in range(a, 60):
            c = a * a + b * b
            if c % 5 == 0 or (c % 7 == 1 and not c % 2):
                continue
            if c > 5000:
                break
            count += c & 15
    i = 0
    while i < 900:
        i += 3 if i % 2 else 1
        if i == 777:
            count -= 1
    state, steps = 27, 0
    while state != 1:
        state = state // 2 if state % 2 == 0 else 3 * state + 1
        steps += 1
    return count, steps


@part(6)
def matching():
    seen = []
    for thing in [{"kind": "a", "n": 1}, [1, 2, 3], ("x", 4), 5, "text", None, Vector(1, 2, 3), 2.5] * 15:
        match thing:
            case {"kind": kind, "n": int(n)} if n > 0:
                seen.append(kind)
            case [first, *rest]:
                seen.append(first)
            case int() | float():
                seen.append(thing)
            case None:
                seen.append(0)
            case str(text):
                seen.append(text)
            case Vector(x=x):
                seen.append(x)
    return seen


# --- Containers ---------------------------------------------------------------


@part(20)
def lists():
    numbers = [i * 31 % 101 for i in range(300)]
    numbers.append(7)
    numbers.extend(range(5))
    numbers[3], numbers[-1] = numbers[-1], numbers[3]
    total = 0
    for i in range(len(numbers)):
        total += numbers[i]
        numbers[i] = total & 255
    evens = [n for n in numbers if n % 2 == 0]
    squares = list(map(lambda n: n * n, evens))
    pairs = list(zip(numbers, reversed(numbers)))
    grid = [[row * col for col in range(12)] for row in range(12)]
    flat = [cell for row in grid for cell in row]
    grid[2][3] += 1
    while len(evens) > 3:
        evens.pop()
    del numbers[10:20]
    numbers.insert(4, 9)
    numbers.remove(9)
    copy = numbers[:] + numbers[1:5] * 2
    return sorted(pairs)[0], min(squares), max(flat), sum(copy), copy.index(copy[9]), 77 in copy, copy.count(3)


@part(20)
def dicts():
    words = "the quick brown fox jumps over the lazy dog and the cat sat on the mat".split()
    counts = {}
    for word in words * 6:
        counts[word] = counts.get(word, 0) + 1
    groups = {}
    for word in words:
        groups.setdefault(len(word), []).append(word)
    for key, value in counts.items():
        if key in groups:
            raise KeyError(key)
        counts[key] = value + 1
    table = {(i, j): i ^ j for i in range(12) for j in range(12)}
    total = 0
    for i in range(12):
        total += table[i, 5] + table[5, i]
    numbers = {i: str(i) for i in range(150)}
    for i in range(0, 150, 3):
        del numbers[i]
    numbers.update({1: "one"}, two=2)
    merged = {**numbers, **counts} | {"x": 1}
    try:
        merged["missing"]
    except KeyError:
        total += 1
    return total, sorted(counts, key=counts.get), merged.pop("x"), list(merged.values())[:3], len(merged.keys())


@part(12)
def sets():
    multiples = {i for i in range(0, 400, 6)}
    odd = set(range(1, 400, 2))
    both = multiples & odd | {1000}
    for i in range(100):
        both.add(i * 7 % 50)
        both.discard(i)
    return len(multiples - odd), len(multiples ^ odd), both <= odd, frozenset(both), 12 in multiples


@part(10)
def tuples():
    points = [(i, i * i % 17, "p%d" % i) for i in range(120)]
    points.sort(key=lambda point: (point[1], -point[0]))
    best = None
    for x, y, name in points:
        if best is None or (y, x) > best:
            best = y, x
    first, *middle, last = points
    return best, hash(first), first < last, len(middle), tuple(reversed(first))


@part(6)
def library_containers():
    import bisect
    import collections
    import heapq
    import itertools
    import operator

    queue = collections.deque(range(30), maxlen=40)
    for i in range(100):
        queue.append(i)
        if i % 3:
            queue.popleft()
        queue.rotate(1)
    heap = []
    for i in range(120):
        heapq.heappush(heap, (i * 37 % 64, i))
    ordered = [heapq.heappop(heap) for _ in range(len(heap))]
    counter = collections.Counter("abracadabra" * 5)
    index = collections.defaultdict(list)
    for i, letter in enumerate("mississippi" * 4):
        index[letter].append(i)
    Point = collections.namedtuple("Point", "x y")
    points = [Point(i, -i) for i in range(40)]
    groups = {k: len(list(g)) for k, g in itertools.groupby(sorted(p.x % 5 for p in points))}
    chain = list(itertools.islice(itertools.chain.from_iterable(itertools.repeat([1, 2, 3], 30)), 50))
    pairs = list(itertools.combinations(range(9), 3)), list(itertools.product("ab", repeat=4))
    running = list(itertools.accumulate(chain, operator.mul))[:5]
    keys = sorted(points, key=operator.attrgetter("y"))
    place = [bisect.bisect_left(chain, i) for i in range(5)]
    return counter.most_common(2), groups, len(pairs), running, keys[0], place, ordered[3]


# --- Generators, closures, exceptions, coroutines ----------------------------


def window(items, size):
    items = list(items)
    for start in range(len(items) - size + 1):
        yield items[start : start + size]


def averager():
    total, count, average = 0.0, 0, None
    while True:
        value = yield average
        total += value
        count += 1
        average = total / count


@part(15)
def generators():
    total = sum(max(w) for w in window((i * 13 % 29 for i in range(150)), 4))
    average = averager()
    next(average)
    for i in range(120):
        result = average.send(i)
    average.close()

    def walk(tree):
        for item in tree:
            if isinstance(item, list):
                yield from walk(item)
            else:
                yield item

    nested = [1, [2, [3, [4, 5], 6], 7], [8, [9]]] * 8
    return total, result, sum(walk(nested)), next(iter([]), None), list(filter(None, walk(nested)))[:2]


class Managed:
    def __init__(self):
        self.open = 0

    def __enter__(self):
        self.open += 1
        return self

    def __exit__(self, kind, value, traceback):
        self.open -= 1
        return kind is ZeroDivisionError


class ParseError(Exception):
    def __init__(self, message, position):
        super().__init__(message)
        self.position = position


@part(10)
def exceptions():
    managed = Managed()
    for i in range(60):
        with managed:
            1 // (i % 4)

    def parse(text):
        for position, letter in enumerate(text):
            if not letter.isalnum():
                raise ParseError(f"unexpected {letter!r}", position)
        return int(text)

    outcome = []
    for text in ["12", "x", "3-4", "77", "?", ""] * 8:
        try:
            outcome.append(parse(text))
        except ParseError as error:
            outcome.append(-error.position)
        except ValueError:
            try:
                raise RuntimeError(text) from None
            except RuntimeError as error:
                outcome.append(str(error))
        else:
            continue
        finally:
            managed.open += 0
    missing = [getattr(managed, name, None) for name in ("open", "shut", "gone")] * 5
    return outcome, missing, hasattr(managed, "nothing")


def cached(function):
    results = {}

    def wrapper(*args):
        if args not in results:
            results[args] = function(*args)
        return results[args]

    return wrapper


@part(8)
def decorators():
    import functools

    @cached
    def paths(x, y):
        return 1 if x == 0 or y == 0 else paths(x - 1, y) + paths(x, y - 1)

    @functools.lru_cache(maxsize=64)
    def partitions(n, largest):
        if n <= 0:
            return 1 if n == 0 else 0
        return sum(partitions(n - i, i) for i in range(1, min(n, largest) + 1))

    double = functools.partial(lambda factor, x: factor * x, 2)
    return paths(9, 9), partitions(18, 18), functools.reduce(lambda a, b: a * b, map(double, range(1, 10)))


@part(4)
def coroutines():
    import asyncio

    async def worker(queue, results):
        while True:
            item = await queue.get()
            if item is None:
                return
            await asyncio.sleep(0)
            results.append(item * 2)

    async def main():
        queue, results = asyncio.Queue(), []
        async with asyncio.TaskGroup() as group:
            group.create_task(worker(queue, results))
            for i in range(40):
                await queue.put(i)
            await queue.put(None)
        return sum(results)

    return asyncio.run(main())


# --- Text, bytes and numbers ---------------------------------------------------

TEXT = """It was a bright cold day in April, and the clocks were striking thirteen; 42 of them,
3.5 miles away (<nowhere@example.org>), said so. Größe, naïveté, 東京 and a tab\there.
"""


@part(14)
def strings():
    lines = []
    for i, line in enumerate((TEXT * 4).splitlines()):
        words = line.strip().lower().split(" ")
        name = "".join(word.capitalize() for word in words if word.isalpha())
        lines.append("%3d: %s %-10s|%5.2f" % (i, name, words[0], i / 7))
        lines.append(f"{i:>4}{words[-1]!r:<12}{len(line):04x} {i * 1.5:8.3f} {i:,}")
        lines.append("{} {name}".format(i, len(words), name=name) if i else "")
    text = "\n".join(lines)
    parts = text.partition(":"), text.rsplit("|", 3), text.find("said"), text.replace("a", "bb").count("bb")
    result = ""
    for letter in text[:200]:
        if letter in "aeiou":
            result += letter.upper()
        elif letter == " ":
            continue
        elif "a" <= letter <= "z":
            result += chr((ord(letter) - 97 + 13) % 26 + 97)
        else:
            result += letter
    padded = [word.center(9, "*") + word.ljust(8) + word.zfill(7) for word in text.split()[:40]]
    flags = [word.startswith(("a", "the")) or word.endswith("g") for word in text.split()]
    return parts, result, padded, sum(flags), text[::-1][5:50:3], text.translate({97: "A"}) == text, text.title()


@part(8)
def encodings():
    raw = TEXT.encode("utf-8")
    data = bytearray(raw)
    for i in range(0, 120, 3):
        data[i] ^= 0x20
    digest = 0
    for byte in raw:
        digest = (digest * 31 + byte) & 0xFFFFFFFF
    text = raw.decode() + raw.decode("latin-1") + TEXT.encode("utf-16").decode("utf-16")
    return digest, len(text), bytes(data).hex(), raw.split(b" ")[:4], memoryview(raw)[3:9].tobytes(), raw[5]


@part(20)
def integers():
    total = 0
    for i in range(1, 500):
        total += i * i // 3 - i % 7 + (i << 3) - (i >> 1)
        total ^= i | 0x55
        if total > 1 << 29:
            total -= 1 << 29
        total = -total if i & 64 else abs(total)
    value = 1
    for i in range(1, 40):
        value *= i
    digits = str(value)
    remainder = pow(value + 1, 65, 1000003), divmod(value, 12345678901), value.bit_length()
    return total, digits, int(digits[:15]), int("ff", 16), hex(value)[:9], bin(total), remainder, ~total


@part(20)
def floats():
    import math

    x, total = 0.1, 0.0
    for i in range(300):
        x = 3.7 * x * (1.0 - x)
        total += math.sqrt(x) * math.sin(i) - math.floor(x * 10) / 3 + x**2
        if total > 50 or total < -50.0:
            total = total / 2
        total = round(total, 6)
    texts = [repr(x), str(total), "%g" % x, f"{total:.3e}", float("2.5e3"), float(str(total))]
    return texts, math.isclose(x, x + 1e-12), math.hypot(3, 4), math.log(x + 1), int(total), complex(x, 1) * 2j


@part(3)
def number_types():
    import decimal
    import fractions
    import random
    import statistics

    price = sum((decimal.Decimal("19.99") * n / 7 for n in range(20)), decimal.Decimal(0))
    harmonic = sum(fractions.Fraction(1, n) for n in range(1, 15))
    source = random.Random(7)
    sample = [source.random() + source.randint(1, 6) + source.gauss(0, 1) for _ in range(60)]
    source.shuffle(sample)
    return price.quantize(decimal.Decimal("0.01")), harmonic, statistics.fmean(sample), source.choice(sample)


# --- The library that most programs import ---------------------------------


@part(5)
def regular_expressions():
    import re

    text = TEXT * 5
    word = re.compile(r"\b(?P<head>[A-Za-z])(\w*)\b")
    heads = [m["head"] for m in word.finditer(text)]
    numbers = re.findall(r"\d+(?:\.\d+)?", text)
    mails = re.search(r"<([\w.]+)@([\w.]+)>", text).groups()
    snake = re.sub(r"[^a-z0-9]+", lambda m: "_" if len(m[0]) < 3 else "-", text.lower())
    return heads, numbers, mails, snake, re.split(r"[;,]\s*", text), re.fullmatch(r"(a|b)*c", "abababc")


@part(5)
def serialisation():
    import copy
    import json
    import pickle
    import struct

    record = {"id": 7, "name": "Größe", "tags": ["a", "b"], "ok": True, "none": None, "x": [1.5, -2e10, {"y": []}]}
    records = [dict(record, id=i) for i in range(12)]
    text = json.dumps(records, indent=1, sort_keys=True)
    assert json.loads(text) == records and json.loads(json.dumps(records)) == records
    assert pickle.loads(pickle.dumps(records)) == records
    packed = b"".join(struct.pack("<IhdQ", i, -i, i / 3, i << 33) for i in range(40))
    return [n for n in struct.iter_unpack("<IhdQ", packed)][3], copy.deepcopy(records[:4]), copy.copy(record)


@part(3)
def files_and_formats():
    import base64
    import csv
    import io
    import os
    import tempfile
    import zlib

    rows = [[str(i), "name %d" % i, 'say "%d"' % i] for i in range(50)]
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    assert list(csv.reader(io.StringIO(buffer.getvalue()))) == rows
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "data.txt")
        with open(path, "w", encoding="utf-8") as file:
            for row in rows:
                print(*row, sep=";", file=file)
            file.write(TEXT)
        with open(path, encoding="utf-8") as file:
            lines = [line.rstrip("\n").split(";") for line in file]
        with open(path, "rb") as file:
            data = file.read()
        listing = os.listdir(folder), os.stat(path).st_size, os.path.splitext(os.path.basename(path))
    packed = zlib.compress(data)
    assert zlib.decompress(packed) == data and base64.b64decode(base64.b64encode(data)) == data
    return lines[3], listing, zlib.crc32(data)


@part(3)
def library_classes():
    import dataclasses
    import datetime
    import enum
    import pathlib
    import string
    import textwrap
    import typing

    @dataclasses.dataclass(order=True)
    class Item:
        name: str
        price: float = 1.0
        tags: typing.List[str] = dataclasses.field(default_factory=list)

    class Colour(enum.Enum):
        RED = 1
        BLUE = enum.auto()

    items = sorted(Item("i%d" % (i % 7), i / 3) for i in range(40))
    day = datetime.datetime(2024, 2, 28, 23, 59)
    days = [(day + datetime.timedelta(hours=i)).isoformat() for i in range(40)]
    days.append(datetime.datetime.strptime("2024-05-06", "%Y-%m-%d").strftime("%A %j"))
    path = pathlib.PurePosixPath("/usr/lib") / "python" / "module.py"
    template = string.Template("$who owes $what").substitute(who="A", what=3)
    return items[3], dataclasses.asdict(items[0]), days, Colour(1).name, path.stem, path.parts, template, textwrap.fill(TEXT)


@part(2)
def logging_and_arguments():
    import argparse
    import configparser
    import io
    import logging

    stream = io.StringIO()
    logger = logging.Logger("training")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(levelname)s:%(name)s:%(message)s"))
    logger.addHandler(handler)
    for i in range(40):
        logger.info("%d of %s", i, "forty") if i % 2 else logger.debug("odd")
    parser = argparse.ArgumentParser(prog="training")
    parser.add_argument("--count", type=int, default=3)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args(["--count", "5", "a", "b"])
    config = configparser.ConfigParser()
    config.read_string("[a]\nx = 1\ny = %(x)s2\n")
    return options.count, config.getint("a", "y"), len(stream.getvalue())


@part(2)
def hashes_and_databases():
    import difflib
    import hashlib
    import sqlite3

    digests = [hashlib.sha256(str(i).encode()).hexdigest() for i in range(20)]
    digests.append(hashlib.md5(TEXT.encode()).hexdigest())
    with sqlite3.connect(":memory:") as database:
        database.execute("create table t (id integer primary key, name text, price real)")
        database.executemany("insert into t (name, price) values (?, ?)", [(d[:6], i / 3) for i, d in enumerate(digests)])
        rows = database.execute("select name, price from t where price > 2 order by name limit 5").fetchall()
    return rows, list(difflib.unified_diff(TEXT.splitlines(), TEXT.upper().splitlines(), lineterm=""))[:4]


@part(2)
def xml_and_html():
    import html
    import urllib.parse
    import xml.etree.ElementTree as tree

    root = tree.Element("list")
    for i in range(20):
        tree.SubElement(root, "item", id=str(i)).text = html.escape("<%d>" % i)
    again = tree.fromstring(tree.tostring(root))
    url = urllib.parse.urlsplit("https://user@example.org:80/a/b?x=1&y=%20z#end")
    return [item.get("id") for item in again.iter("item")], urllib.parse.parse_qs(url.query), urllib.parse.quote(TEXT)


# --- Python itself ------------------------------------------------------------


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


def main(arguments):
    """All parts, with -1 for one round only, with -v with the time that each took."""
    import time

    verbose = "-v" in arguments
    rounds = 1 if "-1" in arguments else ROUNDS
    for function, times in PARTS:
        start = time.perf_counter()
        for _ in range(rounds * times):
            function()
        if verbose:
            print(f"{function.__name__:28}{(time.perf_counter() - start) * 1000:8.0f} ms")


if __name__ == "__main__":
    main(sys.argv[1:])
