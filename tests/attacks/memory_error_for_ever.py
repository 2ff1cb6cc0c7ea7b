# Allocates too much again and again, and catches the error. Ends: status 102
while True:
    try:
        bytearray(1 << 30)
    except MemoryError:
        pass
