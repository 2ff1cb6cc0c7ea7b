# Reads a FIFO that nobody writes to. Ends: status 102
open("/data/fifo").read()
