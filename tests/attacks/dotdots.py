# Climbs out with `..`, from every folder and in every spelling. Ends: held
import os

spellings = ["../canary", "./../canary", "sub/../../canary", "sub/.././../canary", "..//canary", "sub/deep/../../../canary"]
for base in ["/data/", "/ro/", "/tmp/", "/usr/", ""]:
    for spelling in spellings:
        for climb in ["", "../", "../../", "../" * 50]:
            try:
                print("escaped:", open(base + climb + spelling).read())
            except OSError:
                pass
os.chdir("/data")
for path in ["../canary", "../../canary"]:
    try:
        print("escaped:", open(path).read())
    except OSError:
        pass
print("held")
