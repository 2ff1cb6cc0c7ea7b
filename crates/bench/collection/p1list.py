"""Points of the projective line over Z/46100, brought to their normal form."""

import math

from number_theory import extended_gcd, gcd, inverse
from registry import benchmark

N, U = 46100, 39949


def normalize(n, u, v, with_scalar=False):
    """The smallest pair in the class of (u : v) modulo `n`, and the scalar to it.

    (0, 0, 0) if the pair is no point; the scalar is 0 unless asked for.
    """
    if n == 1:
        return [0, 0, 1]
    u %= n
    v %= n
    if u == 0:
        return [0, 1 if gcd(v, n) == 1 else 0, v]

    g, s, _ = extended_gcd(u, n)
    s %= n
    if gcd(g, v) != 1:
        return [0, 0, 0]
    # s * u = g modulo n; s may move by n / g until it is a unit.
    if g != 1:
        step = n // g
        while gcd(s, n) != 1:
            s = (s + step) % n
    u = g
    v = s * v % n

    # What is left to choose is a unit that is 1 modulo n / g.
    smallest, unit = v, 1
    if g != 1:
        step = n // g
        v_step = v * step % n
        t = 1
        for _ in range(2, g + 1):
            v = (v + v_step) % n
            t = (t + step) % n
            if v < smallest and gcd(t, n) == 1:
                smallest, unit = v, t
    scalar = inverse(s * unit, n) if with_scalar else 0
    return [u, smallest, scalar]


def expected(count):
    """U is a unit, so that every point is (1 : a / U)."""
    assert math.gcd(U, N) == 1
    return count, [1, (count - 1) * pow(U, -1, N) % N, 0]


@benchmark("p1list/normalize", 100_000, expected)
def normalize_loop(count):
    total = 0
    for a in range(count):
        point = normalize(N, U, a)
        total += point[0]
    return total, point
