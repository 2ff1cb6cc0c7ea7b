# Prints without end. Ends: status 105
while True:
    print("x" * 1000)
