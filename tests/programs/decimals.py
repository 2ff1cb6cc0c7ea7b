# decimal: exactness, contexts, rounding modes, signals, quantize, special values.
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, DivisionByZero, InvalidOperation, getcontext, localcontext
print(Decimal("0.1") + Decimal("0.2"), Decimal(0.1), Decimal("1.10") + 1, Decimal(1) / Decimal(7))
with localcontext() as context:
    context.prec = 50
    print(Decimal(2).sqrt(), Decimal(1).exp())
for mode in (ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_DOWN, ROUND_CEILING):
    print(mode, Decimal("2.665").quantize(Decimal("0.01"), mode), Decimal("-2.5").quantize(Decimal(1), mode))
try:
    Decimal(1) / 0
except DivisionByZero as error:
    print(type(error).__name__)
try:
    Decimal("abc")
except InvalidOperation as error:
    print(error)
print(Decimal("Infinity") + 1, Decimal("NaN").is_nan(), Decimal("1E+5"), Decimal("1E+5").normalize(), Decimal("123.456").as_tuple())
print(f"{Decimal('1234567.891'):,.2f}", Decimal("1.0").compare(Decimal("1.00")), Decimal("1.0") == Decimal("1.00"), max(Decimal(3), Decimal("2.9")))
print(sum(Decimal(n) / 100 for n in range(1, 101)), Decimal(10) ** -3, Decimal("10").ln(), getcontext().prec)
def pi():
    with localcontext() as context:
        context.prec = 42
        three = Decimal(3)
        lasts, t, s, n, na, d, da = 0, three, 3, 1, 0, 0, 24
        while s != lasts:
            lasts = s
            n, na = n + na, na + 8
            d, da = d + da, da + 32
            t = (t * n) / d
            s += t
        context.prec = 40
        return +s
print(pi())
print(hash(Decimal("1.5")) == hash(1.5), Decimal("1.1").to_integral_value(), Decimal(5).remainder_near(3), Decimal("0.00").is_zero())
