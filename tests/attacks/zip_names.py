# Unpacks a zip whose names lead out. Ends: held
import io
import os
import zipfile

packed = io.BytesIO()
with zipfile.ZipFile(packed, "w") as archive:
    for name in ["../stolen", "/etc/stolen", "a/../../stolen", "..\\stolen"]:
        archive.writestr(name, "x")
zipfile.ZipFile(packed).extractall("/data/unpacked")
assert "stolen" not in os.listdir("/data")
for info in zipfile.ZipFile(packed).infolist():
    try:
        open("/data/unpacked/../../" + os.path.basename(info.filename), "w")
        print("escaped:", info)
    except OSError:
        pass
print("held")
