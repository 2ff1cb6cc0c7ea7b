# Expands a billion laughs. Ends: held
import xml.etree.ElementTree as tree

entities = "".join(f'<!ENTITY l{n} "{"&l%d;" % (n - 1) * 10}">' for n in range(1, 12))
text = f'<!DOCTYPE x [<!ENTITY l0 "laugh">{entities}<!ENTITY e SYSTEM "file:///etc/passwd">]>'
for body in ["<x>&l11;</x>", "<x>&e;</x>"]:
    try:
        print("escaped:", len(tree.fromstring(text + body).text))
    except tree.ParseError:
        pass
print("held")
