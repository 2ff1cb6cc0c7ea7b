# Forks, once and like a fork bomb. Ends: held
import os

for name in ["fork", "forkpty", "vfork"]:
    try:
        print("escaped:", getattr(os, name)())
    except (OSError, AttributeError):
        pass
print("held")
