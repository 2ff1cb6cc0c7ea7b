# Starts threads, and a thousand if one starts. Ends: held
import _thread
import threading

for attempt in (lambda: threading.Thread(target=print).start(), lambda: _thread.start_new_thread(print, ())):
    try:
        for _ in range(1000):
            attempt()
        print("escaped:", attempt)
    except RuntimeError:
        pass
print("held")
