# Features that WASI lacks raise an exception that can be caught and never trap; imports work.
import os
import socket
import subprocess
import threading
import sys
def attempt(name, function, *expected):
    try:
        function()
    except expected as error:
        print(name, "refused")
    else:
        print(name, "worked?!")
attempt("thread", threading.Thread(target=print).start, RuntimeError)
attempt("process", lambda: subprocess.run(["ls"]), OSError)
attempt("system", lambda: os.system("ls"), OSError, AttributeError)
attempt("fork", lambda: os.fork(), OSError, AttributeError)
attempt("socket", lambda: socket.create_connection(("127.0.0.1", 80)), OSError)
attempt("name", lambda: socket.getaddrinfo("localhost", 80), OSError)
def fetch():
    import urllib.request
    urllib.request.urlopen("http://example.org/")
attempt("http", fetch, OSError)
def pool():
    import multiprocessing
    multiprocessing.Pool(1)
attempt("pool", pool, OSError, ImportError, RuntimeError)
def executor():
    from concurrent.futures import ThreadPoolExecutor
    ThreadPoolExecutor(1).submit(print).result(timeout=1)
attempt("executor", executor, RuntimeError)
def load():
    import ctypes
    ctypes.CDLL("libc.so.6")
attempt("library", load, OSError)
import ctypes
print(ctypes.sizeof(ctypes.c_long), ctypes.sizeof(ctypes.c_void_p), ctypes.sizeof(ctypes.c_longlong))
print(ctypes.Array[ctypes.c_int])

import platform
print(platform.platform(), platform.libc_ver())
attempt("kill", lambda: os.kill(1, 9), OSError, AttributeError)
import queue
import select
import selectors
import concurrent.futures
import signal
q = queue.Queue()
q.put(1)
print(q.get(), threading.current_thread().name, threading.active_count(), os.cpu_count() is None or os.cpu_count() > 0)
lock = threading.Lock()
with lock:
    print(lock.locked(), lock.acquire(blocking=False))
local = threading.local()
local.x = 5
print(local.x, signal.getsignal(signal.SIGINT) is signal.default_int_handler, os.getpid() > 0, sys.platform, os.name, os.sep, os.linesep == "\n")
print(os.environ.get("HOME"), sys.flags.interactive, sys.stdin.isatty(), sys.stdout.isatty())
