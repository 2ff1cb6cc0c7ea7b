# status: 42
# The status of sys.exit is the program's own.
import sys
def main():
    print("leaving")
    return 42
if __name__ == "__main__":
    sys.exit(main())
