# Hashes nested tuples, where CPython does not count the depth. Ends: status 107
value = ()
for _ in range(1_000_000):
    value = (value,)
hash(value)
