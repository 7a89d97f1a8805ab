"""Random bytes, and real requests with something changed: none may fail, hang, or hold the server.

Most go to an application in a process of their own, in batches that each begin with an emulator as seeded; the
batch and the seed make the requests, so any can be had again. A smaller part goes to gunicorn over sockets.

``python -m tests.speed.fuzz [--requests N] [--seed S] [--batch B] [--sockets N]``
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from functools import cache
from typing import Final

from tests.speed.batches import BATCH, offences
from tests.speed.fuzz_processes import in_process
from tests.speed.fuzz_sockets import over_sockets
from tests.speed.measure import Figure
from tests.speed.offences import Offence

#: Requests of a run, and how many of them go over sockets.
REQUESTS: Final = 200_000
SOCKETS: Final = 20_000


def distinct(results: Iterator[Offence]) -> Iterator[tuple[Offence, bool]]:
    """Give each offence, and whether it is the first of its kind and place."""
    marks: set[tuple[str, str]] = set()
    for offence in results:
        mark = offence.kind, offence.location
        yield offence, mark not in marks
        marks.add(mark)


@cache
def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/fuzz", description=__doc__)
    parser.add_argument("--requests", type=int, default=int(os.environ.get("BENCH_FUZZ", REQUESTS)))
    parser.add_argument("--sockets", type=int, default=None, help="how many of them go over sockets; a tenth")
    parser.add_argument("--server", default="gunicorn", help="what answers these")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batch", type=int, help="only this batch, in this process")
    return parser.parse_args()


def run(requests: int, sockets: int, seed: int, server: str = "gunicorn") -> Iterator[Offence]:
    """Send so many requests, and give every offence."""
    yield from in_process(seed, range(-(-(requests - sockets) // BATCH)))
    yield from over_sockets(seed, sockets, server)


def fuzz(requests: int = REQUESTS, sockets: int = SOCKETS, seed: int = 1) -> Iterator[Figure]:
    """Count the offences of a run, which `scripts/fuzz` shows."""
    count = 0
    for offence, is_new in distinct(run(requests, sockets, seed)):
        count += 1
        if is_new:
            sys.stderr.write(f"{offence}\n")
    yield Figure("fuzz", f"offences in {requests:,} requests, seed {seed}", count, None, "requests", 0)


def main() -> int:
    """Send the requests, and show the first offence of each kind and place."""
    options = _arguments()
    sockets = options.requests // 10 if options.sockets is None else options.sockets
    if options.batch is not None:
        results = offences(options.seed, options.batch)
    else:
        results = run(options.requests, sockets, options.seed, options.server)
    counts: dict[tuple[str, str], int] = {}
    for offence, is_new in distinct(results):
        mark = offence.kind, offence.location
        counts[mark] = counts.get(mark, 0) + 1
        if is_new:
            sys.stdout.write(f"{offence}\n\n")
            sys.stdout.flush()
    for (kind, location), count in sorted(counts.items(), key=lambda pair: -pair[1]):
        sys.stdout.write(f"{count:6} {kind}: {location}\n")
    total = sum(counts.values())
    sys.stdout.write(f"{options.requests:,} requests, seed {options.seed}: {total} offences\n")
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
