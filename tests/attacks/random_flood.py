# Reads randomness by hundreds of megabytes. Ends: status 102
import os

while True:
    os.urandom(50_000_000)
