# re: groups, lookaround, flags, substitution, possessive and atomic, unicode classes, errors.
import re
m = re.match(r"(?P<year>\d{4})-(?P<month>\d\d)", "2024-05-06")
print(m.groupdict(), m.span("month"), m.group(0, 1), m.end())
print(re.findall(r"\b\w+(?=ing\b)", "running and singing, bring king"), re.findall(r"(?<!\$)\b\d+", "$5 7 x8 9"))
print(re.sub(r"(\w+) (\w+)", r"\2 \1", "hello world"), re.sub(r"\d+", lambda m: str(int(m[0]) * 2), "a1b22"), re.subn("a", "b", "banana", count=2))
print(re.split(r"[,;]\s*|(\|)", "a, b;c|d"), [m.start() for m in re.finditer("(?i)A", "aAbA")], re.fullmatch("a+", "aaab"))
print(re.compile(r"""
    ^ (\d+)   # whole
    (?: \. (\d+) )? $  # part
    """, re.X).match("3.14").groups(), re.search(r"^b.$", "a\nbc\nd", re.M | re.S))
print(re.match(r"(a|ab)(c|bcd)(d*)", "abcd").groups(), re.match(r"(?>a+)b", "aaab")[0], re.match(r"a++a", "aaa"), re.match(r"(a)?(?(1)b|c)", "c")[0])
print(re.findall(r"\w+", "naïve 東京 ١٢"), re.findall(r"\w+", "naïve", re.A), re.escape("a.b*c"), re.search(r"(.)\1", "hello")[0])
for pattern in ["(", "a**", "[z-a]", "(?P<n>a)(?P<n>b)", r"\1", "(?<=a+)b"]:
    try:
        re.compile(pattern)
    except re.PatternError as error:
        print(pattern, "->", error)
tokens = re.Scanner([(r"\d+", lambda s, t: int(t)), (r"[+*()]", lambda s, t: t), (r"\s+", None)])
print(tokens.scan("12 + (3*4)"))
print(len(re.findall(r"(?:x+x+)+y", "x" * 12 + "y")), re.sub(r"(?m)^", "> ", "a\nb"), re.template if hasattr(re, "template") else "no template")
print(bool(re.match(r"^(([^<>()[\]\.,;:\s@\"]+(\.[^<>()[\]\.,;:\s@\"]+)*))@\w+\.\w+$", "user.name@example.org")), re.match(b"(.)", b"\xff")[1])
