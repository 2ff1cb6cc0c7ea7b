"""Classes, calls and control flow."""

from parts import part


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
