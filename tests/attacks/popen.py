# Runs a command through a pipe. Ends: held
import os
import subprocess

for attempt in (lambda: os.popen("id").read(), lambda: subprocess.run(["id"]), lambda: subprocess.check_output("id", shell=True), lambda: subprocess.Popen("/bin/sh")):
    try:
        print("escaped:", attempt())
    except (OSError, AttributeError):
        pass
print("held")
