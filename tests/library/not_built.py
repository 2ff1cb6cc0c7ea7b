"""CPython's modules in C for its own tests are not built: a test that calls into this one is skipped.

Only for files that import it before they know whether it is there (`EAGER` in main.rs): all of such a file would
be skipped, not only the few tests that use it.
"""

import sys
import unittest


def get_config():
    """The one thing that test.support asks; Python knows it, too."""
    return {"code_debug_ranges": "no_debug_ranges" not in sys._xoptions}


class NotBuilt:
    def __init__(self, name):
        self.name = name

    def refuse(self, *args, **kwargs):
        raise unittest.SkipTest(f"{__name__}.{self.name} is not built")

    __call__ = __mul__ = refuse


def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return NotBuilt(name)
