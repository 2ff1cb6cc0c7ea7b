"""Writes mathematics.txt: arguments of math's functions, and the floats nearest to the true results.

    python3 -m pip install mpmath==1.3.0 && python3 tests/programs/values/mathematics.py
"""
import math
import pathlib
import random
from fractions import Fraction

import mpmath

mpmath.mp.prec = 300
EVERYWHERE = (1e-30, 1e30)
# Each function, the magnitudes of its arguments, and whether they may be negative.
FUNCTIONS = {
    "acos": (mpmath.acos, (1e-10, 1), True),
    "acosh": (mpmath.acosh, (1, 1e30), False),
    "asin": (mpmath.asin, (1e-10, 1), True),
    "asinh": (mpmath.asinh, EVERYWHERE, True),
    "atan": (mpmath.atan, EVERYWHERE, True),
    "atanh": (mpmath.atanh, (1e-10, 1), True),
    "cbrt": (lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)), EVERYWHERE, True),
    "cos": (mpmath.cos, EVERYWHERE, True),
    "cosh": (mpmath.cosh, (1e-10, 700), True),
    "erf": (mpmath.erf, (1e-10, 6), True),
    "erfc": (mpmath.erfc, (1e-10, 25), False),
    "exp": (mpmath.exp, (1e-10, 700), True),
    "exp2": (lambda x: mpmath.mpf(2) ** x, (1e-10, 1000), True),
    "expm1": (mpmath.expm1, (1e-10, 700), True),
    "log": (mpmath.log, EVERYWHERE, False),
    "log10": (mpmath.log10, EVERYWHERE, False),
    "log1p": (mpmath.log1p, EVERYWHERE, False),
    "log2": (lambda x: mpmath.log(x, 2), EVERYWHERE, False),
    "sin": (mpmath.sin, EVERYWHERE, True),
    "sinh": (mpmath.sinh, (1e-10, 700), True),
    "tan": (mpmath.tan, EVERYWHERE, True),
    "tanh": (mpmath.tanh, (1e-10, 30), True),
}
COUNT = 30
SUBNORMAL = [5e-324, 2.0**-1065, 1e-310, 1e-308]


def main():
    source = random.Random(1)
    lines = []
    for name, (function, (low, high), signed) in FUNCTIONS.items():
        arguments = list(SUBNORMAL) if low < 1 else []
        for number in range(COUNT):
            # Every other one near 1, where programs are.
            size = source.uniform(low, min(high, 10)) if number % 2 else None
            size = size or math.exp(source.uniform(math.log(low), math.log(high)))
            arguments.append(-size if signed and source.random() < 0.5 else size)
        for argument in arguments:
            # mpmath's own conversion rounds twice where the result is subnormal.
            exact = function(mpmath.mpf(argument))
            result = float(Fraction(*mpmath.libmp.to_rational(exact._mpf_)))
            lines.append(f"{name} {argument.hex()} {result.hex()}\n")
    pathlib.Path(__file__).with_suffix(".txt").write_text("".join(lines))


main()
