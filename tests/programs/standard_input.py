# stdin: first line\nzweite Zeile ü\n\n4 5 6\nrest\nof it
# input() and sys.stdin read a pipe in the ways that programs do, to the end.
import sys
print(repr(input("prompt> ")), repr(input()), repr(input()))
print(sum(map(int, input().split())))
print(repr(sys.stdin.readline()), repr(sys.stdin.read()), repr(sys.stdin.read()))
try:
    input()
except EOFError as error:
    print("EOF:", error)
