# status: 1
# sys.exit with a text prints it on stderr; finally blocks and atexit run first.
import atexit
import sys
atexit.register(print, "at exit")
try:
    print("begin")
    sys.exit("the reason ü")
finally:
    print("finally")
