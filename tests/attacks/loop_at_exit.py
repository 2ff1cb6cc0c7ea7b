# Loops at exit, when the program should be over. Ends: status 102
import atexit


@atexit.register
def forever():
    while True:
        pass
