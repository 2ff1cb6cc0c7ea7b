# A cycle through operator.methodcaller is collected: its tp_clear had a type that trapped.
import gc
import operator
import weakref


class Thing:
    pass


for arguments in ((), (1, 2)):
    thing = Thing()
    thing.call = operator.methodcaller("append", thing, *arguments)
    gone = weakref.ref(thing)
    del thing
    gc.collect()
    print(gone())
