# Unpickles lists that double forty times and prints them. Ends: status 102
import pickle

data = b"(lp0\n" + b"".join(b"(g%d\ng%d\nlp%d\n" % (n, n, n + 1) for n in range(40)) + b"."
print(len(repr(pickle.loads(data))))
