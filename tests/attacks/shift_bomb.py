# Shifts a number until memory is full. Ends: held
for bits in [2**31, 2**40, 2**62, 2**64]:
    try:
        1 << bits
        print("escaped:", bits)
    except (MemoryError, OverflowError):
        pass
print("held")
