# Aborts, which is a trap and does not dump core on the host. Ends: status 107
import os

os.abort()
