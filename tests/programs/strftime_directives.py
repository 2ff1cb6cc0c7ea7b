# Every directive of strftime, its flags and widths, and what is none: as glibc has them.
import datetime
import string
import time

moment = datetime.datetime(2024, 3, 4, 15, 6, 7, 89)
print(repr(moment.strftime("at %I:%M %P on %A")))
print(repr(moment.strftime("%l:%M %p")))
print(repr(moment.strftime("100%")))
print(repr(time.strftime("%H:%M:%S.%f", moment.timetuple())))

times = [(2024, 3, 4, 15, 6, 7, 0, 64, 0), (1999, 12, 31, 0, 0, 61, 4, 365, 0), (987, 1, 1, 12, 30, 0, 0, 1, 0)]
for letter in string.ascii_letters + "%+":
    if letter in "sZz":
        continue
    for form in ("%", "%-", "%_", "%0", "%^", "%#", "%12", "%-5", "%_5", "%05", "%E", "%O"):
        print(form + letter, [time.strftime(form + letter, t) for t in times])
print([time.strftime(f, times[0]) for f in ("", "%", "%%", "%5", "%-", "ä%d€", "%E", "%d%", "%1000d")])
