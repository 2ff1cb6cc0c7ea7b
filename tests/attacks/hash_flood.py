# Fills a dictionary with keys that share one hash. Ends: status 102
class Key:
    def __hash__(self):
        return 1

    def __eq__(self, other):
        return False


table = {}
while True:
    table[Key()] = 1
