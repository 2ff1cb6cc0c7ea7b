# Calls abort, which is a trap and no core of the host. Ends: status 107
import os

os.abort()
