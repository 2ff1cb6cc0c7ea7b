"""Runs the collection under the Python that runs this file.

    python3 all.py [--scale S | --quick] [--only TEXT] [--list] [--json-lines]

  --scale S     does S times the work (above 0, at most 1) in every benchmark
  --quick       the same as --scale 0.01
  --only TEXT   only benchmarks whose "group/name" has TEXT in it; a full name
                selects that one alone
  --list        names them and runs nothing
  --json-lines  one JSON object per benchmark, for a program to read

Status 1 when a benchmark failed or had a wrong answer, 2 for wrong arguments.
"""

import sys

# No __pycache__ beside the sources; a Python that starts slowly reads little.
sys.dont_write_bytecode = True

from registry import benchmarks  # noqa: E402

GROUPS = [
    "misc",
    "brython",
    "arithmetic",
    "pystone",
    "p1list",
    "nbody",
    "uuids",
    "fib",
    "lambdas",
    "calls",
    "micro",
]

QUICK = 0.01


class Options:
    def __init__(self, arguments):
        self.scale = 1.0
        self.only = ""
        self.list = False
        self.json_lines = False
        rest = list(arguments)
        while rest:
            option, equals, value = rest.pop(0).partition("=")
            if option in ("--scale", "--only") and not equals:
                if not rest:
                    raise ValueError("%s needs a value" % option)
                value = rest.pop(0)
            elif equals and option not in ("--scale", "--only"):
                raise ValueError("%s takes no value" % option)
            if option == "--scale":
                self.scale = scale_of(value)
            elif option == "--only":
                self.only = value
            elif option == "--quick":
                self.scale = QUICK
            elif option == "--list":
                self.list = True
            elif option == "--json-lines":
                self.json_lines = True
            else:
                raise ValueError("unknown option '%s'; there is --help" % option)


def scale_of(text):
    try:
        scale = float(text)
    except ValueError:
        scale = 0.0
    if not 0 < scale <= 1:  # so is NaN
        raise ValueError("--scale '%s' is no number above 0 and at most 1" % text)
    return scale


def selected(only):
    """The benchmarks that `only` names; of the groups, only theirs are loaded."""
    group = only.partition("/")[0]
    for name in [group] if group in GROUPS and "/" in only else GROUPS:
        __import__(name)
    exact = [b for b in benchmarks if b.name == only]
    return exact or [b for b in benchmarks if only in b.name]


def print_list(chosen, json_lines):
    if not json_lines:
        for benchmark in chosen:
            print(benchmark.name)
        return
    import json
    import platform

    names = [benchmark.name for benchmark in chosen]
    print(
        json.dumps(
            {
                "implementation": platform.python_implementation(),
                "version": platform.python_version(),
                "names": names,
            }
        )
    )


def attempt(benchmark, scale):
    """(milliseconds, None) or (None, what went wrong): one cannot end the others."""
    try:
        return benchmark.run(scale), None
    except Exception as error:
        message = "%s: %s" % (type(error).__name__, error)
        return None, " ".join(message.split())


def print_json_line(name, milliseconds, failure):
    if failure is None:
        line = '{"name": "%s", "ms": %r}' % (name, milliseconds)
    else:
        import json  # only now: it is slow to import

        line = json.dumps({"name": name, "error": failure})
    print(line, flush=True)


def run_plain(chosen, scale):
    """The format that the collection has always had; returns whether all passed."""
    print("-" * 20)
    print("Running...", "%d benchmarks at scale %g" % (len(chosen), scale))
    total = 0.0
    passed = True
    for benchmark in chosen:
        milliseconds, failure = attempt(benchmark, scale)
        if failure is None:
            total += milliseconds
            print(benchmark.name, int(milliseconds), "ms", flush=True)
        else:
            passed = False
            print(benchmark.name, "failed:", failure, flush=True)
    print("Total: ", int(total), "ms")
    print("=" * 20)
    print("Grand total time: ", int(total), "ms")
    return passed


def run_json_lines(chosen, scale):
    passed = True
    for benchmark in chosen:
        milliseconds, failure = attempt(benchmark, scale)
        passed = passed and failure is None
        print_json_line(benchmark.name, milliseconds, failure)
    return passed


def main(arguments):
    if "--help" in arguments or "-h" in arguments:
        print(__doc__.strip())
        return 0
    try:
        options = Options(arguments)
        chosen = selected(options.only)
        if not chosen:
            raise ValueError("--only '%s' selects no benchmark; there is --list" % options.only)
    except ValueError as error:
        print("all.py: %s" % error, file=sys.stderr)
        return 2
    if options.list:
        print_list(chosen, options.json_lines)
        return 0
    run = run_json_lines if options.json_lines else run_plain
    return 0 if run(chosen, options.scale) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
