# Goes back to sleep whenever it is woken. Ends: status 102
import time

while True:
    try:
        time.sleep(1000)
    except BaseException:
        pass
