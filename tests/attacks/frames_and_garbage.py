# Searches all frames and objects for traces of the host. Ends: held
import gc
import sys

frame = sys._getframe()
while frame:
    assert "canary" not in " ".join(key for key in frame.f_locals if key != "__doc__")
    frame = frame.f_back
token = "-".join(["hidden", "in", "the", "host"])
assert not any(token in item for item in gc.get_objects() if type(item) in (str, tuple, list, set, dict))
print("held")
