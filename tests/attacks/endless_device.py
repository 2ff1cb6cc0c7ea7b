# Reads a device without end to its end. Ends: status 104
open("/dev/zero", "rb").read()
