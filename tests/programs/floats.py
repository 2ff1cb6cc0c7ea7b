# Floating point: shortest repr, rounding, special values, sums, hex, decimal and fraction views.
import cmath
import math
import statistics
from fractions import Fraction
print(0.1 + 0.2, 1e16, 1e15, 1.0, 123456789.123456789, 1e-5, 5e-324, 1.7976931348623157e308, -0.0)
print(float("inf") > 10**308, float("nan") == float("nan"), math.isnan(float("nan")), math.inf - math.inf, 1e308 * 10)
print(round(2.675, 2), round(0.5), round(1.5), math.floor(-1.5), math.ceil(-1.5), math.trunc(-1.7), divmod(-7.5, 2))
print((0.1).hex(), float.fromhex("0x1.8p3"), (0.1).as_integer_ratio(), (3.0).is_integer(), math.nextafter(1, 2), math.ulp(1.0))
print(sum([0.1] * 10), math.fsum([0.1] * 10), math.hypot(3, 4), math.dist((0, 0), (1, 1)), math.sumprod([1, 2], [3, 4]))
print([round(f(0.5), 12) for f in (math.sin, math.cos, math.tan, math.exp, math.log, math.sqrt, math.atan, math.gamma, math.erf)])
print(math.log2(1024), math.log10(1000), math.log(8, 2), math.copysign(1, -0.0), math.frexp(10.0), math.ldexp(0.625, 4), math.fmod(-7, 3), math.remainder(7, 4))
for expression in ["math.sqrt(-1)", "math.log(0)", "1.0 / 0", "0.0 ** -1", "math.exp(1000)"]:
    try:
        print(eval(expression))
    except (ValueError, ZeroDivisionError, OverflowError) as error:
        print(expression, type(error).__name__, error)
try:
    2.0 ** 10000
except OverflowError as error:
    print(len(error.args))
print(1j ** 2, abs(3 + 4j), cmath.sqrt(-1), complex("1+2j").conjugate(), (1 + 2j) * (3 - 1j), cmath.phase(-1))
print(Fraction(1, 3) + Fraction(1, 6), Fraction("0.125"), Fraction(0.1).limit_denominator(100), Fraction(7, 2) // 1, f"{Fraction(1, 3):.3f}")
data = [2.5, 3.25, 5.5, 11.25, 11.75]
print(statistics.mean(data), statistics.median(data), round(statistics.stdev(data), 6), statistics.mode([1, 1, 2]), statistics.quantiles(data, n=4))
print(statistics.linear_regression([1, 2, 3], [2, 4, 6]), statistics.NormalDist(0, 1).cdf(0))
