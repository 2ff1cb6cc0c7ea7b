# Text: methods, slices, format specifications, f-strings of every kind, templates, wrapping.
import string
import textwrap
s = "The quick brown fox"
print(s[::-1], s[4:9], s[-3:], s.split(), s.partition(" "), s.rsplit(" ", 1))
print(s.lower().title().swapcase(), s.center(25, "*"), s.find("q"), s.count("o"), s.replace("quick", "slow"))
print("a-b_c".translate(str.maketrans("-_", "  ", "b")), "x=1".removeprefix("x="), "ab".zfill(5), "\t|".expandtabs(4))
print("l1\nl2\r\nl3\x0bl4".splitlines(), ",".join("abc"), "abc" * 2, "b" in "abc", "a" < "b" < "c")
print("%s %5d|%-5s|%05.1f %x %r %%" % ("s", 42, "ab", 3.14159, 255, "q"))
n, pi, name = 1234567, 3.14159265, "world"
print(f"{n:,} {n:_} {n:x} {n:#b} {n:>12} {n:<12}| {n:^12} {n:+} {n:e}")
print(f"{pi:.3f} {pi:10.2f} {pi:g} {pi:.0%} {1e100:g} {name!r:>10} {name:.2} {name=} {pi=:.2f}")
print(f"{'nested ' + f'{name}'} {'{'}{{}} {"same quotes"} {[x for x in range(3)]}")
width = 8
print(f"{name:*^{width}}", f"{n:{','}}", "{0} {1} {0} {k[a]}".format(1, 2, k={"a": 3}), "{:>{w}}".format("r", w=4))
class Money:
    def __format__(self, spec):
        return f"<{spec}>"
print(f"{Money():EUR}", format(255, "08b"), format("x", "^5"), format(True), format(1.5, "z.1f"))
print(string.Template("$who owes $$${amount}").substitute(who="Ann", amount=5), string.capwords("a bc d"))
text = "It was a bright cold day in April, and the clocks were striking thirteen."
print(textwrap.fill(text, 30))
print(textwrap.dedent("""\
    one
      two
    three"""), textwrap.shorten(text, 30), textwrap.indent("a\nb", "> "))
print(repr("tab\t quote' \" \\ \x00 \u00e9 \U0001f40d \ud800".encode("utf-8", "surrogatepass")), ascii("é🐍"))
print(sorted("banana apple Cherry".split(), key=str.casefold), max("hello"), "".join(dict.fromkeys("mississippi")))
print(r"raw\n", b"bytes\xff", rb"\x", "con" "cat", """triple
line""")
