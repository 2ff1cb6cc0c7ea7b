# json: round trips, options, errors, custom types, streams of large numbers.
import io
import json
from datetime import date
value = {"name": "Größe 🐍", "list": [1, 2.5, None, True, "\u2028\n\t\"\\"], "nested": {"a": {}, "b": []}, "big": 10**30, "e": 1e-10}
text = json.dumps(value)
print(text)
print(json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True))
print(json.loads(text) == value, json.dumps([1, 2], separators=(",", ":")), json.dumps({1: 2, None: 3, True: 4}))
for bad in ['{"a": }', "[1, 2", "nul", '"\x01"', "", "[1,]", '{"a":1,}', "1 2", "'a'"]:
    try:
        json.loads(bad)
    except json.JSONDecodeError as error:
        print(error)
print(json.loads("[NaN, Infinity, -0, 1E2, 1.0]"), json.loads('"\\ud83d\\udc0d\\u00e9"'))
try:
    json.dumps({1, 2})
except TypeError as error:
    print(error)
class Encoder(json.JSONEncoder):
    def default(self, o):
        return o.isoformat() if isinstance(o, date) else super().default(o)
print(json.dumps({"day": date(2024, 1, 2)}, cls=Encoder), json.loads('{"x": 1}', object_hook=lambda d: tuple(d.items())))
from decimal import Decimal
print(json.loads("1.10", parse_float=Decimal), json.JSONDecoder().raw_decode('{"a": 1} tail'))
stream = io.StringIO()
json.dump(list(range(1000)), stream)
print(len(stream.getvalue()), sum(json.loads(stream.getvalue())))
loop = []
loop.append(loop)
try:
    json.dumps(loop)
except ValueError as error:
    print(error)
import tomllib
print(tomllib.loads('title = "T"\n[a.b]\nwhen = 1979-05-27T07:32:00Z\nxs = [1, 2.5, 0x1F]\ninline = {k = true}'))
try:
    tomllib.loads("a = ")
except tomllib.TOMLDecodeError as error:
    print(error)
