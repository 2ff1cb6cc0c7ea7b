# Unpacks a tar whose names and links lead out, with each filter. Ends: held
import io
import tarfile

for filter in ["fully_trusted", "tar", "data"]:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name in ["../stolen", "/etc/stolen", "link/stolen"]:
            if name.startswith("link"):
                link = tarfile.TarInfo("link")
                link.type, link.linkname = tarfile.SYMTYPE, "../.."
                archive.addfile(link)
            info = tarfile.TarInfo(name)
            info.size = 1
            archive.addfile(info, io.BytesIO(b"x"))
    for member in tarfile.open(fileobj=io.BytesIO(packed.getvalue())):
        try:
            tarfile.open(fileobj=io.BytesIO(packed.getvalue())).extract(member, "/data/unpacked", filter=filter)
        except (OSError, tarfile.TarError, ValueError):
            pass
print("held")
