# Bytes: struct, memoryview, bytearray, array, int conversions, base64 and binascii.
import array
import base64
import binascii
import struct
packed = struct.pack("<HhIqf4s?", 1, -2, 3_000_000_000, -(2**40), 1.5, b"ab", True)
print(packed.hex(" "), struct.calcsize("<HhIqf4s?"), struct.unpack("<HhIqf4s?", packed))
print(struct.pack(">d", 0.1).hex(), struct.unpack("<3B", b"\x01\x02\x03"), list(struct.iter_unpack(">H", b"\0\1\0\2")))
try:
    struct.pack("B", 256)
except struct.error as error:
    print(error)
buffer = bytearray(b"hello world")
view = memoryview(buffer)[6:]
view[:5] = b"WORLD"
print(buffer, view.tobytes(), view.nbytes, memoryview(b"abcd").cast("H").tolist())
try:
    buffer.append(1)
except BufferError as error:
    print(error)
view.release()
buffer += b"!"
del buffer[:6]
print(buffer, buffer.find(b"L"), bytes(5), bytes([1, 2]), bytes.fromhex("de ad"), b"a,b".split(b","))
numbers = array.array("i", [1, 2, 3])
numbers.extend([4, 5])
numbers.byteswap()
numbers.byteswap()
print(numbers, numbers.itemsize, numbers.tobytes().hex(), sum(numbers), array.array("d", [0.5]).tolist())
print((1000).to_bytes(4, "big"), int.from_bytes(b"\xff\xfe", "little", signed=True), (255).to_bytes().hex())
for encode in [base64.b64encode, base64.urlsafe_b64encode, base64.b32encode, base64.b16encode, base64.b85encode, base64.a85encode]:
    print(encode.__name__, encode(b"any carnal pleas\xff\xfe"))
print(base64.b64decode("aGVsbG8="), binascii.crc32(b"hello"), binascii.hexlify(b"\x01\xab", "-"), binascii.unhexlify("00ff"))
try:
    base64.b64decode("abc", validate=True)
except binascii.Error as error:
    print(error)
print(b"%s=%d %x" % (b"k", 5, 255), b"abc".translate(bytes.maketrans(b"a", b"z")), b"\x80abc"[0], b"abc"[1:2])
# wasm32: little-endian, with pointers of 32 bits.
import sys
print(sys.byteorder, sys.maxsize, struct.calcsize("P"))
