# difflib, fnmatch, string comparison, locale-free formatting, cmd, readline-free code module.
import cmd
import code
import contextlib
import difflib
import fnmatch
import io
a, b = "one\ntwo\nthree\n".splitlines(True), "one\nTWO\nthree\nfour\n".splitlines(True)
print("".join(difflib.unified_diff(a, b, "a", "b")), "".join(difflib.ndiff(a[:2], b[:2])))
print(difflib.get_close_matches("appel", ["ape", "apple", "peach"]), round(difflib.SequenceMatcher(None, "abcd", "bcde").ratio(), 3), difflib.SequenceMatcher(None, "qabxcd", "abycdf").get_opcodes())
print(fnmatch.filter(["a.py", "b.txt", "c.PY"], "*.py"), fnmatch.fnmatchcase("abc", "a[!x]?"))
class Shell(cmd.Cmd):
    prompt = "$ "
    def do_add(self, line):
        "add numbers"
        print(sum(map(int, line.split())), file=self.stdout)
    def do_quit(self, line):
        return True
out = io.StringIO()
Shell(stdin=io.StringIO("add 1 2\nnone\nquit\n"), stdout=out).use_rawinput
shell = Shell(stdin=io.StringIO("add 1 2\nnone\nquit\n"), stdout=out)
shell.use_rawinput = False
shell.cmdloop()
print(repr(out.getvalue()))
interpreter = code.InteractiveInterpreter()
with contextlib.redirect_stdout(out):
    print(interpreter.runsource("x = 6 * 7"), interpreter.runsource("x"), interpreter.runsource("if x:"), file=out)
print(out.getvalue().splitlines()[-2:])
