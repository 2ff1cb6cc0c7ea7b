# Exits with a status that no process can have. Ends: status 255
import sys

sys.exit(2**64)
