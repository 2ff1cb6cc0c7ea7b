# datetime, zoneinfo with its bundled data, calendar, time: fixed moments only.
import calendar
import time
import zoneinfo
from datetime import UTC, date, datetime, timedelta, timezone
d = datetime(2024, 2, 29, 13, 5, 9, 123456)
print(d, repr(d), d.isoformat(timespec="milliseconds"), d.strftime("%A %d %B %Y %I:%M %p %j %U %%"), d.weekday(), d.isocalendar())
print(d + timedelta(days=365), d - datetime(2000, 1, 1), timedelta(hours=25, microseconds=5), timedelta(days=-1, hours=1), d.replace(month=12))
print(date.fromisoformat("2023-W01-1"), datetime.fromisoformat("2020-01-02T03:04:05+05:30"), datetime.strptime("3 Mar 99", "%d %b %y"))
print(datetime.fromtimestamp(0, UTC), datetime(2001, 9, 9, 1, 46, 40, tzinfo=UTC).timestamp(), date(2024, 1, 1).toordinal(), date.max, datetime.min)
try:
    date(2023, 2, 29)
except ValueError as error:
    print(error)
for name in ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia"]:
    zone = zoneinfo.ZoneInfo(name)
    for month in (1, 7):
        moment = datetime(2023, month, 15, 12, tzinfo=UTC).astimezone(zone)
        print(name, moment, moment.tzname(), moment.dst())
berlin = zoneinfo.ZoneInfo("Europe/Berlin")
before = datetime(2023, 10, 29, 2, 30, tzinfo=berlin)
print(before.utcoffset(), before.replace(fold=1).utcoffset(), before.astimezone(UTC), (before + timedelta(hours=1)).isoformat())
print(datetime(2023, 3, 26, 2, 30, tzinfo=berlin).astimezone(UTC), timezone(timedelta(hours=-3, minutes=-30)))
print(len(zoneinfo.available_timezones()) > 400, "Europe/Berlin" in zoneinfo.available_timezones())
try:
    zoneinfo.ZoneInfo("Mars/Olympus")
except zoneinfo.ZoneInfoNotFoundError as error:
    print(error)
print(calendar.month(2024, 2), calendar.isleap(1900), calendar.monthrange(2023, 2), calendar.timegm((1970, 1, 2, 0, 0, 0)))
print(time.gmtime(86400)[:6], time.strftime("%Y-%m-%d", time.gmtime(0)), time.strptime("30 Nov 00", "%d %b %y")[:3], time.tzname[0], time.timezone)
start = time.monotonic()
time.sleep(0.01)
print(time.monotonic() - start >= 0.01, time.time() > 1.6e9, time.perf_counter() > 0, time.process_time() >= 0)
