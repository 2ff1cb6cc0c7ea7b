"""What most programs import."""

from parts import TEXT, part


@part(5)
def regular_expressions():
    import re

    text = TEXT * 5
    word = re.compile(r"\b(?P<head>[A-Za-z])(\w*)\b")
    heads = [m["head"] for m in word.finditer(text)]
    numbers = re.findall(r"\d+(?:\.\d+)?", text)
    mails = re.search(r"<([\w.]+)@([\w.]+)>", text).groups()
    snake = re.sub(r"[^a-z0-9]+", lambda m: "_" if len(m[0]) < 3 else "-", text.lower())
    return heads, numbers, mails, snake, re.split(r"[;,]\s*", text), re.fullmatch(r"(a|b)*c", "abababc")


@part(5)
def serialisation():
    import copy
    import json
    import pickle
    import struct

    record = {"id": 7, "name": "Größe", "tags": ["a", "b"], "ok": True, "none": None, "x": [1.5, -2e10, {"y": []}]}
    records = [dict(record, id=i) for i in range(12)]
    text = json.dumps(records, indent=1, sort_keys=True)
    assert json.loads(text) == records and json.loads(json.dumps(records)) == records
    assert pickle.loads(pickle.dumps(records)) == records
    packed = b"".join(struct.pack("<IhdQ", i, -i, i / 3, i << 33) for i in range(40))
    return [n for n in struct.iter_unpack("<IhdQ", packed)][3], copy.deepcopy(records[:4]), copy.copy(record)


@part(3)
def files_and_formats():
    import base64
    import csv
    import io
    import os
    import tempfile
    import zlib

    rows = [[str(i), "name %d" % i, 'say "%d"' % i] for i in range(50)]
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    assert list(csv.reader(io.StringIO(buffer.getvalue()))) == rows
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "data.txt")
        with open(path, "w", encoding="utf-8") as file:
            for row in rows:
                print(*row, sep=";", file=file)
            file.write(TEXT)
        with open(path, encoding="utf-8") as file:
            lines = [line.rstrip("\n").split(";") for line in file]
        with open(path, "rb") as file:
            data = file.read()
        listing = os.listdir(folder), os.stat(path).st_size, os.path.splitext(os.path.basename(path))
    packed = zlib.compress(data)
    assert zlib.decompress(packed) == data and base64.b64decode(base64.b64encode(data)) == data
    return lines[3], listing, zlib.crc32(data)


@part(3)
def library_classes():
    import dataclasses
    import datetime
    import enum
    import pathlib
    import string
    import textwrap
    import typing

    @dataclasses.dataclass(order=True)
    class Item:
        name: str
        price: float = 1.0
        tags: typing.List[str] = dataclasses.field(default_factory=list)

    class Colour(enum.Enum):
        RED = 1
        BLUE = enum.auto()

    items = sorted(Item("i%d" % (i % 7), i / 3) for i in range(40))
    day = datetime.datetime(2024, 2, 28, 23, 59)
    days = [(day + datetime.timedelta(hours=i)).isoformat() for i in range(40)]
    days.append(datetime.datetime.strptime("2024-05-06", "%Y-%m-%d").strftime("%A %j"))
    path = pathlib.PurePosixPath("/usr/lib") / "python" / "module.py"
    template = string.Template("$who owes $what").substitute(who="A", what=3)
    return items[3], dataclasses.asdict(items[0]), days, Colour(1).name, path.stem, path.parts, template, textwrap.fill(TEXT)


@part(2)
def logging_and_arguments():
    import argparse
    import configparser
    import io
    import logging

    stream = io.StringIO()
    logger = logging.Logger("training")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(levelname)s:%(name)s:%(message)s"))
    logger.addHandler(handler)
    for i in range(40):
        logger.info("%d of %s", i, "forty") if i % 2 else logger.debug("odd")
    parser = argparse.ArgumentParser(prog="training")
    parser.add_argument("--count", type=int, default=3)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args(["--count", "5", "a", "b"])
    config = configparser.ConfigParser()
    config.read_string("[a]\nx = 1\ny = %(x)s2\n")
    return options.count, config.getint("a", "y"), len(stream.getvalue())


@part(2)
def hashes_and_databases():
    import difflib
    import hashlib
    import sqlite3

    digests = [hashlib.sha256(str(i).encode()).hexdigest() for i in range(20)]
    digests.append(hashlib.md5(TEXT.encode()).hexdigest())
    with sqlite3.connect(":memory:") as database:
        database.execute("create table t (id integer primary key, name text, price real)")
        database.executemany("insert into t (name, price) values (?, ?)", [(d[:6], i / 3) for i, d in enumerate(digests)])
        rows = database.execute("select name, price from t where price > 2 order by name limit 5").fetchall()
    return rows, list(difflib.unified_diff(TEXT.splitlines(), TEXT.upper().splitlines(), lineterm=""))[:4]


@part(2)
def xml_and_html():
    import html
    import urllib.parse
    import xml.etree.ElementTree as tree

    root = tree.Element("list")
    for i in range(20):
        tree.SubElement(root, "item", id=str(i)).text = html.escape("<%d>" % i)
    again = tree.fromstring(tree.tostring(root))
    url = urllib.parse.urlsplit("https://user@example.org:80/a/b?x=1&y=%20z#end")
    return [item.get("id") for item in again.iter("item")], urllib.parse.parse_qs(url.query), urllib.parse.quote(TEXT)
