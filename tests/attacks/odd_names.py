# Writes dots and slashes in other ways: full-width letters, other cases, escapes. Ends: held
for path in ["/data/․․/canary", "/data/．．/canary", "/data/..／canary", "/data/%2e%2e/canary", "/data/..\\canary", "/DATA/../canary",
             "/data/.. /canary", "/data/...//canary", "/data/\u200b../canary", "file:///data/../canary", "//server/share/canary", "C:\\canary"]:
    try:
        print("escaped:", open(path).read())
    except OSError:
        pass
print("held")
