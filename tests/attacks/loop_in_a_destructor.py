# Loops in a destructor. Ends: status 102
class Last:
    def __del__(self):
        while True:
            pass


last = Last()
del last
