# Runs bytecode that no compiler makes, without end: the interpreter may break, the host may not. Ends: status 102
import random
import types

random.seed(1)
names = ("a", "b", "c")
while True:
    code = (lambda a, b=1: a + b).__code__.replace(co_code=random.randbytes(40), co_stacksize=1, co_names=names)
    try:
        types.FunctionType(code, {})(1)
    except BaseException:
        pass
