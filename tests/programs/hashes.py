# hashlib and hmac: known answers of every guaranteed algorithm that CPython carries itself.
import hashlib
import hmac
import zlib
for name in ["md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_224", "sha3_256", "sha3_384", "sha3_512", "blake2b", "blake2s"]:
    h = hashlib.new(name, b"abc")
    print(name, h.hexdigest()[:32], h.digest_size, h.block_size, getattr(hashlib, name)(b"abc").digest() == h.digest())
print(hashlib.shake_128(b"abc").hexdigest(16), hashlib.shake_256(b"abc").hexdigest(16))
h = hashlib.sha256()
for chunk in [b"a" * 1000] * 1000:
    h.update(chunk)
copy = h.copy()
copy.update(b"!")
print(h.hexdigest(), copy.hexdigest() != h.hexdigest())
print(hashlib.blake2b(b"m", key=b"secret", digest_size=8, person=b"me", salt=b"s").hexdigest())
print(hmac.new(b"key", b"The quick brown fox jumps over the lazy dog", "sha256").hexdigest(), hmac.compare_digest(b"a", b"b"), hmac.digest(b"k", b"m", "md5").hex())
print(zlib.crc32(b"123456789") == 0xCBF43926, zlib.adler32(b"Wikipedia") == 0x11E60398, sorted(hashlib.algorithms_guaranteed)[:4])
try:
    hashlib.new("nonsense")
except ValueError as error:
    print(error)
