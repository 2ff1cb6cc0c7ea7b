# Asks for too much again and again, and handles it. Ends: status 102
while True:
    try:
        bytearray(1 << 30)
    except MemoryError:
        pass
