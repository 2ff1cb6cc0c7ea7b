# Unicode: normalisation, names, case, encodings and their errors, identifiers, width beyond the BMP.
import codecs
import unicodedata
print(unicodedata.normalize("NFD", "é") == "e\u0301", unicodedata.normalize("NFKC", "ﬁ①"), len("🐍"), len("👨‍👩‍👧"))
for c in "aß漢🐍٣":
    print(c, f"U+{ord(c):04X}", unicodedata.name(c), unicodedata.category(c), unicodedata.numeric(c, None))
print("Straße".casefold(), "ß".upper(), "İ".lower() == "i̇", "ΑΣ".lower(), "ǆ".title())
print(int("٤٢"), "²".isdigit(), "²".isdecimal(), "Ⅷ".isnumeric(), "變數".isidentifier(), "a b".isidentifier())
größe = 5
变量 = größe * 2
print(变量)
for encoding in ["utf-8", "utf-16-le", "utf-32-be", "latin-1", "cp1252", "shift_jis", "gb18030", "koi8-r", "utf-7", "punycode", "idna"]:
    text = {"latin-1": "café", "cp1252": "€", "shift_jis": "日本", "gb18030": "中文", "koi8-r": "Привет", "idna": "bücher.example"}.get(encoding, "aé漢🐍")
    raw = text.encode(encoding)
    print(encoding, raw.hex(), raw.decode(encoding) == text)
for errors in ["replace", "ignore", "xmlcharrefreplace", "backslashreplace", "namereplace"]:
    print(errors, "naïve 漢".encode("ascii", errors))
print(b"\xff\x41\xe2\x82".decode("utf-8", "replace"), b"\xff".decode("utf-8", "surrogateescape").encode("utf-8", "surrogateescape"))
try:
    b"abc\xff".decode()
except UnicodeDecodeError as error:
    print(error)
try:
    "é".encode("ascii")
except UnicodeEncodeError as error:
    print(error)
decoder = codecs.getincrementaldecoder("utf-8")()
print([decoder.decode(bytes([b])) for b in "é漢".encode()])
print(codecs.decode("Uryyb", "rot13"), "\N{SNOWMAN}", "\N{GREEK SMALL LETTER ALPHA}", unicodedata.unidata_version)
print(sorted(["zebra", "Äpfel", "apple", "éclair"]), "e\u0301" == "é")
