"""Generators, closures, exceptions and coroutines: what keeps frames."""

from parts import part


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
