# Prints errors without end. Ends: status 105
import sys

while True:
    sys.stderr.write("x" * 1000)
