# status: 1
# A syntax error in the script itself: shown with its line and a caret, before anything runs.
print("never printed")
def broken(:
    pass
