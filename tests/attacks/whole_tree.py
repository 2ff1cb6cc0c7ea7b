# Walks everything that can be seen and looks for what lies outside. Ends: held
import os

files = 0
for folder, folders, names in os.walk("/", followlinks=False):
    assert "canary" not in names, folder
    files += len(names)
assert files > 100
print("held")
