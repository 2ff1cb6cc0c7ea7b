# Fetches URLs with every scheme that urllib supports. Ends: held
import urllib.request

for url in ["http://127.0.0.1/", "https://127.0.0.1/", "ftp://127.0.0.1/x", "file:///etc/passwd", "file:///data/../canary", "data:,x"]:
    try:
        content = urllib.request.urlopen(url, timeout=1).read()
        assert url.startswith("data:"), url
    except Exception as error:
        assert not url.startswith("data:"), error
print("held")
