# Operations that use C's memchr, memcmp, strlen and strncpy, at all positions and lengths around word boundaries and
# with all byte values, compared with the same work done byte by byte in Python.
wrong = []
for length in range(41):
    for start in range(9):
        whole = bytes(start) + b"a" * length + b"x" * 9
        view = whole[start : start + length]
        if view.find(b"x") != -1 or view != b"a" * length:
            wrong.append(("none", length, start))
        for at in range(length):
            other = view[:at] + b"\x80" + view[at + 1 :]
            if other.find(b"\x80") != at or other == view or (other > view) is not True or (view < other) is not True:
                wrong.append((length, start, at))
            if other.find(b"\x80", at + 1) != -1 or other.index(b"\x80", at) != at:
                wrong.append((length, start, at, "later"))
print("searched and compared:", wrong)

every = bytes(range(256))
print("each byte is found:", all(every.find(bytes([byte])) == byte and byte in every for byte in every))
pairs = [(a, b) for a in range(0, 256, 15) for b in range(0, 256, 15)]
compared = all((bytes(11) + bytes([a, b]) < bytes(11) + bytes([b, a])) == (a < b) for a, b in pairs)
print("bytes are compared without a sign:", compared)

for count in [1, 7, 8, 9, 200]:
    source = 'f"' + "{x} " * count + '"'
    print(count, len(eval(source, {"x": "ab"})), eval(f'f"{{x + {"1" * count} = }}"', {"x": 0}).index("="))
print(eval('f"' + "{x}" * 4000 + '"', {"x": ""}) == "")
