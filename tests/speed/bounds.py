"""The memory that hostile requests leave, and the answer to a body that is too large: bounds, not times."""

from __future__ import annotations

import gc
import json
import logging
import multiprocessing
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from math import inf
from multiprocessing.connection import Connection
from typing import NamedTuple

from fake_nova.clients.in_process import InProcessResponse
from tests.speed.big import resident
from tests.speed.exchange import Request
from tests.speed.measure import Figure
from tests.speed.server import Server, exchange
from tests.speed.worlds import DATA, IMAGE, IMAGES, JSON, NOVA, PATCH, World, get, post

#: Most megabytes that a process may have grown by, for one kind of request; for all kinds it is 64.
MAX_MEGABYTES = 16

#: Bytes of a long text.
LONG = 60_000

#: A server of the default fixtures.
SERVER = "9f1e2d3c-4b5a-4c6d-8e7f-0a1b2c3d4e5f"

KEYPAIRS = "/v2.1/os-keypairs"
PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA" + "A" * 42


def _text(n: int) -> str:
    return f"{n:08}".ljust(LONG, "x")


class MemoryCase(NamedTuple):
    """Requests that may leave something behind.

    Attributes:
        what: the requests in words.
        times: how many of them.
        make: gives the n-th.
    """

    what: str
    times: int
    make: Callable[[int], Request]


MEMORY_CASES = (
    MemoryCase("URLs of 60 KB, Nova's list by name", 2000, lambda n: get(f"{NOVA}?name={_text(n)}")),
    MemoryCase("URLs of 60 KB, Nova's list, ignored", 2000, lambda n: get(f"{NOVA}?x={_text(n)}")),
    MemoryCase("URLs of 60 KB, a marker", 2000, lambda n: get(f"{NOVA}?marker={_text(n)}")),
    MemoryCase("URLs of 60 KB, a time", 2000, lambda n: get(f"{NOVA}?changes-since=2014-01-01T00:00:00.{n}{'1' * LONG}Z")),
    MemoryCase("URLs of 60 KB, the image service's list", 2000, lambda n: get(f"{IMAGES}?name={_text(n)}")),
    MemoryCase("URLs of 60 KB, an image's id", 2000, lambda n: get(f"{NOVA}/{_text(n)}")),
    MemoryCase("URLs of 60 KB, a project's id", 2000, lambda n: get(f"/v2.1/{'a' * LONG}{n:08}/images")),
    MemoryCase("URLs of 60 KB, no route", 2000, lambda n: get(f"/{_text(n)}")),
    MemoryCase("URLs of 60 KB, servers", 2000, lambda n: get(f"/v2.1/servers?x={_text(n)}")),
    MemoryCase("URLs of 60 KB, a scope", 2000, lambda n: get(f"/_admin/health?scope={_text(n)}")),
    MemoryCase("URLs of 60 KB, explain", 2000, lambda n: get(f"/_admin/explain?path=/v2.1/images%3Fname%3D{_text(n)}")),
    MemoryCase("URLs of 60 KB, a pattern of the journal", 2000, lambda n: get(f"/_admin/requests/count?path={_text(n)}*")),
    MemoryCase("short patterns of the journal", 40_000, lambda n: get(f"/_admin/requests/count?path=*{n}*")),
    *(
        MemoryCase(f"headers of 60 KB, {name}", 2000, lambda n, name=name: get(f"{NOVA}?limit=1", (name, _text(n))))  # type: ignore[misc]  # a default binds it
        for name in ("Accept", "OpenStack-API-Version", "Host", "User-Agent", "X-OpenStack-Request-ID", "X-Auth-Token")
    ),
    MemoryCase("headers of 60 KB, Accept of an error", 2000, lambda n: get("/image/v2/no", ("Accept", f"a/{_text(n)}"))),
    MemoryCase("headers of 60 KB, a media type", 2000, lambda n: post(f"{NOVA}/{IMAGE}/metadata", {}, ("Content-Type", f"application/json;version={_text(n)}"))),
    MemoryCase("short headers, Accept", 20_000, lambda n: get(f"{NOVA}?limit=1", ("Accept", f"a/b{n}"))),
    MemoryCase("forms of 60 KB", 2000, lambda n: Request("PUT", f"/_admin/images/{IMAGE}/status", (), f"status={_text(n)}".encode())),
    MemoryCase("names of servers as patterns", 5000, lambda n: get(f"/v2.1/servers?name=(a{n}|b)*{'x' * 200}")),
    MemoryCase("values of 60 KB of one property", 2000, lambda n: post(f"{IMAGES}/{IMAGE}", [{"op": "add", "path": "/k", "value": _text(n)}], PATCH, method="PATCH")),
    MemoryCase("values of 255 letters of one key", 12_000, lambda n: post(f"{NOVA}/{IMAGE}/metadata", {"metadata": {f"k{n % 100}": f"{n:0255}"}})),
    MemoryCase("made-up methods", 20_000, lambda n: Request(f"M{n}", NOVA)),
    MemoryCase("faults that end at once", 5000, lambda n: post("/_admin/faults", {"match": {"path": f"/{n}*"}, "effect": {"status": 503}, "seconds": 0.001})),
    MemoryCase("logins", 5000, lambda _: _login()),
    MemoryCase("tokens of 60 KB", 2000, lambda n: get("/identity/v3/auth/tokens", ("X-Auth-Token", _text(n)))),
    MemoryCase("bodies of 100 MB that are no fixture", 3, lambda n: Request("POST", "/_admin/fixtures", (JSON,), b"%d" % n + bytes(100_000_000), chunked=True)),
    MemoryCase("bodies of 10 MB that are no image", 10, lambda n: Request("POST", IMAGES, (JSON,), b"[%d" % n + b",1" * 5_000_000)),
    MemoryCase("bodies of 10 MB that are no admin's image", 10, lambda n: Request("POST", "/_admin/images", (JSON,), b'{"name": "%d' % n + b"x" * 10_000_000 + b'"}')),
    MemoryCase("servers with 60 KB, created and deleted", 4000, lambda n: _server(n, _text(n))),
    MemoryCase("servers, created and deleted", 40_000, lambda n: _server(n, "")),
    MemoryCase("key pairs, created and deleted", 4000, lambda n: post(KEYPAIRS, {"keypair": {"name": f"k{n}", "public_key": PUBLIC_KEY}}) if n % 2 == 0 else Request("DELETE", f"{KEYPAIRS}/k{n - 1}")),
    MemoryCase("actions of a server", 10_000, lambda n: post(f"/v2.1/servers/{SERVER}/action", {("lock", "unlock")[n % 2]: None})),
    MemoryCase("values of 255 letters of one key of a server", 12_000, lambda n: post(f"/v2.1/servers/{SERVER}/metadata", {"metadata": {f"k{n % 100}": f"{n:0255}"}})),
    MemoryCase("names of 255 letters of a server", 12_000, lambda n: post(f"/v2.1/servers/{SERVER}", {"server": {"name": f"{n:0255}"}}, method="PUT")),
    MemoryCase("resets", 500, lambda _: post("/_admin/reset", {})),
    MemoryCase("scopes, opened and closed", 1000, lambda n: post("/_admin/scopes", {"project": f"{n:032x}"}) if n % 2 == 0 else Request("DELETE", f"/_admin/scopes/{n - 1:032x}")),
)  # fmt: skip


def _server(n: int, user_data: str) -> Request:
    """Return the request that creates a server of an even number, or deletes the one before."""
    server_id = f"{n // 2:08}-0000-4000-8000-000000000000"
    if n % 2:
        return Request("DELETE", f"/v2.1/servers/{server_id}")
    return post("/_admin/servers", {"id": server_id, "user_data": user_data or None})


def _login() -> Request:
    user = {"name": "demo", "domain": {"id": "default"}, "password": "demo-secret"}
    identity = {"methods": ["password"], "password": {"user": user}}
    return post("/identity/v3/auth/tokens", {"auth": {"identity": identity}})


def _grow(case: MemoryCase, parent: Connection) -> None:
    logging.disable(logging.CRITICAL)
    world = World()
    for request in (
        get(NOVA),
        get("/image/v2/no"),
        _login(),
        get("/_admin/health"),
        post("/_admin/images", {}),
    ):
        world.ask(request)
    gc.collect()
    before = resident()
    for number in range(case.times):
        world.ask(case.make(number))
    gc.collect()
    parent.send((resident() - before) / 1e6)


def measure_memory(words: tuple[str, ...] = ()) -> Iterator[Figure]:
    """Measure the memory that each kind of request leaves, in a process of its own."""
    context = multiprocessing.get_context("fork")
    for case in MEMORY_CASES:
        if words and not any(word in case.what for word in words):
            continue
        parent_end, child_end = context.Pipe()
        process = context.Process(target=_grow, args=(case, child_end), daemon=True)
        process.start()
        child_end.close()
        megabytes = inf
        try:
            if parent_end.poll(300):
                megabytes = parent_end.recv()
        except EOFError:
            pass  # it died, which is as bad
        process.kill()
        process.join()
        yield Figure(
            "growth", f"memory after {case.times:,} {case.what}", megabytes, None, "MB", MAX_MEGABYTES
        )


def labels() -> Iterator[Figure]:
    """Count the kinds of requests in the metrics after requests of made-up methods."""
    world = World()
    for number in range(3000):
        world.ask(Request(f"M{number}", NOVA))
    count = len(world.emulator.metrics.histograms())
    yield Figure("growth", "kinds in the metrics after 3,000 made-up methods", count, None, "kinds", 50)


# ---------------------------------------------------------------------------- uploads

_LIMIT = 1000

#: Bytes of an upload -> its status.
_SIZES: Mapping[int, int] = {0: 204, 1: 204, _LIMIT: 204, _LIMIT + 1: 413, 2 * _LIMIT: 413, 500_000: 413}


class _Case(NamedTuple):
    """One upload: where to, of how many bytes, how."""

    place: str
    size: int
    chunked: bool

    def __str__(self) -> str:
        return f"{self.place} of {self.size:,} bytes, {'chunked' if self.chunked else 'with its length'}"


_CASES = [
    _Case(place, size, chunked) for place in ("file", "stage") for size in _SIZES for chunked in (False, True)
]

Ask = Callable[[Request], InProcessResponse]


def _client_of(server: Server) -> Ask:
    """Return a function that asks a server, on a connection for each request."""

    def ask(request: Request) -> InProcessResponse:
        closing = request._replace(headers=(*request.headers, ("Connection", "close")))
        content, _ = exchange(server.address, closing.raw(), shut=False)
        head, _, body = content.partition(b"\r\n\r\n")
        status = re.match(rb"HTTP/1\.[01] ([0-9]{3})", head)
        return InProcessResponse(int(status[1]) if status else 0, "", [], body)

    return ask


def _outcome_error(ask: Ask, case: _Case) -> str:
    """Upload, and say what is wrong with what comes of it; "" for nothing."""
    response = ask(post(IMAGES, {"disk_format": "raw", "container_format": "bare"}))
    image_id = json.loads(response.content)["id"]
    answer = ask(Request("PUT", f"{IMAGES}/{image_id}/{case.place}", (DATA,), b"x" * case.size, case.chunked))
    image = json.loads(ask(get(f"/_admin/images/{image_id}")).content)
    expected: tuple[int, str, int | None] = 413, "queued", None
    if _SIZES[case.size] == 204:
        expected = 204, "active" if case.place == "file" else "uploading", case.size
    actual = answer.status, image["status"], image["size"]
    return "" if actual == expected else f"{case}: {actual} instead of {expected}"


def _too_large(ask: Ask) -> Iterator[str]:
    """Say which bodies above their limits, in chunks, are not refused as what they are."""
    for target in ("/identity/v3/auth/tokens", "/identity/v2.0/tokens"):
        answer = ask(Request("POST", target, (JSON,), b'{"auth": {}}'.ljust(120_000), chunked=True))
        if answer.status != 413:
            yield f"{target}, 120,000 bytes in chunks: {answer.status} instead of 413"


def uploads() -> Iterator[Figure]:
    """Upload at and above --max-image-size, in this process and to both servers."""
    world = World(max_image_size=_LIMIT)
    yield _upload_figure("in process", world.ask)
    for name in ("gunicorn", "granian"):
        with Server("--server", name, "--max-image-size", str(_LIMIT)) as server:
            yield _upload_figure(name, _client_of(server))


def _upload_figure(where: str, ask: Ask) -> Figure:
    try:
        wrong = [complaint for case in _CASES if (complaint := _outcome_error(ask, case))]
        wrong += _too_large(ask)
    except (OSError, ValueError) as error:
        wrong = [f"{type(error).__name__}: {error}"]
    note = f" ({'; '.join(wrong[:2])})" if wrong else ""
    what = f"uploads up to and above --max-image-size, {where}: wrong outcomes{note}"
    return Figure("growth", what, len(wrong), None, "uploads", 0)


def bounds() -> Iterator[Figure]:
    """Measure all of it."""
    yield from uploads()
    yield from labels()
    yield from measure_memory()


if __name__ == "__main__":
    for figure in measure_memory(tuple(sys.argv[1:])):
        sys.stdout.write(f"{'    ' if figure.meets_goal else 'OVER'} {figure.value:8.1f} MB {figure.what}\n")
        sys.stdout.flush()
