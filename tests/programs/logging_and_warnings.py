# logging with handlers and formatters, warnings with filters, traceback inside log records.
import io
import logging
import logging.config
import logging.handlers
import warnings
stream = io.StringIO()
logging.basicConfig(stream=stream, level=logging.INFO, format="%(levelname)s:%(name)s:%(message)s")
log = logging.getLogger("app.part")
log.debug("hidden")
log.info("shown %d", 1)
log.warning("with %(key)s", {"key": "value"})
try:
    1 / 0
except ZeroDivisionError:
    log.exception("failed")
print("\n".join(line for line in stream.getvalue().splitlines() if not line.startswith("  File")))
handler = logging.handlers.MemoryHandler(10)
child = logging.getLogger("app.part.child")
child.addHandler(handler)
child.propagate = False
child.error("kept")
print(handler.buffer[0].getMessage(), child.getEffectiveLevel(), log.isEnabledFor(10))
rotating = logging.handlers.RotatingFileHandler("/tmp/x.log", maxBytes=50, backupCount=2)
logging.getLogger("rotating").addHandler(rotating)
for n in range(10):
    logging.getLogger("rotating").error("message number %d", n)
import os
print(sorted(name for name in os.listdir("/tmp") if name.startswith("x.log")))
logging.config.dictConfig({"version": 1, "handlers": {"h": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "f"}}, "formatters": {"f": {"format": "{levelname[0]} {message}", "style": "{"}}, "root": {"handlers": ["h"], "level": "DEBUG"}})
logging.debug("to stdout")
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    warnings.warn("old", DeprecationWarning)
    warnings.warn("user")
print([(w.category.__name__, str(w.message)) for w in caught])
with warnings.catch_warnings():
    warnings.simplefilter("error")
    try:
        eval("1 is 1")
    except SyntaxError as error:
        print(error.msg)
@warnings.deprecated("use new")
def old():
    return 1
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    old()
print(caught[0].message)
