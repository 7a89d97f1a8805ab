"""Clients that work beside clients that stall: 200 silent connections, 200 half-sent heads, 100 half-sent bodies.

Both kinds of client are in processes of their own. A connection that the server closes is opened again, so that
the numbers stay. Half of the heads go on by a byte a second, the other half not at all.

``python -m tests.speed.stalled [--server NAME] [--seconds N] [-- OPTIONS OF fake-nova serve]``
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from random import Random
from statistics import quantiles
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from tests.speed.exchange import Request
from tests.speed.fuzz import Server
from tests.speed.measure import Figure
from tests.speed.subjects import PROJECT

SECONDS: Final = 60.0
WORKING: Final = 32

#: Kind -> how many connections of it there are at once.
STALLED: Final = {"silent": 200, "head": 200, "body": 100}

#: Most milliseconds that the slowest hundredth of the answers may come later.
MOST: Final = 100

#: Seconds that a client thinks between two requests, on average.
_PAUSE: Final = 0.05

#: Seconds after which a request has failed.
_PATIENCE: Final = 30.0

_NOVA: Final = f"/v2.1/{PROJECT}/images"
_IMAGE: Final = "c3a5d1b2-1f7e-4a43-8a55-0e1c2b3d4f50"
_JSON: Final = ("Content-Type", "application/json")

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


def raise_limit() -> None:
    """Let this process have as many open files as it may."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return str(parts.hostname), parts.port or 80


# ---------------------------------------------------------------------------- clients that work


def _work(number: int) -> Request:
    """Return what a client asks: lists, an image, a small write."""
    kind = number % 8
    if kind < 4:
        return Request("GET", f"{_NOVA}{'/detail' if kind % 2 else ''}?limit={5 + number % 3}")
    if kind < 7:
        return Request("GET", f"{_NOVA}/{_IMAGE}")
    body = json.dumps({"meta": {"k": str(number % 100)}}).encode()
    return Request("PUT", f"{_NOVA}/{_IMAGE}/metadata/k", (_JSON,), body)


class _Worker:
    """A client on one connection that is kept."""

    def __init__(self, address: tuple[str, int], number: int, random: Random) -> None:
        self._address: Final = address
        self._random: Final = random
        self._number = number
        self._socket: socket.socket | None = None
        self._received = b""
        self._began = 0.0
        self.is_asking = False
        self.due = time.monotonic() + random.random() * _PAUSE * 2
        self.latencies: Final[list[float]] = []
        self.failures: Final[list[str]] = []

    def ask(self, selector: selectors.BaseSelector) -> None:
        """Send the next request."""
        self._number += 1
        self._received = b""
        self._began, self.is_asking = time.monotonic(), True
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
                f"closed after {(time.monotonic() - self._began) * 1000:.0f} ms, {len(self._received)} bytes",
            )
            return
        self._received += piece
        end = self._received.find(b"\r\n\r\n")
        length = _LENGTH.search(self._received, 0, end) if end >= 0 else None
        if end < 0 or (length is not None and len(self._received) < end + 4 + int(length[1])):
            return
        if self._received[9:12] != b"200":
            self._fail(selector, f"answered {self._received[:80]!r}")
            return
        self.latencies.append((time.monotonic() - self._began) * 1000)
        self._rest()

    def late(self, selector: selectors.BaseSelector) -> None:
        """Give up a request that takes too long."""
        if self.is_asking and time.monotonic() - self._began > _PATIENCE:
            self._fail(selector, f"no answer in {_PATIENCE:g} s")

    def _rest(self) -> None:
        self.is_asking = False
        self.due = time.monotonic() + self._random.uniform(0.5, 1.5) * _PAUSE

    def _fail(self, selector: selectors.BaseSelector, why: str) -> None:
        self.failures.append(why)
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
    workers = [_Worker(_address(url), number * 1000, random) for number in range(WORKING)]
    end = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        while (now := time.monotonic()) < end or any(one.is_asking for one in workers):
            for one in workers:
                if not one.is_asking and one.due <= now < end:
                    one.ask(selector)
                one.late(selector)
            if not selector.get_map():
                time.sleep(0.002)
                continue
            for key, _ in selector.select(0.002):
                key.data.read(selector)
    latencies = [took for one in workers for took in one.latencies]
    failures = [why for one in workers for why in one.failures]
    cuts = quantiles(latencies, n=100) if len(latencies) > 1 else [float("inf")] * 99
    return Latencies(cuts[49], cuts[98], max(latencies, default=float("inf")), len(latencies), failures)


# ---------------------------------------------------------------------------- clients that stall


def _half(kind: str, number: int) -> bytes:
    """Return what a stalling client sends before it stops."""
    if kind == "silent":
        return b""
    if kind == "head":
        return (
            b"GET /v2.1/images HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Par",
            b"GET /v2.1/im",
            b"P",
            b"POST /image/v2/images HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n",
        )[number % 4]
    requests = (
        Request("POST", f"{_NOVA}/{_IMAGE}/metadata", (_JSON, ("Content-Length", "1000")), b'{"metadata": {'),
        Request("POST", "/image/v2/images", (_JSON, ("Content-Length", "100000")), b'{"name": "'),
        Request("POST", "/identity/v3/auth/tokens", (_JSON, ("Content-Length", "1000")), b'{"auth": {'),
        Request("POST", "/_admin/images", (_JSON, ("Content-Length", "1000")), b'{"name": "'),
        Request("POST", "/image/v2/images", (_JSON, ("Transfer-Encoding", "chunked")), b'64\r\n{"name": "'),
    )
    request = requests[number % len(requests)]
    if request.has("transfer-encoding"):  # as it is, for its body stands in a chunk already
        return request._replace(headers=(*request.headers, ("X", "Y")), body=b"").raw() + request.body
    return request.raw()


class _Staller:
    """A client that sends the beginning of a request."""

    def __init__(self, address: tuple[str, int], kind: str, number: int) -> None:
        self._address: Final = address
        self._kind: Final = kind
        self._number: Final = number
        self._socket: socket.socket | None = None
        self._next = 0.0
        self.opened = 0

    def tend(self, selector: selectors.BaseSelector, now: float) -> None:
        """Open the connection if there is none, and go on by a byte if it is time."""
        if now < self._next:
            return
        self._next = now + 1
        try:
            if self._socket is None:
                self._socket = socket.create_connection(self._address, timeout=2)
                self._socket.setblocking(False)
                selector.register(self._socket, selectors.EVENT_READ, self)
                self.opened += 1
                self._socket.send(_half(self._kind, self._number))
            elif self._kind == "head" and self._number % 2:
                self._socket.send(b"x")
        except OSError:
            self.close(selector)

    def read(self, selector: selectors.BaseSelector) -> None:
        """Notice that the server closes."""
        assert self._socket is not None
        try:
            if self._socket.recv(1 << 16):
                return  # it says why first
        except BlockingIOError:
            return
        except OSError:
            pass
        self.close(selector)

    def close(self, selector: selectors.BaseSelector) -> None:
        """Close the connection; another one is opened in a moment."""
        if self._socket is not None:
            with suppress(KeyError):  # it was never connected
                selector.unregister(self._socket)
            self._socket.close()
        self._socket = None
        self._next = time.monotonic() + 0.1

    @property
    def is_open(self) -> bool:
        """Whether the connection is open."""
        return self._socket is not None


def stall(url: str) -> None:
    """Stall until standard input ends; say how many connections there were, of each kind."""
    raise_limit()
    address = _address(url)
    stallers = {
        kind: [_Staller(address, kind, number) for number in range(count)] for kind, count in STALLED.items()
    }
    everybody = [one for many in stallers.values() for one in many]
    is_told = False
    with selectors.DefaultSelector() as selector:
        selector.register(sys.stdin, selectors.EVENT_READ, None)
        while True:
            now = time.monotonic()
            for one in everybody:
                one.tend(selector, now)
            if not is_told and sum(one.is_open for one in everybody) > 0.9 * len(everybody):
                is_told = True
                sys.stdout.write("stalled\n")
                sys.stdout.flush()
            for key, _ in selector.select(0.05):
                if key.data is None:
                    counts = {kind: sum(one.opened for one in many) for kind, many in stallers.items()}
                    sys.stdout.write(json.dumps(counts))
                    return
                key.data.read(selector)


# ---------------------------------------------------------------------------- both


def _working(url: str, seconds: float) -> Latencies:
    command = (sys.executable, "-m", "tests.speed.stalled", "--work", url, "--seconds", str(seconds))
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return Latencies(*json.loads(done.stdout))


class _Stalling:
    """The stalling clients in a process of their own, until the end of the block."""

    def __init__(self, url: str) -> None:
        command = (sys.executable, "-m", "tests.speed.stalled", "--stall", url)
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
        said, _ = self._process.communicate("end\n")
        counts: dict[str, int] = json.loads(said or "{}")
        return counts


def compared(
    server: str, seconds: float, options: Sequence[str] = ()
) -> tuple[Latencies, Latencies, dict[str, int]]:
    """Return what working clients see of a server alone, and beside stalling ones, and how many these were."""
    raise_limit()
    with Server("--server", server, *options) as fake:
        _working(fake.url, min(2, seconds))  # warm
        alone = _working(fake.url, seconds)
        stalling = _Stalling(fake.url)
        try:
            beside = _working(fake.url, seconds)
        finally:
            counts = stalling.end()
        return alone, beside, counts


def stalled() -> Iterator[Figure]:
    """Measure both servers; ``BENCH_STALLED`` is another number of seconds."""
    seconds = float(os.environ.get("BENCH_STALLED", SECONDS))
    for server in ("gunicorn", "granian"):
        alone, beside, counts = compared(server, seconds)
        opened = ", ".join(f"{count:,} {kind}" for kind, count in counts.items())
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
            "stalled", f"{where}: p99 later by (opened: {opened})", beside.p99 - alone.p99, None, "ms", MOST
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
        alone, beside, counts = compared(options.server, options.seconds, options.options)
        for what, seen in (("alone", alone), ("beside", beside)):
            shown = f"p50 {seen.p50:.1f} ms, p99 {seen.p99:.1f}, longest {seen.longest:.1f}"
            sys.stdout.write(f"{what:6} {shown}; {seen.answers:,} answers, {len(seen.failures)} failures\n")
            sys.stdout.write("".join(f"       {why}\n" for why in sorted(set(seen.failures))[:5]))
        sys.stdout.write(f"opened {counts}\n")


if __name__ == "__main__":
    main()
