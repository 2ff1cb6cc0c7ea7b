"""Random UUIDs: the price of asking the system for entropy."""

from uuid import RFC_4122, uuid4

from registry import benchmark


@benchmark("uuids/uuid4", 100_000, (4, RFC_4122, True))
def uuid4_loop(count):
    first = uuid4()
    for _ in range(count):
        last = uuid4()
    return last.version, last.variant, first != last
