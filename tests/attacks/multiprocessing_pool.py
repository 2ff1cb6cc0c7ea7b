# Starts processes with multiprocessing and concurrent.futures. Ends: held
import concurrent.futures
import multiprocessing

for attempt in (lambda: multiprocessing.Process(target=print).start(), lambda: multiprocessing.Pool(2), lambda: concurrent.futures.ProcessPoolExecutor().submit(print, 1).result()):
    try:
        attempt()
        print("escaped:", attempt)
    except (OSError, ImportError, RuntimeError, NotImplementedError, AttributeError):
        pass
print("held")
