# Hard-links the host's links, and files between folders with different rights. Ends: held
import os

for source, target in [("/ro/file", "/data/mine"), ("/data/file", "/ro/mine"), ("/data/to-canary-absolute/", "/data/x"), ("/data/../canary", "/data/x")]:
    try:
        os.link(source, target)
        print("escaped:", source, target)
    except OSError:
        pass
os.link("/data/to-canary", "/data/second")
try:
    print("escaped:", open("/data/second").read())
except OSError:
    pass
print("held")
