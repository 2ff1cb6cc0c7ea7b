# Catches every exception, even the one that should end it. Ends: status 102
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
