"""Clients that work: each sends a request, waits for the answer, and thinks for a moment."""

from __future__ import annotations

import json
import re
import selectors
import socket
import time
from contextlib import suppress
from random import Random
from statistics import quantiles
from typing import Final, NamedTuple

from tests.speed.exchange import Request, address_of
from tests.speed.worlds import IMAGE, JSON, NOVA

WORKING: Final = 32

#: Seconds that a client thinks between two requests, on average.
_PAUSE: Final = 0.05

#: Seconds after which a request has failed.
_PATIENCE: Final = 30.0

_LENGTH: Final = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)


class Latencies(NamedTuple):
    """What the working clients saw.

    Attributes:
        p50: milliseconds of half of the answers.
        p99: of all but the slowest hundredth.
        longest: of the slowest.
        answers: how many there were.
        failures: requests without the answer that was to come, in words.
    """

    p50: float
    p99: float
    longest: float
    answers: int
    failures: list[str]


def _work(number: int) -> Request:
    """Return what a client asks: lists, an image, a small write."""
    kind = number % 8
    if kind < 4:
        return Request("GET", f"{NOVA}{'/detail' if kind % 2 else ''}?limit={5 + number % 3}")
    if kind < 7:
        return Request("GET", f"{NOVA}/{IMAGE}")
    body = json.dumps({"meta": {"k": str(number % 100)}}).encode()
    return Request("PUT", f"{NOVA}/{IMAGE}/metadata/k", (JSON,), body)


class _Worker:
    """A client on one connection that is kept."""

    def __init__(self, address: tuple[str, int], number: int, random: Random) -> None:
        self._address: Final = address
        self._random: Final = random
        self._number = number
        self._socket: socket.socket | None = None
        self._content = b""
        self._start = 0.0
        self.is_asking = False
        self.due = time.monotonic() + random.random() * _PAUSE * 2
        self.latencies: Final[list[float]] = []
        self.failures: Final[list[str]] = []

    def ask(self, selector: selectors.BaseSelector) -> None:
        """Send the next request."""
        self._number += 1
        self._content = b""
        self._start, self.is_asking = time.monotonic(), True
        try:
            if self._socket is None:
                self._socket = socket.create_connection(self._address, timeout=_PATIENCE)
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                selector.register(self._socket, selectors.EVENT_READ, self)
            self._socket.sendall(_work(self._number).raw())
        except OSError as error:
            self._fail(selector, f"cannot send: {error}")

    def read(self, selector: selectors.BaseSelector) -> None:
        """Take what has come."""
        assert self._socket is not None
        try:
            piece = self._socket.recv(1 << 16)
        except OSError as error:
            self._fail(selector, f"cannot read: {error}")
            return
        if not self.is_asking:  # the server closes a connection that nobody uses
            self._close(selector)
            return
        if not piece:
            self._fail(
                selector,
                f"closed after {(time.monotonic() - self._start) * 1000:.0f} ms, {len(self._content)} bytes",
            )
            return
        self._content += piece
        end = self._content.find(b"\r\n\r\n")
        length = _LENGTH.search(self._content, 0, end) if end >= 0 else None
        if end < 0 or (length is not None and len(self._content) < end + 4 + int(length[1])):
            return
        if self._content[9:12] != b"200":
            self._fail(selector, f"answered {self._content[:80]!r}")
            return
        self.latencies.append((time.monotonic() - self._start) * 1000)
        self._rest()

    def late(self, selector: selectors.BaseSelector) -> None:
        """Give up a request that takes too long."""
        if self.is_asking and time.monotonic() - self._start > _PATIENCE:
            self._fail(selector, f"no answer in {_PATIENCE:g} s")

    def _rest(self) -> None:
        self.is_asking = False
        self.due = time.monotonic() + self._random.uniform(0.5, 1.5) * _PAUSE

    def _fail(self, selector: selectors.BaseSelector, reason: str) -> None:
        self.failures.append(reason)
        self._close(selector)
        self._rest()

    def _close(self, selector: selectors.BaseSelector) -> None:
        if self._socket is not None:
            with suppress(KeyError):  # it was never connected
                selector.unregister(self._socket)
            self._socket.close()
        self._socket = None


def work(url: str, seconds: float, seed: int = 1) -> Latencies:
    """Let the working clients work for so long."""
    random = Random(seed)
    workers = [_Worker(address_of(url), number * 1000, random) for number in range(WORKING)]
    end = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        while (now := time.monotonic()) < end or any(client.is_asking for client in workers):
            for client in workers:
                if not client.is_asking and client.due <= now < end:
                    client.ask(selector)
                client.late(selector)
            if not selector.get_map():
                time.sleep(0.002)
                continue
            for key, _ in selector.select(0.002):
                key.data.read(selector)
    latencies = [latency for client in workers for latency in client.latencies]
    failures = [reason for client in workers for reason in client.failures]
    cuts = quantiles(latencies, n=100) if len(latencies) > 1 else [float("inf")] * 99
    return Latencies(cuts[49], cuts[98], max(latencies, default=float("inf")), len(latencies), failures)
