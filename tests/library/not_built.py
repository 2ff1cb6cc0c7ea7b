"""Stands in for one of CPython's test-only modules in C, which are not built: a test that uses it is skipped.

Only for files that import it without checking that it exists (`EAGER` in main.rs): without this stand-in the whole
file would be skipped, not only the few tests that use the module.
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
