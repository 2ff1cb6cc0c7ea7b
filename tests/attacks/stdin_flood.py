# Reads more input than there is. Ends: raises EOFError
import sys

assert sys.stdin.read() == ""
input()
