"""Batches of random requests to an application in a process of its own."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.speed.batches import batch, cloud_of, shrink
from tests.speed.offences import MAX_MILLISECONDS, Offence, Session, is_work, operation_of
from tests.speed.server import PATIENCE


class _Progress(NamedTuple):
    """What a process that sends batches shares: the batch and the request that it is at."""

    number: Any
    at: Any


def _times(seed: int, number: int, last: int) -> float:
    """Send a batch again up to a request, and return the milliseconds of that one."""
    session = Session(cloud_of(number))
    elapsed = 0.0
    for at, request in enumerate(batch(seed, number)):
        gc.collect() if at == last else None
        _, elapsed = session.send(request, "")
        if at == last:
            break
    return elapsed


def _send_batches(seed: int, numbers: range, progress: _Progress, results: Any) -> None:
    logging.getLogger("fake_nova").propagate = False
    gc.freeze()
    marks: set[tuple[str, str]] = set()
    for number in numbers:
        progress.at.value, progress.number.value = 0, number
        session = Session(cloud_of(number))
        slow: list[int] = []
        for at, request in enumerate(batch(seed, number)):
            progress.at.value = at
            offence, elapsed = session.send(request, f"batch {number}, request {at}")
            if offence is not None:
                mark = offence.kind, offence.location
                results.put(offence if mark in marks else shrink(offence, number))
                marks.add(mark)
            if elapsed > MAX_MILLISECONDS and not is_work(request):
                slow.append(at)
        for at in slow:
            elapsed = min(_times(seed, number, at) for _ in range(2))
            if elapsed > MAX_MILLISECONDS:
                request = list(batch(seed, number))[at]
                operation = operation_of(request)
                results.put(
                    Offence("slow", operation, request, f"batch {number}, request {at}", f"{elapsed:.0f} ms")
                )
    progress.number.value = -1
    results.put(None)


def in_process(seed: int, numbers: range) -> Iterator[Offence]:
    """Send batches in a process of its own, another one if it hangs or dies, and give every offence."""
    context = multiprocessing.get_context("fork")
    begin = numbers.start
    while begin < numbers.stop:
        results = context.Queue()
        progress = _Progress(context.Value("q", begin), context.Value("q", 0))
        process = context.Process(
            target=_send_batches, args=(seed, range(begin, numbers.stop), progress, results), daemon=True
        )
        process.start()
        last, since = (-2, -2), time.monotonic()
        while True:
            while not results.empty():
                offence = results.get()
                if offence is None:
                    process.join()
                    return
                yield offence
            position = progress.number.value, progress.at.value
            if position != last:
                last, since = position, time.monotonic()
            is_stuck = time.monotonic() - since > PATIENCE
            if is_stuck or not process.is_alive():
                if not is_stuck and not results.empty():
                    continue
                process.kill()
                process.join()
                number, at = position
                if number < 0:
                    return
                request = list(batch(seed, number))[at]
                kind = "hang" if is_stuck else "died"
                yield Offence(kind, operation_of(request), request, f"batch {number}, request {at}")
                begin = number + 1
                break
            process.join(0.02)
