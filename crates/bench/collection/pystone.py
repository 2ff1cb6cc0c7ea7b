"""Pystone 1.2: Weicker's Dhrystone, a mix of "typical" statements, in Python.

The procedures do what Dhrystone's of the same number do, statement by
statement, with Dhrystone's global variables: that mix is the benchmark.
"""

from registry import benchmark

IDENT_1, IDENT_2, IDENT_3, IDENT_4, IDENT_5 = range(1, 6)


class Record:
    def __init__(self, next=None, discriminant=0, kind=0, number=0, text=0):
        self.next = next
        self.discriminant = discriminant
        self.kind = kind
        self.number = number
        self.text = text

    def copy(self):
        return Record(self.next, self.discriminant, self.kind, self.number, self.text)


int_global = 0
bool_global = False
char_1 = "\0"
char_2 = "\0"
array_1 = []
array_2 = []
record = None


def state_after(loops):
    """What the variables hold at the end: Dhrystone's values, but for the three
    local integers, with which Pystone does other arithmetic."""
    return {
        "int_global": 5,
        "bool_global": True,
        "char_1": "A",
        "char_2": "B",
        "array_1[8]": 7,
        "array_2[8][7]": loops + 10,
        "record": (IDENT_1, IDENT_3, 17, "DHRYSTONE PROGRAM, SOME STRING"),
        "int_1": 7,
        "int_2": 39,
        "int_3": 9,
        "kind": IDENT_2,
    }


@benchmark("pystone/dhrystone", 500_000, state_after)
def proc_0(loops):
    global array_1, array_2, record, bool_global

    array_1 = [0] * 51
    array_2 = [[0] * 51 for _ in range(51)]
    record = Record(Record(), IDENT_1, IDENT_3, 40, "DHRYSTONE PROGRAM, SOME STRING")
    text_1 = "DHRYSTONE PROGRAM, 1'ST STRING"
    array_2[8][7] = 10

    for _ in range(loops):
        proc_5()
        proc_4()
        int_1 = 2
        int_2 = 3
        text_2 = "DHRYSTONE PROGRAM, 2'ND STRING"
        kind = IDENT_2
        bool_global = not func_2(text_1, text_2)
        while int_1 < int_2:
            int_3 = 5 * int_1 - int_2
            int_3 = proc_7(int_1, int_2)
            int_1 = int_1 + 1
        proc_8(array_1, array_2, int_1, int_3)
        record = proc_1(record)
        char = "A"
        while char <= char_2:
            if kind == func_1(char, "C"):
                kind = proc_6(IDENT_1)
            char = chr(ord(char) + 1)
        int_3 = int_2 * int_1
        int_2 = int_3 // int_1
        int_2 = 7 * (int_3 - int_2) - int_1
        int_1 = proc_2(int_1)

    return {
        "int_global": int_global,
        "bool_global": bool_global,
        "char_1": char_1,
        "char_2": char_2,
        "array_1[8]": array_1[8],
        "array_2[8][7]": array_2[8][7],
        "record": (record.discriminant, record.kind, record.number, record.text),
        "int_1": int_1,
        "int_2": int_2,
        "int_3": int_3,
        "kind": kind,
    }


def proc_1(parameter):
    following = record.copy()
    parameter.next = following
    parameter.number = 5
    following.number = parameter.number
    following.next = parameter.next
    following.next = proc_3(following.next)
    if following.discriminant == IDENT_1:
        following.number = 6
        following.kind = proc_6(parameter.kind)
        following.next = record.next
        following.number = proc_7(following.number, 10)
    else:
        parameter = following.copy()
    following.next = None
    return parameter


def proc_2(number):
    local = number + 10
    while True:
        if char_1 == "A":
            local = local - 1
            number = local - int_global
            kind = IDENT_1
        if kind == IDENT_1:
            break
    return number


def proc_3(parameter):
    global int_global

    if record is not None:
        parameter = record.next
    else:
        int_global = 100
    record.number = proc_7(10, int_global)
    return parameter


def proc_4():
    global char_2

    local = char_1 == "A"
    local = local or bool_global
    char_2 = "B"


def proc_5():
    global char_1, bool_global

    char_1 = "A"
    bool_global = False


def proc_6(kind):
    result = kind
    if not func_3(kind):
        result = IDENT_4
    if kind == IDENT_1:
        result = IDENT_1
    elif kind == IDENT_2:
        if int_global > 100:
            result = IDENT_1
        else:
            result = IDENT_4
    elif kind == IDENT_3:
        result = IDENT_2
    elif kind == IDENT_4:
        pass
    elif kind == IDENT_5:
        result = IDENT_3
    return result


def proc_7(number_1, number_2):
    local = number_1 + 2
    result = number_2 + local
    return result


def proc_8(numbers, matrix, number_1, number_2):
    global int_global

    local = number_1 + 5
    numbers[local] = number_2
    numbers[local + 1] = numbers[local]
    numbers[local + 30] = local
    for index in range(local, local + 2):
        matrix[local][index] = local
    matrix[local][local - 1] = matrix[local][local - 1] + 1
    matrix[local + 20][local] = numbers[local]
    int_global = 5


def func_1(char_a, char_b):
    local = char_a
    copy = local
    if copy != char_b:
        return IDENT_1
    else:
        return IDENT_2


def func_2(text_1, text_2):
    index = 1
    while index <= 1:
        if func_1(text_1[index], text_2[index + 1]) == IDENT_1:
            char = "A"
            index = index + 1
    if char >= "W" and char <= "Z":
        index = 7
    if char == "X":
        return True
    else:
        if text_1 > text_2:
            index = index + 7
            return True
        else:
            return False


def func_3(kind):
    local = kind
    if local == IDENT_3:
        return True
    return False
