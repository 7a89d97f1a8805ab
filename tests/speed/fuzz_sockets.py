"""Noise and random requests to a server, over sockets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

from tests.speed.batches import RECORD
from tests.speed.exchange import Request
from tests.speed.mutator import Mutator
from tests.speed.offences import MAX_MILLISECONDS, Offence, is_work
from tests.speed.server import Server, exchange


def over_sockets(seed: int, count: int, server: str = "gunicorn") -> Iterator[Offence]:
    """Send noise and changed requests to a server, and give every offence."""
    random = Random(f"{seed}/{server}")
    mutator = Mutator(random)
    with Server("--server", server, "--fixtures", RECORD, "--dialect", "nova") as fake:
        for number in range(count):
            if number % 1000 == 0:
                exchange(fake.address, _closing(Request("POST", "/_admin/reset", (), b"to=seed")), shut=False)
                exchange(fake.address, _closing(Request("DELETE", "/_admin/faults")), shut=False)
            request: Request | bytes = mutator.noise() if random.random() < 0.5 else mutator.request()
            origin = f"over a socket to {server}, number {number}"
            offence = _send(fake, request, origin)
            if offence is not None:
                yield offence
            yield from _tracebacks(fake.new_errors(), request, f"{origin}, or just before")
            if fake.process.poll() is not None:
                yield Offence(
                    "died",
                    f"{server} ended with {fake.process.returncode}",
                    request,
                    origin,
                    fake.errors()[-500:],
                )
                return
        alive, _ = exchange(fake.address, _closing(Request("GET", "/healthcheck")), shut=False)
        if b" 200 " not in alive[:20]:
            yield Offence("died", f"{server} is not well afterwards", alive, "at the end")


def _tracebacks(text: str, request: Request | bytes, origin: str) -> Iterator[Offence]:
    for text_of_error in re.findall(r"Traceback \(most recent call last\):\n(?:[ \t].*\n|\n)*.*", text):
        yield Offence(
            "traceback", text_of_error.strip().splitlines()[-1][:200], request, origin, text_of_error[-1500:]
        )


def _closing(request: Request) -> bytes:
    return request._replace(headers=(*request.headers, ("Connection", "close"))).raw()


def _send(fake: Server, request: Request | bytes, origin: str) -> Offence | None:
    is_noise = isinstance(request, bytes)
    content = request if isinstance(request, bytes) else _closing(request)
    try:
        answer, elapsed = exchange(fake.address, content, shut=is_noise)
        if elapsed > MAX_MILLISECONDS and not (isinstance(request, Request) and is_work(request)):
            elapsed = min(elapsed, *(exchange(fake.address, content, shut=is_noise)[1] for _ in range(2)))
    except TimeoutError:
        return Offence("hang", "no end of the answer", request, origin)
    except ConnectionRefusedError:
        return Offence("died", "nobody listens", request, origin)
    if elapsed > MAX_MILLISECONDS and not (isinstance(request, Request) and is_work(request)):
        return Offence("slow", f"over a socket, {elapsed:.0f} ms", request, origin)
    if isinstance(request, Request) and answer:
        status = re.match(rb"HTTP/1\.[01] ([0-9]{3})[^\r\n]*\r\n", answer)
        if status is None:
            return Offence("malformed", "no status line", request, origin, repr(answer[:100]))
        if status[1] == b"500" and not _may_fail(fake):
            return Offence("500", "over a socket", request, origin, repr(answer[-200:]))
    return None


def _may_fail(fake: Server) -> bool:
    """Whether a fault asks for an answer of 500."""
    answer, _ = exchange(fake.address, _closing(Request("GET", "/_admin/faults")), shut=False)
    return b'"status": 500' in answer
