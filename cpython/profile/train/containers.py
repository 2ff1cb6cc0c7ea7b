"""Containers: lists, dicts, sets, tuples, and those of the library."""

from parts import part


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
