"""Elementary number theory in plain loops: what arithmetic.py and p1list.py run on."""

from math import sqrt


def gcd(a, b):
    while b:
        a, b = b, a % b
    return a


def extended_gcd(a, b):
    """(g, x, y) with g = gcd(a, b) = x * a + y * b."""
    last_x, x = 1, 0
    last_y, y = 0, 1
    while b:
        quotient, remainder = divmod(a, b)
        x, last_x = last_x - quotient * x, x
        y, last_y = last_y - quotient * y, y
        a, b = b, remainder
    return a, last_x, last_y


def inverse(a, modulus):
    """The inverse of `a` modulo `modulus`; ZeroDivisionError if there is none."""
    if a == 1 or modulus <= 1:
        return a % modulus
    g, x, _ = extended_gcd(a, modulus)
    if g != 1:
        raise ZeroDivisionError("%d has no inverse modulo %d" % (a, modulus))
    return x % modulus


# From one number coprime to 30 to the next, starting at 7.
WHEEL = [4, 2, 4, 2, 4, 6, 2, 6]


def smallest_factor(n):
    """The smallest prime factor of `n` (at least 2), by trial division."""
    if n % 2 == 0:
        return 2
    if n % 3 == 0:
        return 3
    if n % 5 == 0:
        return 5
    candidate, spoke, limit = 7, 0, round(sqrt(n))
    while candidate <= limit:
        if n % candidate == 0:
            return candidate
        candidate += WHEEL[spoke % 8]
        spoke += 1
    return n


def is_prime(n):
    return n > 1 and smallest_factor(n) == n
