# Compiles source that nests deeper than a parser can go. Ends: held
import ast
import json

for source in ["(" * 100_000 + ")" * 100_000, "[" * 100_000, "-" * 1_000_000 + "1", "x" + ".x" * 100_000, "f(" * 50_000, "lambda:" * 50_000 + "1"]:
    try:
        compile(source, "deep", "eval")
    except (SyntaxError, MemoryError, RecursionError, ValueError):
        pass
for text in ["[" * 200_000, '{"a":' * 200_000]:
    try:
        json.loads(text)
        print("escaped: parsed")
    except (ValueError, RecursionError):
        pass
print("held")
