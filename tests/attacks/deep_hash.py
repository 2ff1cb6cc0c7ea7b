# Hashes tuples in tuples, where CPython counts nothing. Ends: status 107
value = ()
for _ in range(1_000_000):
    value = (value,)
hash(value)
