# Handles every exception there is, its end too. Ends: status 102
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
