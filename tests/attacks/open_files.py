# Opens files until no more are allowed, then goes on with those it has. Ends: held
kept = []
try:
    while True:
        kept.append(open("/data/file"))
except OSError as error:
    assert 100 < len(kept) < 256, (len(kept), error)
kept.clear()
assert open("/data/file").read() == "write me"
print("held")
