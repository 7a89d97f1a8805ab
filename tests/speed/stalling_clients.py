"""Clients that stall: they send nothing, half a head or half a body, and open the connection again if it is closed."""

from __future__ import annotations

import json
import resource
import selectors
import socket
import sys
import time
from contextlib import suppress
from typing import Final

from tests.speed.exchange import Request, address_of
from tests.speed.worlds import IMAGE, JSON, NOVA

#: Kind -> how many connections of it there are at once.
CONNECTIONS: Final = {"silent": 200, "head": 200, "body": 100}


def raise_limit() -> None:
    """Let this process have as many open files as it may."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _partial_request(kind: str, number: int) -> bytes:
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
        Request("POST", f"{NOVA}/{IMAGE}/metadata", (JSON, ("Content-Length", "1000")), b'{"metadata": {'),
        Request("POST", "/image/v2/images", (JSON, ("Content-Length", "100000")), b'{"name": "'),
        Request("POST", "/identity/v3/auth/tokens", (JSON, ("Content-Length", "1000")), b'{"auth": {'),
        Request("POST", "/_admin/images", (JSON, ("Content-Length", "1000")), b'{"name": "'),
        Request("POST", "/image/v2/images", (JSON, ("Transfer-Encoding", "chunked")), b'64\r\n{"name": "'),
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
        self.connections = 0

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
                self.connections += 1
                self._socket.send(_partial_request(self._kind, self._number))
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
    address = address_of(url)
    stallers = {
        kind: [_Staller(address, kind, number) for number in range(count)]
        for kind, count in CONNECTIONS.items()
    }
    all_stallers = [client for group in stallers.values() for client in group]
    has_announced = False
    with selectors.DefaultSelector() as selector:
        selector.register(sys.stdin, selectors.EVENT_READ, None)
        while True:
            now = time.monotonic()
            for client in all_stallers:
                client.tend(selector, now)
            if not has_announced and sum(client.is_open for client in all_stallers) > 0.9 * len(all_stallers):
                has_announced = True
                sys.stdout.write("stalled\n")
                sys.stdout.flush()
            for key, _ in selector.select(0.05):
                if key.data is None:
                    counts = {
                        kind: sum(client.connections for client in group) for kind, group in stallers.items()
                    }
                    sys.stdout.write(json.dumps(counts))
                    return
                key.data.read(selector)
