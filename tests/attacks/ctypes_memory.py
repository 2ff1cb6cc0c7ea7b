# Reads memory by address, which is the sandbox's own. Ends: held
import ctypes

for address in [2**31, 2**32 - 8, 2**40, 2**63]:
    for attempt in (lambda: ctypes.string_at(address, 8), lambda: ctypes.c_char.from_address(address).value, lambda: ctypes.memmove(address, b"x", 1)):
        try:
            attempt()
            print("escaped:", address)
        except (AttributeError, NotImplementedError, ValueError, OverflowError, OSError, TypeError):
            pass
print("held")
