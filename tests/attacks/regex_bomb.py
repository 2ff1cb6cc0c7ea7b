# Matches a regular expression that takes exponential time. Ends: status 102
import re

re.match(r"(a+)+$", "a" * 60 + "b")
