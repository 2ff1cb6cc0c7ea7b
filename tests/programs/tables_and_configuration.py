# csv, configparser, argparse, shlex, getopt, pprint, reprlib.
import argparse
import configparser
import csv
import getopt
import io
import pprint
import reprlib
import shlex
rows = list(csv.reader(io.StringIO('a,b,"c,d"\n1,"x\ny","say ""hi"""\n,,\n')))
print(rows)
out = io.StringIO()
writer = csv.DictWriter(out, ["name", "note"], quoting=csv.QUOTE_MINIMAL, lineterminator="\n")
writer.writeheader()
writer.writerow({"name": "Ann", "note": 'comma, "quote"'})
print(out.getvalue(), list(csv.DictReader(io.StringIO("x;y\n1;2"), delimiter=";")), csv.Sniffer().sniff("a;b\n1;2\n").delimiter)
config = configparser.ConfigParser()
config.read_string("[DEFAULT]\nroot = /srv\n[site]\npath = %(root)s/www\nport: 8080\ndebug = yes\n; comment\nlines = a\n  b\n")
site = config["site"]
print(site["path"], site.getint("port"), site.getboolean("debug"), site["lines"].split(), config.sections(), site.get("none", "fallback"))
parser = argparse.ArgumentParser(prog="tool", description="A tool.")
parser.add_argument("file", nargs="+", help="input files")
parser.add_argument("-n", "--number", type=int, default=3, help="how many (default: %(default)s)")
parser.add_argument("--mode", choices=["fast", "slow"])
parser.add_argument("-v", action="count", default=0)
print(parser.parse_args(["a", "b", "-n5", "--mode=fast", "-vv"]))
print(parser.format_usage(), end="")
try:
    argparse.ArgumentParser(exit_on_error=False).parse_args(["--none"])
except (argparse.ArgumentError, SystemExit) as error:
    print(type(error).__name__)
print(shlex.split("a 'b c' \"d\\\"e\" f\\ g"), shlex.quote("it's"), shlex.join(["x y", "z"]), getopt.getopt(["-a", "--long=5", "rest"], "a", ["long="]))
pprint.pprint({"b": list(range(30)), "a": {"deep": ["x" * 30, "y" * 30]}}, width=60)
print(reprlib.repr(list(range(100))), reprlib.repr("x" * 100))
