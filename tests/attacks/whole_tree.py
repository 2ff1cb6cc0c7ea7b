# Walks all visible files and looks for files from outside. Ends: held
import os

files = 0
for folder, folders, names in os.walk("/", followlinks=False):
    assert "canary" not in names, folder
    files += len(names)
assert files > 100
print("held")
