# The mathematical functions against correctly rounded values (values/mathematics.py made them): for each, how many
# of its results are not the nearest float, and by how many units in the last place at most.
import math
import pathlib
import struct


def position(number):
    """Where it stands among all floats."""
    (bits,) = struct.unpack("<q", struct.pack("<d", number))
    return bits if bits >= 0 else -(bits + 2**63)


results = {}
for line in (pathlib.Path(__file__).parent / "values/mathematics.txt").read_text().splitlines():
    name, argument, expected = line.split()
    found = getattr(math, name)(float.fromhex(argument))
    distance = abs(position(found) - position(float.fromhex(expected)))
    results.setdefault(name, []).append(distance)
for name, distances in results.items():
    print(f"{name}: {sum(map(bool, distances))} of {len(distances)}, at most {max(distances)} ulp")

for statement in [
    "math.exp(1) == math.e",
    "math.exp(0.0)",
    "math.exp(-745.2)",
    "math.sin(math.pi)",
    "math.cos(math.pi)",
    "math.cos(math.pi / 2)",
    "math.tan(math.pi / 4)",
    "math.atan(1) * 4 == math.pi",
    "math.atan2(-0.0, -1)",
    "math.sin(1e22)",
    "[math.log10(10**n) for n in range(0, 300, 23)]",
    "[math.cbrt(n**3) for n in range(8)]",
    "math.cosh(1)",
    "math.tanh(20)",
    "math.tanh(-0.0)",
    "math.log2(2.0**-1065)",
]:
    print(statement, eval(statement))
for statement in ["math.exp(710)", "math.cosh(711)", "math.sin(math.inf)", "math.log10(0)"]:
    try:
        print(statement, eval(statement))
    except (ValueError, OverflowError) as error:
        print(statement, type(error).__name__, error)
