# Writes until the disk is full. Ends: status 106
with open("/data/flood", "wb", buffering=0) as file:
    while True:
        file.write(bytes(100_000))
