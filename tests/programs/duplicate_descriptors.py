# os.dup and os.dup2, as pytest captures output with them: one open file behind several numbers.
import os
import sys

saved = os.dup(1)
target = os.open("/tmp/captured", os.O_CREAT | os.O_RDWR)
os.dup2(target, 1)
print("into the file", flush=True)
os.write(1, b"and on\n")
os.dup2(saved, 1)
os.close(saved)
print("back again", flush=True)

os.lseek(target, 0, os.SEEK_SET)
print(repr(os.read(target, 100)))

try:
    os.dup(77)
except OSError as error:
    print(error.strerror)
sys.stdout.flush()
