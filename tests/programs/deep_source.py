# Source nested so deep that the compiler's own stack is at stake: a result or an exception, never a trap.

def tried(name, source, mode="eval"):
    try:
        code = compile(source, "deep", mode)
    except (RecursionError, MemoryError, SyntaxError) as error:
        print(name, type(error).__name__)
    else:
        names = {"x": 2999, "a": 1}
        result = eval(code, names)
        print(name, names["y"] if mode == "exec" else type(result).__name__)


def chain(count):
    return "if x == 0: y = 0\n" + "".join(f"elif x == {i}: y = {i}\n" for i in range(1, count))


tried("elif", chain(3000), "exec")
tried("more elif", chain(10_000), "exec")
for count in (1000, 4900, 100_000):
    tried(f"{count} +", "+".join(["a"] * count))
    tried(f"{count} and", " and ".join(["a"] * count))
    tried(f"{count} attributes", "a" + ".real" * count)
    tried(f"{count} comparisons", "<".join(["a"] * count))
for count in (50, 1000, 100_000):
    tried(f"{count} parentheses", "(" * count + "a" + ")" * count)
    tried(f"{count} not", "not " * count + "a")
    tried(f"{count} conditions", "a if a else " * count + "a")
    tried(f"{count} lambda", "lambda: " * count + "a")
for count in (15, 90):
    tried(f"{count} levels of if", "".join(" " * i + "if a:\n" for i in range(count)) + " " * count + "y = 1\n", "exec")
    tried(f"{count} functions", "y = 1\n" + "".join(" " * i + "def f():\n" for i in range(count)) + " " * count + "pass\n", "exec")
