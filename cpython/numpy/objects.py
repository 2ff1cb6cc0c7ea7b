"""Writes the list of the objects that numpy's modules consist of.

Usage: python objects.py COMPILE_COMMANDS LIST, where the first is what meson says of the build. Left out are modules for
numpy's own tests, and what lapack_lite has in common with _umath_linalg: here both are in one module.
"""

import json
import re
import sys

LEFT_OUT = re.compile(r"_tests\.|_simd\.|/linalg/lapack_lite\..*/lapack_lite_")

commands, target = sys.argv[1:]
with open(commands, encoding="utf-8") as file:
    outputs = sorted(command["output"] for command in json.load(file))
with open(target, "w", encoding="utf-8") as file:
    for output in outputs:
        # Cython's are translated, not compiled.
        if output.endswith(".o") and not LEFT_OUT.search(output):
            print(output, file=file)
