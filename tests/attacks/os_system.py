# Runs a shell command of the host. Ends: held
import os

try:
    print("escaped:", os.system("cat ../canary; touch /data/escaped"))
except (AttributeError, OSError):
    pass
assert not os.path.exists("/data/escaped")
print("held")
