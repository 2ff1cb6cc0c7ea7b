# inspect, ast, dis, symtable, tokenize, code objects, help text, compile and exec.
import ast
import contextlib
import dis
import inspect
import io
import pydoc
import symtable
import sys
import token
import tokenize
def sample(a, b: int = 2, /, *args, c, d=4, **kw) -> str:
    """Sample doc.

    More.
    """
    # a comment
    return f"{a}{b}"
print(inspect.signature(sample), inspect.getdoc(sample), sample.__code__.co_varnames, sample.__code__.co_firstlineno)
print(inspect.getsource(sample).splitlines()[-1], inspect.isgeneratorfunction(sample), [p.kind.name for p in inspect.signature(sample).parameters.values()])
print(inspect.signature(sample).bind(1, c=3).arguments, inspect.currentframe().f_lineno, sys._getframe().f_code.co_name)
tree = ast.parse("x = [i ** 2 for i in range(10) if i % 2]\nprint(x)")
print(ast.dump(tree.body[1]), ast.unparse(tree), [type(n).__name__ for n in ast.walk(tree)][:6])
class Double(ast.NodeTransformer):
    def visit_Constant(self, node):
        return ast.Constant(node.value * 2) if isinstance(node.value, int) else node
namespace = {}
exec(compile(ast.fix_missing_locations(Double().visit(tree)), "<ast>", "exec"), namespace)
print(ast.literal_eval("{'a': [1, (2, None)], 'b': -1.5}"))
try:
    ast.literal_eval("__import__('os')")
except ValueError as error:
    print("refused")
print([i.opname for i in dis.get_instructions(compile("a + 1", "", "eval"))])
print([(token.tok_name[t.type], t.string) for t in tokenize.generate_tokens(io.StringIO("x = 'é' # c\n").readline)])
table = symtable.symtable("def f(a):\n  global g\n  b = a\n", "<s>", "exec").get_children()[0]
print(table.get_name(), table.get_parameters(), table.get_locals(), [s.get_name() for s in table.get_symbols() if s.is_global()])
print(pydoc.render_doc(sample, renderer=pydoc.plaintext).splitlines()[2], pydoc.plain(pydoc.render_doc("str.upper")).splitlines()[2])
print(eval("a + b", {"a": 1}, {"b": 2}), callable(sample), dir(type("T", (), {"x": 1}))[-1], vars(type("O", (), {"__slots__": ()})).get("x"))
out = io.StringIO()
with contextlib.redirect_stdout(out):
    help(len)
print(out.getvalue().splitlines()[0], len(dis.code_info(sample)) > 100, sys.getsizeof([]) > 0, sys.getrefcount(object()) >= 1)
print(sys.version_info[:3] >= (3, 13, 5), sys.implementation.name, sys.getrecursionlimit(), sys.getdefaultencoding(), sys.getfilesystemencoding(), sys.stdout.encoding)
