# Reads a device to its end, which it does not have. Ends: status 104
open("/dev/zero", "rb").read()
