//! However deep a program recurses, it gets an exception of Python's own and the sandbox holds.

use crate::statements;

/// Defines `attempt`, which prints how a function ends with the recursion limit at a million.
const ATTEMPTS: &str = r"
import sys
sys.setrecursionlimit(10**6)
def attempt(name, function):
    try:
        function()
    except (RecursionError, MemoryError):
        print(name, 'refused')
    except BaseException as error:
        print(name, type(error).__name__)
    else:
        print(name, 'done')
";

/// Asserts that the attempt ends in this way, by Python's own means.
fn ends(attempt: &str, ending: &str) {
    statements(&format!("{ATTEMPTS}{attempt}")).well().printing(&format!("it {ending}\n"));
}

#[test]
fn the_limit_is_that_of_cpython() {
    let code = "
def depth(n=1):
    try:
        return depth(n + 1)
    except RecursionError as error:
        print(error)
        return n
print(depth() in (998, 999, 1000))";
    statements(code).well().printing("maximum recursion depth exceeded\nTrue\n");
}

#[test]
fn python_functions_reach_the_raised_limit() {
    ends("def f(): f()\nattempt('it', f)", "refused");
}

#[test]
fn attribute_hooks_end() {
    ends(
        "class A:\n    def __getattr__(self, name): return getattr(self, name + 'x')\nattempt('it', lambda: A().x)",
        "refused",
    );
}

#[test]
fn a_plain_getattr_that_looks_itself_up_ends() {
    ends("class A:\n    def __getattr__(self, name): return self.y\nattempt('it', lambda: A().x)", "refused");
}

#[test]
fn attribute_access_overridden_ends() {
    ends(
        "class A:\n    def __getattribute__(self, name): return self.y\nattempt('it', lambda: A().x)",
        "refused",
    );
}

#[test]
fn representations_end() {
    ends("class A:\n    def __repr__(self): return f'{self!r}'\nattempt('it', lambda: repr(A()))", "refused");
    ends("x = []\nfor _ in range(10**5): x = [x]\nattempt('it', lambda: repr(x))", "refused");
    ends("x = {}\nfor _ in range(10**5): x = {1: x}\nattempt('it', lambda: str(x))", "refused");
}

#[test]
fn comparisons_end() {
    ends(
        "def nest():\n    x = ()\n    for _ in range(10**5): x = (x,)\n    return x\na, b = nest(), nest()\nattempt('it', lambda: a == b)",
        "refused",
    );
    ends(
        "class A:\n    def __eq__(self, other): return other == self\nattempt('it', lambda: A() == A())",
        "refused",
    );
}

#[test]
fn operators_and_calls_end() {
    ends(
        "class A:\n    def __add__(self, other): return other + self\nattempt('it', lambda: A() + A())",
        "refused",
    );
    ends("class A:\n    def __call__(self): return self()\nattempt('it', A())", "refused");
    ends("class A: pass\nA.__call__ = A()\nattempt('it', lambda: A()())", "refused");
    ends("f = lambda x: sorted([1, 2], key=f)\nattempt('it', lambda: f(1))", "refused");
    ends("f = lambda x: list(map(f, [x]))\nattempt('it', lambda: f(1))", "refused");
    ends("import functools\nf = lambda *a: functools.reduce(f, [1, 2])\nattempt('it', f)", "refused");
    ends("import re\nf = lambda m: re.sub('a', f, 'a')\nattempt('it', lambda: f(1))", "refused");
}

#[test]
fn isinstance_and_iterators_end() {
    ends("t = int\nfor _ in range(10**5): t = (t,)\nattempt('it', lambda: isinstance('', t))", "refused");
    ends(
        "class A:\n    def __iter__(self): return iter(list(self))\nattempt('it', lambda: list(A()))",
        "refused",
    );
}

#[test]
fn generators_end() {
    ends("def g(): yield from g()\nattempt('it', lambda: next(g()))", "refused");
}

#[test]
fn exceptions_end() {
    // Each exception walks the chain of contexts and makes it longer: with a higher limit it takes minutes.
    ends(
        "sys.setrecursionlimit(2000)\ndef f():\n    try: raise ValueError\n    finally: f()\nattempt('it', f)",
        "refused",
    );
}

#[test]
fn serialisers_end() {
    let nested = "x = []\nfor _ in range(10**5): x = [x]\n";
    for work in [
        "import json; attempt('it', lambda: json.dumps(x))",
        "import json; attempt('it', lambda: json.loads('[' * 10**6))",
        "import json; attempt('it', lambda: json.loads('{\"a\":' * 10**6))",
        "import pickle; attempt('it', lambda: pickle.dumps(x))",
    ] {
        ends(&format!("{nested}{work}"), "refused");
    }
    ends(&format!("{nested}import copy; attempt('it', lambda: copy.deepcopy(x))"), "done");
    ends(&format!("{nested}import marshal; attempt('it', lambda: marshal.dumps(x))"), "ValueError");
}

#[test]
fn unpicklers_end() {
    ends("import pickle; attempt('it', lambda: pickle.loads(b'(' * 10**6 + b'.'))", "UnpicklingError");
}

#[test]
fn the_compiler_ends() {
    for source in [
        "'(' * 10**5",
        "'-' * 10**5 + '1'",
        "'not ' * 10**5 + '1'",
        "'lambda:' * 10**5 + '1'",
        "'[' * 10**4 + ']' * 10**4",
        "'f(' * 10**4 + ')' * 10**4",
        "'a' + '.b' * 10**5",
        "'a' + '[0]' * 10**5",
        "'a' + '()' * 10**5",
        "'1' + '+1' * 10**5",
        "'**'.join(['1.0'] * 10**5)",
        "'a if b else ' * 10**5 + 'c'",
        "'{1:' * 10**4",
        "\"f'{\" * 10**3",
    ] {
        let code = format!(
            "{ATTEMPTS}\ntry:\n    compile({source}, 'deep', 'eval')\n    print('compiled')\nexcept (RecursionError, MemoryError, SyntaxError): print('refused')"
        );
        let ended = statements(&code);
        assert!(matches!(ended.well().stdout(), "refused\n" | "compiled\n"), "{ended}");
    }
}

#[test]
fn statements_nested_deep_end() {
    for source in [
        "''.join(' ' * n + 'if 1:\\n' for n in range(99)) + ' ' * 99 + 'pass'",
        "'if 1: pass\\n' + 'elif 1: pass\\n' * 10**4",
        "'try: pass\\nexcept: pass\\n' * 1000",
        "'class A(' * 1000",
        "'x = ' * 10**5 + '1'",
        "'del ' + '(' * 1000 + 'x' + ')' * 1000",
        "'with a as b, ' * 10**4 + 'c: pass'",
        "'match x:\\n case ' + '[' * 1000 + ']' * 1000 + ': pass'",
    ] {
        let code = format!(
            "{ATTEMPTS}\ntry:\n    compile({source}, 'deep', 'exec')\n    print('compiled')\nexcept (RecursionError, MemoryError, SyntaxError): print('refused')"
        );
        let ended = statements(&code);
        assert!(matches!(ended.well().stdout(), "refused\n" | "compiled\n"), "{ended}");
    }
}

#[test]
fn syntax_trees_end() {
    ends(
        "import ast\nx = ast.Constant(1)\nfor _ in range(10**5): x = ast.UnaryOp(ast.USub(), x)\nattempt('it', lambda: compile(ast.fix_missing_locations(ast.Expression(x)), '', 'eval'))",
        "refused",
    );
    ends(
        "import ast\nx = ast.Constant(1)\nfor _ in range(1000): x = ast.UnaryOp(ast.USub(), x)\nattempt('it', lambda: ast.dump(x))",
        "done",
    );
    ends("import ast\nattempt('it', lambda: ast.literal_eval('-' * 10**5 + '1'))", "refused");
}

#[test]
fn regular_expressions_end() {
    ends("import re\nattempt('it', lambda: re.compile('(' * 10**4 + ')' * 10**4))", "done");
    ends("import re\nattempt('it', lambda: re.match('(?:a|b)*c', 'ab' * 10**5))", "done");
}

#[test]
fn markup_ends() {
    ends(
        "import xml.etree.ElementTree as E\nattempt('it', lambda: E.tostring(E.fromstring('<a>' * 10**4 + '</a>' * 10**4)))",
        "done",
    );
}

#[test]
fn deep_structures_are_freed() {
    statements("x = None\nfor _ in range(10**5): x = (x,)\ndel x\nx = None\nfor _ in range(10**5): x = {1: x}\ndel x\nprint('freed')").well().printing("freed\n");
    statements("class N:\n    pass\nx = None\nfor _ in range(10**5):\n    n = N(); n.next = x; x = n\ndel x, n\nprint('freed')").well().printing("freed\n");
}

/// CPython 3.13 itself has no check here: `python3` dies of SIGSEGV. The sandbox stops it and reports it.
#[test]
fn what_crashes_cpython_ends_in_a_trap() {
    for code in [
        "x = ()\nfor _ in range(10**6): x = (x,)\nhash(x)",
        "import itertools\ni = iter([1])\nfor _ in range(10**6): i = itertools.chain(i)\nlist(i)",
        "def g(x):\n    yield x\nx = None\nfor _ in range(10**6//2):\n    y = g(x); next(y); x = y\ndel x, y",
    ] {
        statements(code).refused(107, &["trapped", "call stack exhausted"]);
    }
}

#[test]
fn the_interpreter_works_on_after_a_recursion_error() {
    let code = "
def f(): f()
for _ in range(100):
    try: f()
    except RecursionError: pass
import json, decimal
print(json.dumps([1]), decimal.Decimal(1) / 3)";
    statements(code).well().printing("[1] 0.3333333333333333333333333333\n");
}
