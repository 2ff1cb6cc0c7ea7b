# Unpacks bombs of every compression into memory. Ends: status 104
import bz2
import lzma
import zlib

for module in (zlib, bz2, lzma):
    once = module.compress(bytes(10_000_000))
    whole = b"".join(module.decompress(once) for _ in range(30))
    print("escaped:", len(whole))
