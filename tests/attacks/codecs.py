# Looks up a codec whose name is a path. Ends: held
import codecs

for name in ["../../../canary", "/data/../canary", "..", "idna\0", "x" * 100_000]:
    try:
        codecs.lookup(name)
        print("escaped:", name)
    except (LookupError, ValueError):
        pass
print("held")
