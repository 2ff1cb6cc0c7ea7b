# Locks wait as long as asked, although there is no other thread; a key is derived without OpenSSL.
import asyncio
import hashlib
import os
import queue
import threading
import time

start = time.monotonic()
lock = threading.Lock()
lock.acquire()
print(lock.acquire(timeout=0.05), threading.Event().wait(0.05))
condition = threading.Condition()
with condition:
    print(condition.wait(0.05))
try:
    queue.Queue().get(timeout=0.05)
except queue.Empty:
    print("empty")
print(time.monotonic() - start >= 0.2)


async def wait():
    async with asyncio.timeout(0.05):
        await asyncio.Future()


try:
    asyncio.run(wait())
except TimeoutError:
    print("timeout")

# RFC 7914, section 11, and a password longer than the block of the hash.
print(hashlib.pbkdf2_hmac("sha256", b"passwd", b"salt", 1, 64).hex())
print(hashlib.pbkdf2_hmac("sha1", b"p" * 100, b"salt", 3).hex())
print(os.getuid() == os.stat(os.curdir).st_uid, os.umask(0o077), os.umask(0o022))
