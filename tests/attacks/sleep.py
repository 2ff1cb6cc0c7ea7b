# Sleeps for years. Ends: status 102
import time

time.sleep(9_999_999)
