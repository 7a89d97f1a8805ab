"""How long one request or document holds the server, at n, 2n and 4n: what a client sends must cost in proportion.

The last of the three is the largest that the service takes, or the size at which a fault was once found. Each row
runs in a process of its own, which is ended if it takes too long. The time is CPU of that process, the least of
three requests that differ in their length by one, so that no cache knows them. A failure of the service's own (500)
counts as for ever.

``python -m tests.speed.growth [WORD …]`` measures only the rows that have one of these words in their name.
"""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import sys
import time
from collections.abc import Iterable, Iterator
from math import inf
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from tests.speed.bounds import bounds
from tests.speed.exchange import Request
from tests.speed.measure import Figure
from tests.speed.rows import rows
from tests.speed.rows.row import Make, Row
from tests.speed.worlds import NOVA, Action, World, get

#: Most milliseconds that a request may hold the server.
MAX_MILLISECONDS = 50.0

#: Most milliseconds of a fixture document, which asks for work; or else three times those of a valid one.
_MAX_DOCUMENT_MILLISECONDS = 100.0

#: Seconds after which a row is ended: that of one request, and that of all that has to be there before.
_PATIENCE = 10.0
_PREPARATION = 60.0

#: A size at which a request takes longer than this many milliseconds is the last that is tried.
_ENOUGH = 3000.0


class Times(NamedTuple):
    """What a row took.

    Attributes:
        milliseconds: at n, 2n and 4n, as far as that went; `inf` for what was ended, or failed.
        reference: at the last size, of the same document without its faults; None for a row without one.
        note: what went wrong.
    """

    milliseconds: list[float]
    reference: float | None
    note: str


def measure(row: Row) -> Times:
    """Measure a row in a process of its own."""
    context = multiprocessing.get_context("fork")
    parent_end, child_end = context.Pipe()
    process = context.Process(target=_measure, args=(row, child_end), daemon=True)
    process.start()
    child_end.close()
    times: list[float] = []
    beside: float | None = None
    note = ""
    patience, since = _PREPARATION, 0.0
    latest = time.monotonic() + 10 * patience
    try:
        while True:
            if not parent_end.poll(0.5):
                cpu = _cpu_seconds(process.pid or 0) - since
                if cpu < patience and time.monotonic() < latest:
                    continue
                note = f"ended after {patience:g} s"
                break
            kind, value = parent_end.recv()
            if kind == "end":
                return Times(times, beside, note)
            if kind == "time":
                times.append(value)
            elif kind == "beside":
                beside = value
            elif kind == "failed":
                times.append(inf)
                note = value
            patience = _PATIENCE if kind == "ready" else _PREPARATION
            since = _cpu_seconds(process.pid or 0)
            latest = time.monotonic() + 10 * patience  # for one that sleeps
    except EOFError:
        note = "its process died"
    finally:
        process.kill()
        process.join()
    return Times([*times, inf], beside, note)


def _cpu_seconds(pid: int) -> float:
    """Return the CPU time of another process; it does not move while that one sleeps."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _measure(row: Row, parent: Connection) -> None:
    logging.disable(logging.CRITICAL)
    gc.freeze()
    for factor in (1, 2, 4):
        try:
            elapsed = _least(row, row.make, row.base * factor, parent)
        except Exception as error:  # whatever goes wrong is the row's result
            parent.send(("failed", f"{type(error).__name__}: {str(error)[:100]}"))
            break
        parent.send(("time", elapsed))
        if elapsed > _ENOUGH:
            break
        if factor == 4 and row.reference is not None:
            parent.send(("beside", _least(row, row.reference, row.base * factor, parent)))
    parent.send(("end", None))


def _least(row: Row, make: Make, n: int, parent: Connection) -> float:
    """Return the milliseconds that a request of size n takes, of three that no cache knows."""
    world = World(row.fixture, **row.settings)
    world.ask(get(NOVA))
    world.ask(get("/image/v2/nowhere"))
    least = inf
    action: Action | None = None
    for extra in range(3):
        if action is None or not row.repeats_action:
            subject = make(world, n + extra)
            action = world.prepare(subject) if isinstance(subject, Request) else subject
        gc.collect()
        parent.send(("ready", None))
        start = time.process_time()
        action()
        elapsed = (time.process_time() - start) * 1000
        parent.send(("done", None))
        least = min(least, elapsed)
        if elapsed > _ENOUGH / 3:
            break
    return least


def figure_of(row: Row, times: Times) -> Figure:
    """Return a row's line of the table."""
    numbers = ", ".join("for ever" if value == inf else f"{value:.3g}" for value in times.milliseconds)
    note = f"; {times.note}" if times.note else ""
    what = f"{row.title} (n = {row.base:,}: {numbers} ms{note})".replace("|", "\\|")
    worst = max(times.milliseconds)
    if times.reference is not None and worst > _MAX_DOCUMENT_MILLISECONDS:
        return Figure("growth", what, worst, times.reference, "ms", 3)
    if times.reference is not None:
        return Figure("growth", what, worst, None, "ms", _MAX_DOCUMENT_MILLISECONDS)
    return Figure("growth", what, worst, None, "ms", MAX_MILLISECONDS)


def growth(keywords: Iterable[str] = ()) -> Iterator[Figure]:
    """Measure every row and every bound, or the rows that have one of *keywords* in their name."""
    filters = tuple(keywords)
    for row in rows():
        if not filters or any(keyword in row.title for keyword in filters):
            yield figure_of(row, measure(row))
    if not filters:
        yield from bounds()


def main() -> None:
    """Print the rows, the worst last."""
    figures = []
    for figure in growth(sys.argv[1:]):
        figures.append(figure)
        mark = "    " if figure.meets_goal else "OVER"
        print(f"{mark} {figure.value:10.3f} {figure.what}", flush=True)  # noqa: T201
    misses = sorted((figure for figure in figures if not figure.meets_goal), key=lambda figure: figure.value)
    print(f"\n{len(figures)} rows, {len(misses)} over")  # noqa: T201


if __name__ == "__main__":
    main()
