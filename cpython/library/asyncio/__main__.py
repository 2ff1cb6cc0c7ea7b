"""`python -m asyncio`: a prompt at which await works outside of functions.

CPython runs the loop beside the prompt, in another thread. There is none in
WASI: the loop, one for the whole session, runs while the prompt awaits.
At a terminal this prints only the banner; the prompt of the sandbox's host,
which awaits by itself, follows (_python_wasm_prompt.py).
"""

import asyncio
import os
import sys

# Only a host that has a prompt has asked for the agent before, and keeps it.
agent = sys.modules.get("_python_wasm")
has_prompt = agent is not None and not agent.is_released()


def main():
    """Says what CPython says, and reads from stdin if no prompt follows."""
    sys.audit("cpython.run_stdin")
    print(
        f"asyncio REPL {sys.version} on {sys.platform}\n"
        'Use "await" directly instead of "asyncio.run()".\n'
        'Type "help", "copyright", "credits" or "license" for more information.\n'
        f'{getattr(sys, "ps1", ">>> ")}import asyncio',
        file=sys.stderr,
    )
    names = {name: globals()[name] for name in (
        "asyncio", "__name__", "__package__", "__loader__", "__spec__", "__builtins__", "__file__")}
    if startup := os.environ.get("PYTHONSTARTUP"):
        sys.audit("cpython.run_startup", startup)
        import tokenize
        with tokenize.open(startup) as file:
            exec(compile(file.read(), startup, "exec"), names)
    if has_prompt:
        globals().clear()
        globals().update(names)
    else:
        interact(names)


def interact(names):
    """CPython's own console, with an await that runs the loop."""
    import code

    import _python_wasm_prompt as prompt

    class Console(code.InteractiveConsole):
        def runcode(self, code):
            try:
                prompt.execute(code, names)
            except SystemExit:
                raise
            except BaseException:
                self.showtraceback()

    console = Console(names, filename="<stdin>")
    console.compile.compiler.flags |= prompt.TOP_LEVEL_AWAIT
    console.interact(banner="", exitmsg="exiting asyncio REPL...")


if __name__ == "__main__":
    main()
