# Calls the functions through which the host controls this interpreter. Ends: status 0
import os
import sys

try:
    import _python_wasm
except ImportError:
    _python_wasm = None
for module in [_python_wasm, sys.modules.get("_python_wasm_host")]:
    for name in dir(module):
        if name.startswith("__") or not callable(getattr(module, name)):
            continue
        for arguments in [(), (1,), (b"",), ("../canary",), ({},), (-1, -1), ("x" * 100_000,)]:
            try:
                result = getattr(module, name)(*arguments)
                assert "-".join(["hidden", "in", "the", "host"]) not in repr(result)
            except (Exception, KeyboardInterrupt):
                pass
# It may only have closed or ended things of its own.
os._exit(0)
