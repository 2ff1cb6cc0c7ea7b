# status: 1
# An uncaught exception group is printed as a tree.
raise ExceptionGroup("several things", [ValueError("one"), ExceptionGroup("inner", [KeyError("two"), OSError("three")])])
