"""Generators, strings, numbers and dicts, after mypyc's microbenchmarks."""

import random

from registry import benchmark, close


def gen(n):
    for i in range(n):
        yield i


def sum_of_generated(count):
    """Each 0 + 1 + ... + (k - 1) for k = count's digits: 120 per ten counts."""
    rest = count % 10
    return 120 * (count // 10) + rest * (rest - 1) * (rest - 2) // 6


@benchmark("micro/generators", 100_000, sum_of_generated, published=1200000)
def generators(count):
    total = 0
    k = 0
    for _ in range(count):
        for i in gen(k):
            total += i
        k += 1
        if k == 10:
            k = 0
    return total


@benchmark("micro/str_slices", 1000, lambda passes: 9789 * passes, published=9789000)
def str_slices(passes):
    texts = []
    for i in range(1000):
        texts.append(f"Foobar-{i}")
        texts.append(f"{i} str")
    total = 0
    for _ in range(passes):
        for text in texts:
            total += len(text[2:-2])
            if text[:3] == "Foo":
                total += 1
            if text[-2:] == "00":
                total += 1
    return total


def is_upper_case(char):
    return 65 <= ord(char) <= 90


@benchmark("micro/ord", 50, lambda passes: 24000 * passes, published=1200000)
def ord_scan(passes):
    texts = []
    for i in range(1000):
        texts.append(f"Foobar-{i}")
        texts.append(f"{i}-ab-asdfsdf-asdf")
        texts.append("yeah")
    total = 0
    for _ in range(passes):
        for text in texts:
            for i in range(len(text)):
                if 97 <= ord(text[i]) <= 122:
                    total += 1
                if is_upper_case(text[i]):
                    total += 2
                if text[i] == ord("a"):
                    total += 3
    return total


SIZE = 30


def random_matrix():
    """Always the same one, as the published figure wants it."""
    random.seed(535)
    return [[random.random() for _ in range(SIZE)] for _ in range(SIZE)]


def multiply(a, b):
    product = []
    for i in range(len(a)):
        product.append([0.0] * len(b[0]))
        for j in range(len(b[0])):
            x = 0.0
            for k in range(len(b)):
                x += a[i][k] * b[k][j]
            product[-1][j] = x
    return product


def corner_of_power(count):
    """The first row alone, multiplied `count` times."""
    matrix = random_matrix()
    row = matrix[0]
    for _ in range(count):
        row = [sum(x * y for x, y in zip(row, column)) for column in zip(*matrix)]
    return row[0]


@benchmark("micro/matrix", 50, corner_of_power, published=1.758765499e58, same=close)
def matrix_product(count):
    product, factor = random_matrix(), random_matrix()
    for _ in range(count):
        product = multiply(product, factor)
    return product[0][0]


@benchmark("micro/float_of_int", 1_000_000, lambda passes: 35.0 * passes, published=35000000.0)
def float_of_int(passes):
    numbers = [1, 4, 6, 7, 8, 9]
    total = 0.0
    for _ in range(passes):
        for n in numbers:
            total += float(n)
    return total


@benchmark(
    "micro/float_of_str",
    1_000_000,
    lambda passes: 44349.630223 * passes,
    published=44349630223.26009,
    same=close,
)
def float_of_str(passes):
    texts = ["1", "1.234567", "44324", "23.4", "-43.44e-4"]
    total = 0.0
    for _ in range(passes):
        for text in texts:
            total += float(text)
    return total


@benchmark(
    "micro/abs",
    1_000_000,
    lambda passes: 44349.638911 * passes,
    published=44349638911.052574,
    same=close,
)
def abs_of_float(passes):
    numbers = [1, -1.234567, 44324, 23.4, -43.44e-4]
    total = 0.0
    for _ in range(passes):
        for n in numbers:
            total += abs(n)
    return total


@benchmark(
    "micro/divmod", 1_000_000, lambda passes: 17167493 * passes, published=17167493000000
)
def divmod_by_23(passes):
    numbers = [1, 1235, 5434, 394879374, -34453]
    total = 0
    for _ in range(passes):
        for n in numbers:
            quotient, remainder = divmod(n, 23)
            total += quotient + remainder
    return total


def sum_of(numbers):
    total = 0
    for n in numbers:
        total += n
    return total


def smallest_of(numbers):
    smallest = numbers[0]
    for i in range(1, len(numbers)):
        n = numbers[i]
        if n < smallest:
            smallest = n
    return smallest


@benchmark("micro/int_lists", 4000, lambda passes: 89519 * passes, published=358076000)
def int_lists(passes):
    up = list(range(200))
    down = list(reversed(up))
    mixed = [-1, 3, 7, 1234] * 40
    total = 0
    for _ in range(passes):
        total += sum_of(up)
        total += smallest_of(up)
        total += smallest_of(down)
        total += sum_of(down)
        total += sum_of(mixed)
        total += smallest_of(mixed)
    return total


def mixed_ints():
    return [i * i * 12753 % (2**20 - 1) for i in range(1000)]


def sum_of_bits(passes):
    """`a |= b; a &= ~(a ^ b)` leaves b, of which `n` gets three times b >> 5."""
    return 3 * 1000 * passes * sum(b >> 5 for b in mixed_ints()[10:50]) % 2**24


@benchmark("micro/bitwise", 50, sum_of_bits, published=4867360)
def bitwise(passes):
    left = mixed_ints()
    right = left[10:50]
    n = 0
    for _ in range(passes):
        for a in left:
            for b in right:
                a |= b
                a &= ~(a ^ b)
                x = a >> 5
                n += x
                n += x << 1
                n &= 0xFFFFFF
    return n


def small_dicts():
    """A thousand dicts: 100 are empty, the others have two items."""
    dicts = []
    for j in range(1000):
        d = {}
        for i in range(j % 10):
            d[f"Foobar-{j}"] = j
            d[f"{j} str"] = i
        dicts.append(d)
    return dicts


@benchmark("micro/dict_iteration", 1000, lambda passes: 202 * passes, published=202000)
def dict_iteration(passes):
    dicts = small_dicts()
    found = 0
    for _ in range(passes):
        for d in dicts:
            for key in d:
                if key == "0 str":
                    found += 1
            for key in d.keys():
                if key == "0 str":
                    found += 1
            for value in d.values():
                if value == 0:
                    found += 1
            for key, value in d.items():
                if value == 1 or key == "1 str":
                    found += 1
    return found


@benchmark("micro/dict_views", 100, lambda passes: 5400 * passes, published=540000)
def dict_views(passes):
    dicts = small_dicts()
    total = 0
    for _ in range(passes):
        for d in dicts:
            total += len(list(d.keys()))
            total += len(list(d.values()))
            total += len(list(d.items()))
    return total


@benchmark("micro/dict_copies", 100, lambda passes: 1800 * passes)
def dict_copies(passes):
    dicts = small_dicts()
    total = 0
    for _ in range(passes):
        for d in dicts:
            third = d.copy().copy().copy()
            total += len(third)
    return total
