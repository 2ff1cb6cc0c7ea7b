# Creates files until no more are allowed. Ends: held
import os

for folder in ["/data", "/tmp"]:
    made = 0
    try:
        while True:
            open(f"{folder}/{made}", "x").close()
            made += 1
    except OSError as error:
        assert error.strerror == "No space left on device" and 0 < made <= 1000, error
    for number in range(made):
        os.remove(f"{folder}/{number}")
print("held")
