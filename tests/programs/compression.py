# zlib, gzip, bz2, lzma, zipfile, tarfile: round trips, streams, known answers, corrupt input.
import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
data = b"".join(b"line %d of some text that repeats itself\n" % (n % 50) for n in range(5000))
for module in (zlib, gzip, bz2, lzma):
    packed = module.compress(data)
    print(module.__name__, len(packed) < len(data) // 20, module.decompress(packed) == data)
# One word, compressed by the programs gzip, bzip2 and xz.
print(gzip.decompress(bytes.fromhex("1f8b0800000000000003cb48cdc9c9e7020020303a3606000000")))
print(bz2.decompress(bytes.fromhex("425a6839314159265359c1c080e2000001410000100244a00030cd00c3462997177245385090c1c080e2")))
print(lzma.decompress(bytes.fromhex("fd377a585a000004e6d6b4460200210116000000742fe5a301000568656c6c6f0a000000a56097f194f6fde000011e06c12fa41d1fb6f37d010000000004595a")))
stream = zlib.compressobj(wbits=-15)
raw = b"".join(stream.compress(data[i:i + 777]) for i in range(0, len(data), 777)) + stream.flush()
back = zlib.decompressobj(wbits=-15)
print(back.decompress(raw, 100)[:10], len(back.unconsumed_tail) > 0, zlib.decompress(raw, wbits=-15) == data)
for module, error in [(zlib, zlib.error), (gzip, gzip.BadGzipFile), (bz2, OSError), (lzma, lzma.LZMAError)]:
    try:
        module.decompress(b"this is not compressed at all")
    except error as problem:
        print(module.__name__, type(problem).__name__)
try:
    zlib.decompress(zlib.compress(data)[:-5])
except zlib.error as error:
    print(error)
filters = [{"id": lzma.FILTER_DELTA, "dist": 4}, {"id": lzma.FILTER_LZMA2, "preset": 6}]
print(lzma.decompress(lzma.compress(data, filters=filters)) == data, lzma.decompress(lzma.compress(data, lzma.FORMAT_ALONE)) == data)
archive = io.BytesIO()
for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
    with zipfile.ZipFile(archive, "a") as z:
        z.writestr(f"größe-{method}.txt", data, method)
with zipfile.ZipFile(archive) as z:
    print(z.namelist(), z.testzip(), all(z.read(name) == data for name in z.namelist()))
for mode in ("", "gz", "bz2", "xz"):
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode=f"w:{mode}") as t:
        info = tarfile.TarInfo("dir/file.txt")
        info.size = len(data)
        t.addfile(info, io.BytesIO(data))
    tar.seek(0)
    with tarfile.open(fileobj=tar) as t:
        print(mode, t.getnames(), t.extractfile("dir/file.txt").read() == data)
with gzip.open("/tmp/x.gz", "wt", encoding="utf-8") as f:
    f.write("héllo\n" * 3)
with gzip.open("/tmp/x.gz", "rt", encoding="utf-8") as f:
    print(f.readlines())
