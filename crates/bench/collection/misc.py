"""Lists: repeated, and printed."""

from registry import benchmark


@benchmark("misc/list_of_zeros", 100, (100_000, 0, 0))
def list_of_zeros(count):
    for _ in range(count):
        zeros = [0] * 100_000
    return len(zeros), zeros[0], zeros[-1]


@benchmark("misc/list_repeat_long", 1_000_000, lambda count: 3 * count)
def list_repeat_long(count):
    return len([1, 2, list(range(100))] * count)


@benchmark("misc/list_repeat_short", 1_000_000, [0, 0, 0])
def list_repeat_short(count):
    one = [0]
    for _ in range(count):
        three = one * 3
    return three


def length_of_printed_range(count):
    """Brackets, ", " between the items, and every item's digits."""
    digits, power = count, 10
    while power < count:
        digits += count - power
        power *= 10
    return 2 + 2 * (count - 1) + digits


@benchmark("misc/list_to_str", 100_000, length_of_printed_range)
def list_to_str(count):
    return len(str(list(range(count))))
