# Follows the links that the host made in the granted folders. Ends: held
import os

for base in ["/data/", "/ro/"]:
    for link in ["to-canary", "to-canary-absolute", "to-up", "to-up/canary", "to-root/etc/passwd", "chain", "chain/"]:
        for attempt in (open, os.stat, os.listdir, os.chdir, os.remove if "/" in link else os.stat):
            try:
                print("escaped:", attempt(base + link))
            except OSError:
                pass
    assert os.path.islink(base + "to-canary")
print("held")
