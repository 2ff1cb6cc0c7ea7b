"""Integers: primes, greatest common divisors, inverses, sums over ranges."""

import math

from number_theory import extended_gcd, gcd, inverse, is_prime
from registry import benchmark

PRIME = 1_073_741_827  # the first one above 2**30


def primes_by_sieve(limit):
    composite = bytearray(limit + 1)
    found = 0
    for n in range(2, limit + 1):
        if not composite[n]:
            found += 1
            composite[n * n :: n] = b"\1" * len(range(n * n, limit + 1, n))
    return found


@benchmark("arithmetic/primes", 100_000, primes_by_sieve, published=9592)
def primes(count):
    found = 0
    for n in range(1, count + 1):
        if is_prime(n):
            found += 1
    return found


@benchmark("arithmetic/operator_add", 100_000, 5)
def operator_add(count):
    class Number:
        def __init__(self, value):
            self.value = value

        def __add__(self, other):
            return Number(self.value + other.value)

    a, b = Number(2), Number(3)
    for _ in range(count):
        c = a + b
    return c.value


def sum_of_gcds(count):
    return sum(math.gcd(92250, 922350 + i) for i in range(count))


@benchmark("arithmetic/gcd", 100_000, sum_of_gcds, published=2414484)
def gcd_loop(count):
    total = 0
    for i in range(count):
        total += gcd(92250, 922350 + i)
    return total


@benchmark("arithmetic/extended_gcd", 100_000, sum_of_gcds, published=2414484)
def extended_gcd_loop(count):
    total = 0
    for i in range(count):
        total += extended_gcd(92250, 922350 + i)[0]
    return total


def sum_of_inverses(count):
    return sum(pow(i, -1, PRIME) for i in range(1, count))


@benchmark("arithmetic/inverse", 100_000, sum_of_inverses, published=53532319533988)
def inverse_loop(count):
    total = 0
    for i in range(1, count):
        total += inverse(i, PRIME)
    return total


def multiples_of_3(limit):
    return (limit + 2) // 3


def sum_of_multiples_of_3(limit):
    terms = multiples_of_3(limit)
    return 3 * terms * (terms - 1) // 2


@benchmark("arithmetic/count_range", 1_000_000, multiples_of_3, published=333334)
def count_range(count):
    found = 0
    for _ in range(0, count, 3):
        found += 1
    return found


@benchmark("arithmetic/sum_range", 1_000_000, sum_of_multiples_of_3, published=166666833333)
def sum_range(count):
    return sum(range(0, count, 3))


@benchmark("arithmetic/sum_reversed", 1_000_000, sum_of_multiples_of_3, published=166666833333)
def sum_reversed(count):
    return sum(reversed(list(range(0, count, 3))))
