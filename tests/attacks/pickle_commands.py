# Unpickles objects that run commands. Ends: held
import pickle

for data in [b"cos\nsystem\n(S'id'\ntR.", b"csubprocess\ncheck_output\n(S'id'\ntR.", b"cbuiltins\nopen\n(S'/etc/passwd'\ntR."]:
    try:
        print("escaped:", pickle.loads(data))
    except (OSError, AttributeError):
        pass
print("held")
