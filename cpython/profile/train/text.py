"""Text, bytes and numbers."""

from parts import TEXT, part


@part(14)
def strings():
    lines = []
    for i, line in enumerate((TEXT * 4).splitlines()):
        words = line.strip().lower().split(" ")
        name = "".join(word.capitalize() for word in words if word.isalpha())
        lines.append("%3d: %s %-10s|%5.2f" % (i, name, words[0], i / 7))
        lines.append(f"{i:>4}{words[-1]!r:<12}{len(line):04x} {i * 1.5:8.3f} {i:,}")
        lines.append("{} {name}".format(i, len(words), name=name) if i else "")
    text = "\n".join(lines)
    parts = text.partition(":"), text.rsplit("|", 3), text.find("said"), text.replace("a", "bb").count("bb")
    result = ""
    for letter in text[:200]:
        if letter in "aeiou":
            result += letter.upper()
        elif letter == " ":
            continue
        elif "a" <= letter <= "z":
            result += chr((ord(letter) - 97 + 13) % 26 + 97)
        else:
            result += letter
    padded = [word.center(9, "*") + word.ljust(8) + word.zfill(7) for word in text.split()[:40]]
    flags = [word.startswith(("a", "the")) or word.endswith("g") for word in text.split()]
    return parts, result, padded, sum(flags), text[::-1][5:50:3], text.translate({97: "A"}) == text, text.title()


@part(8)
def encodings():
    raw = TEXT.encode("utf-8")
    data = bytearray(raw)
    for i in range(0, 120, 3):
        data[i] ^= 0x20
    digest = 0
    for byte in raw:
        digest = (digest * 31 + byte) & 0xFFFFFFFF
    text = raw.decode() + raw.decode("latin-1") + TEXT.encode("utf-16").decode("utf-16")
    return digest, len(text), bytes(data).hex(), raw.split(b" ")[:4], memoryview(raw)[3:9].tobytes(), raw[5]


@part(20)
def integers():
    total = 0
    for i in range(1, 500):
        total += i * i // 3 - i % 7 + (i << 3) - (i >> 1)
        total ^= i | 0x55
        if total > 1 << 29:
            total -= 1 << 29
        total = -total if i & 64 else abs(total)
    value = 1
    for i in range(1, 40):
        value *= i
    digits = str(value)
    remainder = pow(value + 1, 65, 1000003), divmod(value, 12345678901), value.bit_length()
    return total, digits, int(digits[:15]), int("ff", 16), hex(value)[:9], bin(total), remainder, ~total


@part(20)
def floats():
    import math

    x, total = 0.1, 0.0
    for i in range(300):
        x = 3.7 * x * (1.0 - x)
        total += math.sqrt(x) * math.sin(i) - math.floor(x * 10) / 3 + x**2
        if total > 50 or total < -50.0:
            total = total / 2
        total = round(total, 6)
    texts = [repr(x), str(total), "%g" % x, f"{total:.3e}", float("2.5e3"), float(str(total))]
    return texts, math.isclose(x, x + 1e-12), math.hypot(3, 4), math.log(x + 1), int(total), complex(x, 1) * 2j


@part(3)
def number_types():
    import decimal
    import fractions
    import random
    import statistics

    price = sum((decimal.Decimal("19.99") * n / 7 for n in range(20)), decimal.Decimal(0))
    harmonic = sum(fractions.Fraction(1, n) for n in range(1, 15))
    source = random.Random(7)
    sample = [source.random() + source.randint(1, 6) + source.gauss(0, 1) for _ in range(60)]
    source.shuffle(sample)
    return price.quantize(decimal.Decimal("0.01")), harmonic, statistics.fmean(sample), source.choice(sample)
