# Walks from a tuple to all classes that could run a command. Ends: held
found = 0
for cls in ().__class__.__base__.__subclasses__():
    if cls.__name__ in ("_wrap_close", "Popen", "BuiltinImporter", "FileLoader", "catch_warnings"):
        found += 1
        names = getattr(cls.__init__, "__globals__", {})
        for name in ["system", "popen"]:
            try:
                print("escaped:", names[name]("id"))
            except (KeyError, OSError):
                pass
assert found > 0
print("held")
