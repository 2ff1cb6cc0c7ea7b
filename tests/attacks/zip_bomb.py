# Unpacks twenty megabytes from twenty kilobytes. Ends: status 106
import io
import zipfile

packed = io.BytesIO()
with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
    with archive.open("zeros", "w") as file:
        for _ in range(20):
            file.write(bytes(1 << 20))
assert len(packed.getvalue()) < 1 << 16
zipfile.ZipFile(packed).extractall("/data/unpacked")
