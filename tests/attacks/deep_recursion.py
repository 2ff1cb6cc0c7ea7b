# Recurses with the limit raised fifty times. Ends: raises RecursionError
import sys

sys.setrecursionlimit(50_000)


def down(depth):
    return down(depth + 1) + 1


down(0)
