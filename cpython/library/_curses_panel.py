"""Panels over the windows of curses, of which there are none: see _curses.py."""

from _curses import _refusing


class error(Exception):
    __module__ = "_curses_panel"


version = __version__ = "2.1"

new_panel, top_panel, bottom_panel, update_panels = map(
    _refusing, ("new_panel", "top_panel", "bottom_panel", "update_panels"))


class panel:
    def __new__(cls, *args, **kwargs):
        raise TypeError("cannot create '_curses_panel.panel' instances")
