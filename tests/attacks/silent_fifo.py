# Reads a FIFO without a writer. Ends: status 102
open("/data/fifo").read()
