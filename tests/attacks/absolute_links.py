# Makes links with absolute targets, which lead nowhere here. Ends: held
import os

for target in ["/etc/passwd", "/", "//etc", "/data/../canary"]:
    try:
        os.symlink(target, "/data/absolute")
        print("escaped: made", target)
    except OSError as error:
        assert isinstance(error, PermissionError), error
print("held")
