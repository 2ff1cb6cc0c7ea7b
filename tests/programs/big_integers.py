# Integers without bounds: arithmetic, division, powers, roots, bits, conversion limits.
import math
import sys
a, b = 2**200, 3**150
print(a + b, a - b, a * b % 10**20, b // 2**100, divmod(-7, 2), -7 // 2, -7 % 3, 7 % -3)
print(pow(3, 10**6, 10**9 + 7), pow(3, -1, 11), math.factorial(30), math.comb(50, 25), math.perm(10, 3))
print(math.gcd(2**64, 6**20), math.lcm(4, 6, 10), math.isqrt(10**40 + 1), a.bit_length(), (a - 1).bit_count())
print(1 << 100 >> 98, ~5, 6 & 3, 6 | 3, 6 ^ 3, hex(2**70), oct(8**5), bin(10), 0xFF_FF, int("zz", 36), int("0b101", 0))
def fibonacci(n):
    x, y = 0, 1
    for _ in range(n):
        x, y = y, x + y
    return x
f = fibonacci(1000)
print(f, len(str(f)))
digits = str(2**4000)
print(len(digits), digits[:10], digits[-10:])
try:
    str(10**5000)
except ValueError as error:
    print(error)
sys.set_int_max_str_digits(0)
print(len(str(3**20000)), int("9" * 5000) == 10**5000 - 1)
big = 7**5000
print(big * big == 7**10000, (big * 12345 + 678) // big, (big**3 // big**2) == big, hash(2**61) == hash(2.0**61))
try:
    1 // 0
except ZeroDivisionError as error:
    print(error)
print(int(1e22), int(-3.99), round(2.5), round(-3.5), round(12345, -2), 10**18 / 3, 2**1023 * 1.0, True + True)
try:
    float(10**400)
except OverflowError as error:
    print(error)
primes = [p for p in range(2, 60) if all(p % d for d in range(2, p))]
print(primes, math.prod(primes), all(pow(2, p - 1, p) == 1 for p in primes[1:]))
