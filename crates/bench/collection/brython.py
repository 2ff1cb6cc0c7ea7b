"""One statement over and over, after the list that Brython publishes."""

from registry import benchmark


@benchmark("brython/assign_int", 1_000_000, 1)
def assign_int(count):
    for _ in range(count):
        a = 1
    return a


@benchmark("brython/add_in_place", 1_000_000, lambda count: count)
def add_in_place(count):
    a = 0
    for _ in range(count):
        a += 1
    return a


@benchmark("brython/append_while", 100_000, lambda count: (count, count - 1))
def append_while(count):
    items = []
    i = 0
    while i < count:
        items.append(i)
        i += 1
    return len(items), items[-1]


@benchmark("brython/assign_float", 1_000_000, 1.0)
def assign_float(count):
    for _ in range(count):
        a = 1.0
    return a


# The published collection runs this one 60 times only.
@benchmark("brython/power", 60, 1 << 60)
def power(count):
    exponent = 60
    for _ in range(count):
        a = 2**exponent
    return a


@benchmark("brython/dict_literal", 1_000_000, {0: 0})
def dict_literal(count):
    for _ in range(count):
        a = {0: 0}
    return a


@benchmark("brython/dict_fill", 100_000, lambda count: (count, count - 1))
def dict_fill(count):
    d = {}
    for i in range(count):
        d[i] = i
    return len(d), d[count - 1]


@benchmark("brython/dict_set_item", 1_000_000, lambda count: {0: count - 1})
def dict_set_item(count):
    d = {0: 0}
    for i in range(count):
        d[0] = i
    return d


@benchmark("brython/set_literal", 1_000_000, {0, 2.7, "x"})
def set_literal(count):
    for _ in range(count):
        a = {0, 2.7, "x"}
    return a


@benchmark("brython/list_literal", 1_000_000, [1, 2, 3])
def list_literal(count):
    for _ in range(count):
        a = [1, 2, 3]
    return a


@benchmark("brython/list_set_item", 1_000_000, lambda count: [count - 1])
def list_set_item(count):
    items = [0]
    for i in range(count):
        items[0] = i
    return items


@benchmark("brython/list_slice", 100_000, [1, 2, 3])
def list_slice(count):
    items = [1, 2, 3]
    for _ in range(count):
        copy = items[:]
    return copy


@benchmark("brython/add_ints", 1_000_000, 6)
def add_ints(count):
    a, b, c = 1, 2, 3
    for _ in range(count):
        total = a + b + c
    return total


@benchmark("brython/add_strs", 1_000_000, "abc")
def add_strs(count):
    a, b, c = "a", "b", "c"
    for _ in range(count):
        total = a + b + c
    return total


@benchmark("brython/int_to_str", 100_000, lambda count: "%d" % (count - 1))
def int_to_str(count):
    for i in range(count):
        text = str(i)
    return text


@benchmark("brython/def_no_parameters", 1_000_000, None)
def def_no_parameters(count):
    for _ in range(count):

        def f():
            pass

    return f()


@benchmark("brython/def_one_parameter", 1_000_000, 7)
def def_one_parameter(count):
    for _ in range(count):

        def f(x):
            return x

    return f(7)


@benchmark("brython/def_all_parameters", 1_000_000, (7, 1, (), {}))
def def_all_parameters(count):
    for _ in range(count):

        def f(x, y=1, *args, **kw):
            return x, y, args, kw

    return f(7)


@benchmark("brython/call", 1_000_000, lambda count: count - 1)
def call(count):
    def f(x):
        return x

    for i in range(count):
        last = f(i)
    return last


@benchmark("brython/call_all_parameters", 100_000, lambda count: count - 1)
def call_all_parameters(count):
    def f(x, y=0, *args, **kw):
        return x

    for i in range(count):
        last = f(i, 5, 6, a=8)
    return last


@benchmark("brython/class_plain", 10_000, "A")
def class_plain(count):
    for _ in range(count):

        class A:
            pass

    return A.__name__


@benchmark("brython/class_with_init", 10_000, 7)
def class_with_init(count):
    for _ in range(count):

        class A:
            def __init__(self, x):
                self.x = x

    return A(7).x


@benchmark("brython/instance_plain", 1_000_000, True)
def instance_plain(count):
    class A:
        pass

    for _ in range(count):
        a = A()
    return type(a) is A


# The published collection has the plain instance twice, the second time for a
# class that only a Python in JavaScript would make differently.
@benchmark("brython/instance_plain_again", 1_000_000, True)
def instance_plain_again(count):
    class A:
        pass

    for _ in range(count):
        a = A()
    return type(a) is A


@benchmark("brython/instance_with_init", 100_000, lambda count: count - 1)
def instance_with_init(count):
    class A:
        def __init__(self, x):
            self.x = x

    for i in range(count):
        a = A(i)
    return a.x


@benchmark("brython/method_call", 100_000, 1)
def method_call(count):
    class A:
        def __init__(self, x):
            self.x = x

        def f(self):
            return self.x

    a = A(1)
    for _ in range(count):
        x = a.f()
    return x
