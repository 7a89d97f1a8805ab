"""Clients that work beside clients that stall: 200 silent connections, 200 half-sent heads, 100 half-sent bodies.

Both kinds of client are in processes of their own. A connection that the server closes is opened again, so that
the numbers stay. Half of the heads go on by a byte a second, the other half not at all.

``python -m tests.speed.stalling [--server NAME] [--seconds N] [-- OPTIONS OF fake-nova serve]``
"""

from __future__ import annotations

import argparse
import json
import os
import selectors
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import Final

from tests.speed.measure import Figure
from tests.speed.server import Server
from tests.speed.stalling_clients import raise_limit, stall
from tests.speed.working_clients import WORKING, Latencies, work

SECONDS: Final = 60.0

#: Most milliseconds that the slowest hundredth of the answers may come later.
MAX_DELAY: Final = 100


def _working(url: str, seconds: float) -> Latencies:
    command = (sys.executable, "-m", "tests.speed.stalling", "--work", url, "--seconds", str(seconds))
    process = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return Latencies(*json.loads(process.stdout))


class _Stalling:
    """The stalling clients in a process of their own, until the end of the block."""

    def __init__(self, url: str) -> None:
        command = (sys.executable, "-m", "tests.speed.stalling", "--stall", url)
        self._process: Final = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            if selector.select(60):
                self._process.stdout.readline()

    def end(self) -> dict[str, int]:
        """Let them go, and return how many connections each kind has opened."""
        output, _ = self._process.communicate("end\n")
        counts: dict[str, int] = json.loads(output or "{}")
        return counts


def compare(
    server: str, seconds: float, options: Sequence[str] = ()
) -> tuple[Latencies, Latencies, dict[str, int]]:
    """Return what working clients see of a server alone, and beside stalling ones, and how many these were."""
    raise_limit()
    with Server("--server", server, *options) as fake:
        _working(fake.url, min(2, seconds))  # warm
        alone = _working(fake.url, seconds)
        stallers = _Stalling(fake.url)
        try:
            beside = _working(fake.url, seconds)
        finally:
            counts = stallers.end()
        return alone, beside, counts


def stalling() -> Iterator[Figure]:
    """Measure both servers; ``BENCH_STALLED`` is another number of seconds."""
    seconds = float(os.environ.get("BENCH_STALLED", SECONDS))
    for server in ("gunicorn", "granian"):
        alone, beside, counts = compare(server, seconds)
        connections = ", ".join(f"{count:,} {kind}" for kind, count in counts.items())
        where = f"{WORKING} working clients, {server}"
        for name in ("p50", "p99", "longest"):
            yield Figure(
                "stalled",
                f"{where}, {name} for {seconds:g} s beside stalled ones, and without",
                getattr(beside, name),
                getattr(alone, name),
                "ms",
            )
        yield Figure(
            "stalled",
            f"{where}: p99 later by (opened: {connections})",
            beside.p99 - alone.p99,
            None,
            "ms",
            MAX_DELAY,
        )
        failures = [*alone.failures, *beside.failures]
        why = f" ({failures[0]})" if failures else ""
        what = f"{where}: requests of {alone.answers + beside.answers:,} that failed{why}"
        yield Figure("stalled", what, len(failures), None, "requests", 0)


def main() -> None:
    """Work, stall, or compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", metavar="URL")
    parser.add_argument("--stall", metavar="URL")
    parser.add_argument("--server", default="gunicorn")
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("options", nargs="*")
    options = parser.parse_args()
    if options.work:
        sys.stdout.write(json.dumps(work(options.work, options.seconds)))
    elif options.stall:
        stall(options.stall)
    else:
        alone, beside, counts = compare(options.server, options.seconds, options.options)
        for what, latencies in (("alone", alone), ("beside", beside)):
            percentiles = (
                f"p50 {latencies.p50:.1f} ms, p99 {latencies.p99:.1f}, longest {latencies.longest:.1f}"
            )
            sys.stdout.write(
                f"{what:6} {percentiles}; {latencies.answers:,} answers, {len(latencies.failures)} failures\n"
            )
            sys.stdout.write("".join(f"       {why}\n" for why in sorted(set(latencies.failures))[:5]))
        sys.stdout.write(f"opened {counts}\n")


if __name__ == "__main__":
    main()
