# Every module that the standard library has by name is imported, but for those that are printed: they are for other
# systems, or for windows, or the part in C of one that works without it.
import sys
import warnings

warnings.simplefilter("ignore")
# These act when they are imported: one opens a browser, one prints.
loud = {"antigravity", "this"}
for name in sorted(sys.stdlib_module_names - loud):
    try:
        __import__(name)
    except Exception as error:
        print(name, type(error).__name__)
# So is everything inside a package that programs import by its own name.
import importlib
for name in """
    asyncio.sslproto curses.ascii curses.has_key curses.panel curses.textpad ctypes.util dbm.dumb dbm.sqlite3
    ensurepip email.mime.text http.server logging.handlers multiprocessing.pool multiprocessing.managers
    pip urllib.request venv wsgiref.simple_server xml.etree.ElementTree xmlrpc.server
""".split():
    try:
        importlib.import_module(name)
    except Exception as error:
        print(name, type(error).__name__, error)
