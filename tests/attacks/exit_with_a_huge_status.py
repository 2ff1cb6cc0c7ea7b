# Leaves with a status that no process has. Ends: status 255
import sys

sys.exit(2**64)
