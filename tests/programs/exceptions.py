# Exceptions: else, finally, chaining, notes, groups, custom hierarchies, traceback text.
import traceback

def order(fail):
    steps = []
    try:
        steps.append("try")
        if fail:
            1 / 0
    except ZeroDivisionError:
        steps.append("except")
    else:
        steps.append("else")
    finally:
        steps.append("finally")
    return steps
print(order(False), order(True))

def overriding():
    try:
        return "try"
    finally:
        print("on the way out")
print(overriding())

class AppError(Exception):
    def __init__(self, code):
        super().__init__(f"code {code}")
        self.code = code
try:
    try:
        {}["missing"]
    except KeyError as error:
        raise AppError(7) from error
except AppError as error:
    error.add_note("while testing")
    print(repr(error), error.code, repr(error.__cause__), error.__notes__)
    print("".join(traceback.format_exception_only(error)), end="")
try:
    try:
        1 / 0
    except ZeroDivisionError:
        undefined
except NameError as error:
    print(repr(error.__context__), error)
try:
    try:
        raise ValueError
    except ValueError:
        raise TypeError from None
except TypeError as error:
    print(error.__suppress_context__)

try:
    raise ExceptionGroup("several", [ValueError(1), ExceptionGroup("inner", [TypeError("t"), ValueError(2)])])
except* ValueError as group:
    print(group, group.exceptions)
except* TypeError as group:
    print(group, group.exceptions)
group = ExceptionGroup("g", [OSError("a"), KeyError("b")])
print(group.subgroup(OSError), group.split(KeyError)[1])

def level(n):
    if n == 0:
        raise RuntimeError("bottom")
    level(n - 1)
try:
    level(2)
except RuntimeError as error:
    for frame in traceback.extract_tb(error.__traceback__):
        print(frame.name, frame.line)
for code in ["1 +", "x = = 2", "def f(:", "print 'a'", "'abc", "for", "f(a for a in b, c)"]:
    try:
        compile(code, "<code>", "exec")
    except SyntaxError as error:
        print(error.msg, error.lineno, error.offset)
for bad in ["int('x')", "[][1]", "{}['k']", "None.x", "len(5)", "'a' + 1", "import_me", "(1).foo", "assert_", "[1, 2].index(3)", "float('inf').__int__()", "chr(-1)", "next(iter([]))"]:
    try:
        eval(bad)
    except Exception as error:
        print(f"{type(error).__name__}: {error}")
