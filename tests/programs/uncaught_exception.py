# status: 1
# An uncaught exception: traceback with source lines and markers, chained, with notes.
def divide(a, b):
    return a / b

def compute(values):
    return [divide(value, value - 2) for value in values]

try:
    compute([1, 2, 3])
except ZeroDivisionError as error:
    problem = ValueError("cannot compute größe")
    problem.add_note("a note")
    raise problem from error
