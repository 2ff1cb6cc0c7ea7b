# Prints for ever. Ends: status 105
while True:
    print("x" * 1000)
