# Exits inside a finally block, past all handlers. Ends: status 7
import os

try:
    raise ValueError
finally:
    os._exit(7)
