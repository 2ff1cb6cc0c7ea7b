"""The command ``python-wasm-mcp``, also as ``python -m python_wasm.mcp``: sandboxes for agents.

It serves the Model Context Protocol on standard input and output. ``python-wasm-mcp --help`` lists its options.
"""

from __future__ import annotations

import signal
import sys
from typing import NoReturn

from . import _native


def main() -> NoReturn:
    """Runs the command with the arguments of this process, to the end of its input."""
    # The server takes no Python of the host to its end, so the system's own handler is the one that works.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.exit(_native.mcp(sys.argv[1:]))


if __name__ == "__main__":
    main()
