# Makes links that lead out of the folder, to files, folders and other links. Ends: held
import os

os.mkdir("/data/d")
for number, target in enumerate(["../canary", "..", "d/../../canary", "../data/../canary", "to-up/canary", "./to-canary", "d/" * 30 + ".." + "/.." * 31]):
    link = f"/data/own{number}"
    os.symlink(target, link)
    for attempt in (open, os.stat, os.listdir, lambda path: open(path, "w"), lambda path: open(path + "/new", "w")):
        try:
            print("escaped:", target, attempt(link))
        except OSError:
            pass
print("held")
