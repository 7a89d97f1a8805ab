"""Memory of a server after hundreds of thousands of hostile requests, each of them different.

``python -m tests.speed.hostile [--server NAME] [--requests N] [KIND …]`` sends each kind to a server of its own,
and shows which one it remembers. ``BENCH_HOSTILE`` is another number of requests for `scripts/bench hostile`.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Final
from urllib.parse import quote
from urllib.request import urlopen

from tests.speed.exchange import Request, address_of
from tests.speed.measure import Figure
from tests.speed.server import Server
from tests.speed.worlds import IMAGE, IMAGES, NOVA, get, patch, post

#: Requests of a run.
REQUESTS: Final = 300_000

#: Most megabytes that a server may have grown by.
MAX_MEGABYTES: Final = 64

#: Processes that send.
_CLIENTS: Final = 2

_SERVER: Final = "9f1e2d3c-4b5a-4c6d-8e7f-0a1b2c3d4e5f"

#: Makes a request of a number that no other has, and of a text that no other has.
Make = Callable[[int, str], Request]


def _login(name: str, password: str) -> Request:
    user = {"name": name, "domain": {"id": "default"}, "password": password}
    identity = {"methods": ["password"], "password": {"user": user}}
    return post("/identity/v3/auth/tokens", {"auth": {"identity": identity}})


def _patch(name: str, value: str) -> Request:
    return patch([{"op": "add", "path": f"/{name}", "value": value}])


#: Kind -> what makes a request of it. A text is mostly short, sometimes long, and at times as long as may be.
KINDS: Final[Mapping[str, Make]] = {
    "Nova's list, a name": lambda _, text: get(f"{NOVA}?name={text}"),
    "Nova's list, detail, a property": lambda n, text: get(f"{NOVA}/detail?property-k{n}={text}&limit=1"),
    "Nova's list, an ignored parameter": lambda _, text: get(f"{NOVA}?x={text}"),
    "Nova's list, a marker": lambda _, text: get(f"{NOVA}?marker={text}"),
    "Nova's list, a wrong limit": lambda _, text: get(f"{NOVA}?limit={text}"),
    "Nova's list, a status": lambda _, text: get(f"{NOVA}?status={text}"),
    "Nova's list, changes-since": lambda n, text: get(
        f"{NOVA}?changes-since=2014-01-01T00:00:00.{n}{'1' * len(text)}Z"
    ),
    "Nova's list, many parameters": lambda n, text: get(
        f"{NOVA}?" + "&".join(f"property-{n}-{i}=a" for i in range(min(500, len(text) // 20 + 1)))
    ),
    "image service, a name": lambda _, text: get(f"{IMAGES}?name={text}"),
    "image service, a property": lambda n, text: get(f"{IMAGES}?k{n}={text}"),
    "image service, a tag": lambda _, text: get(f"{IMAGES}?tag={text}"),
    "image service, updated_at": lambda n, text: get(f"{IMAGES}?updated_at=gte:{n}{'1' * len(text)}"),
    "image service, a marker": lambda _, text: get(f"{IMAGES}?marker={text}"),
    "an image id": lambda _, text: get(f"{NOVA}/{text}"),
    "an image id, image service": lambda _, text: get(f"{IMAGES}/{text}", ("Accept", "text/plain")),
    "a metadata key": lambda _, text: get(f"{NOVA}/{IMAGE}/metadata/{text}"),
    "a path": lambda _, text: get(f"/{text}"),
    "a path of Nova's": lambda _, text: get(f"/v2.1/{text}"),
    "a project id": lambda n, _: get(f"/v2.1/{n:032x}/images"),
    "a long project id": lambda n, text: get(f"/v2.1/{n:x}{'a' * len(text)}/images"),
    "a method": lambda n, _: Request(f"M{n}", NOVA),
    "a method, identity": lambda n, _: Request(f"M{n}", "/identity/v3/auth/tokens"),
    "Accept": lambda _, text: get(NOVA, ("Accept", f"a/{text}")),
    "Accept, an error": lambda _, text: get("/v2.1/nope", ("Accept", f"a/{text}, text/html")),
    "Accept, a version": lambda _, text: get("/v2.1/", ("Accept", f"application/json;version={text}")),
    "Accept, image service": lambda _, text: get("/image/v2/nope", ("Accept", f"a/{text}")),
    "OpenStack-API-Version": lambda _, text: get(NOVA, ("OpenStack-API-Version", f"image {text}")),
    "OpenStack-API-Version, compute": lambda n, _: get(
        NOVA, ("OpenStack-API-Version", f"compute 2.{n + 1}")
    ),
    "X-OpenStack-Nova-API-Version": lambda n, _: get(NOVA, ("X-OpenStack-Nova-API-Version", f"{n + 3}.1")),
    "Content-Type": lambda _, text: post(f"{NOVA}/{IMAGE}/metadata", {}, ("Content-Type", f"a/{text}")),
    "Host": lambda n, text: get(f"{NOVA}?limit=1", ("Host", f"h{n}-{text}"[:200])),
    "a long Host": lambda _, text: get(f"{NOVA}?limit=1", ("Host", text)),
    "Host, admin": lambda _, text: get("/_admin/health", ("Host", text)),
    "Origin": lambda _, text: get("/_admin/health", ("Origin", text)),
    "X-Auth-Token": lambda _, text: get(NOVA, ("X-Auth-Token", text)),
    "X-Subject-Token": lambda _, text: get("/identity/v3/auth/tokens", ("X-Subject-Token", text)),
    "X-OpenStack-Request-ID and User-Agent": lambda _, text: get(
        NOVA, ("X-OpenStack-Request-ID", text), ("User-Agent", text)
    ),
    "Range": lambda n, _: get(f"{IMAGES}/{IMAGE}/file", ("Range", f"bytes={n}-")),
    "a server's name as a pattern": lambda _, text: get(f"/v2.1/servers?name={text[:1000]}"),
    "a hard pattern": lambda n, _: get(f"/v2.1/servers?name=(a{{{n % 60_000}}}b%3F)%2B%24"),
    "servers, a parameter": lambda _, text: get(f"/v2.1/servers/detail?x={text}"),
    "a login of nobody": lambda _, text: _login(text, "x"),
    "a wrong password": lambda _, text: _login("demo", text),
    "a login": lambda _, __: _login("demo", "demo-secret"),
    "a login with a wrong form": lambda _, text: post("/identity/v3/auth/tokens", {"auth": {text: text}}),
    "identity, a project": lambda _, text: get(f"/identity/v3/projects/{text}"),
    "metadata of the wrong type": lambda _, text: post(
        f"{NOVA}/{IMAGE}/metadata", {"metadata": {text: 5}}
    ),
    "metadata": lambda _, text: post(f"{NOVA}/{IMAGE}/metadata", {"metadata": {"k": text[:255]}}),
    "metadata of another key": lambda n, text: post(
        f"{NOVA}/{IMAGE}/metadata", {"metadata": {f"k{n}": text[:255]}}, method="PUT"
    ),
    "a property, image service": lambda _, text: _patch("k", text),
    "a property that is no text": lambda n, text: post(IMAGES, {f"k{n}": [text]}),
    "no JSON": lambda _, text: post(IMAGES, text.encode()),
    "a deep body": lambda n, _: post(IMAGES, b"[" * (n % 5000)),
    "an action": lambda _, text: post(f"/v2.1/servers/{_SERVER}/action", {text: {}}),
    "a chunked body": lambda _, text: post("/identity/v3/auth/tokens", {text: {}})._replace(chunked=True),
    "an upload that is refused": lambda _, text: Request(
        "PUT",
        f"{IMAGES}/{IMAGE}/file",
        (("Content-Type", "application/octet-stream"),),
        text.encode(),
        chunked=True,
    ),
    "the journal, a pattern": lambda _, text: get(f"/_admin/requests/count?path=*{text[:1000]}*"),
    "the journal, a pattern of brackets": lambda n, _: get(f"/_admin/requests/count?query=[{n}]*[!{n}]"),
    "explain": lambda _, text: get(f"/_admin/explain?path=/v2.1/images%3Fname%3D{text}"),
    "a scope that is not there": lambda _, text: get(f"/_admin/health?scope={text}"),
    "a snapshot that is not there": lambda _, text: get(f"/_admin/snapshots/{text}/changes"),
    "a fault with another pattern": lambda n, text: (
        post(
            "/_admin/faults",
            {"match": {"path": f"/{text[:900]}*"}, "effect": {"status": 503}, "seconds": 0.001, "owner": "me"},
        )
        if n % 8
        else Request("DELETE", "/_admin/faults?owner=me")
    ),
    "a snapshot, made and forgotten": lambda n, _: (
        Request("DELETE", f"/_admin/snapshots/s{n - 1}") if n % 2 else post("/_admin/snapshots", {"name": f"s{n}"})
    ),
    "a scope, opened and closed": lambda n, _: (
        Request("DELETE", f"/_admin/scopes/{n - 1:032x}")
        if n % 2
        else post("/_admin/scopes", {"project": f"{n:032x}"})
    ),
    "a wrong fixture": lambda n, text: Request(
        "POST", "/_admin/fixtures", (), f"images: [{{name: a{n}, size: {text}}}]".encode()
    ),
    "a form": lambda _, text: Request("PUT", f"/_admin/images/{IMAGE}/status", (), f"status={text}".encode()),
    "an image, made and forgotten": lambda n, text: (
        Request("DELETE", f"/_admin/images/{n - 1:08}-0000-4000-8000-000000000000")
        if n % 2
        else post("/_admin/images", {"id": f"{n:08}-0000-4000-8000-000000000000", "properties": {"k": text}})
    ),
    "a reset": lambda n, _: post("/_admin/reset", {}) if n % 50 == 0 else get(f"{NOVA}?limit={n}"),
}  # fmt: skip


def texts(random: Random) -> Iterator[str]:
    """Give texts that differ from each other: 20 characters, some of 2,000 or 8,000, one in twenty of 60,000."""
    number = 0
    while True:
        number += 1
        chance = random.random()
        length = 60_000 if chance < 0.05 else 8000 if chance < 0.15 else 2000 if chance < 0.25 else 20
        yield f"{random.randbytes(8).hex()}{number}".ljust(length, random.choice("abcdef"))


class Client:
    """One connection that is kept, and opened again if the server closes it."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address: Final = address
        self._socket: socket.socket | None = None

    def ask(self, request: Request) -> int:
        """Send a request, and return the status of its answer; 0 if the connection was closed instead."""
        try:
            if self._socket is None:
                self._socket = socket.create_connection(self._address, timeout=60)
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket.sendall(request.raw())
            return self._read(request.method)
        except (ConnectionError, TimeoutError):
            self.close()
            return 0

    def close(self) -> None:
        """Close the connection."""
        if self._socket is not None:
            self._socket.close()
        self._socket = None

    def _read(self, method: str) -> int:
        assert self._socket is not None
        content = b""
        while (end := content.find(b"\r\n\r\n")) < 0:
            piece = self._socket.recv(1 << 16)
            if not piece:
                raise ConnectionResetError
            content += piece
        head, body_length = content[:end].lower(), len(content) - end - 4
        status = int(head[9:12])
        length = re.search(rb"\r\ncontent-length: *([0-9]+)", head)
        remaining = (
            0 if length is None or method == "HEAD" or status in (204, 304) else int(length[1]) - body_length
        )
        while remaining > 0:
            piece = self._socket.recv(min(remaining, 1 << 16))
            if not piece:
                raise ConnectionResetError
            remaining -= len(piece)
        if b"\r\nconnection: close" in head or (length is None and status not in (204, 304)):
            self.close()
        return status


def send(url: str, count: int, seed: int, kinds: Iterator[str] | None = None) -> dict[int, int]:
    """Send requests of every kind in turn, and return how many answers of each status there were."""
    clients = [Client(address_of(url)) for _ in range(4)]
    names = list(kinds or KINDS)
    text = texts(Random(seed))
    statuses: dict[int, int] = {}
    for number in range(count):
        make = KINDS[names[number % len(names)]]
        unique = (number // len(names)) + seed * 10_000_000
        request = make(unique, next(text))
        status = clients[number % 4].ask(
            request._replace(target=quote(request.target, safe="/?&=%:*[]!{}()+$,;"))
        )
        statuses[status] = statuses.get(status, 0) + 1
    for client in clients:
        client.close()
    return statuses


def memory(pid: int) -> float:
    """Return the megabytes of a process and its children, what they share counted once."""
    total = 0.0
    for member in _family(pid):
        text = Path(f"/proc/{member}/smaps_rollup").read_text()
        match = re.search(r"^Pss: +([0-9]+) kB", text, re.MULTILINE)
        total += int(match[1]) / 1000 if match else 0
    return total


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(member for child in children for member in _family(int(child)))]


def measure_growth(
    server: str, count: int, kinds: list[str] | None = None
) -> tuple[float, dict[int, int], float]:
    """Return the megabytes that a server grows by, the statuses of its answers, and the seconds of it."""
    with Server("--server", server, "--journal", "1000") as fake:
        urlopen(fake.url).close()  # after an answer the start has come to its end
        before = memory(fake.process.pid)
        start = time.monotonic()
        command = (
            sys.executable,
            "-m",
            "tests.speed.hostile",
            "--url",
            fake.url,
            "--requests",
            str(count // _CLIENTS),
        )
        sending = [
            subprocess.Popen(
                (*command, "--seed", str(seed), *(kinds or ())), stdout=subprocess.PIPE, text=True
            )
            for seed in range(_CLIENTS)
        ]
        statuses: dict[int, int] = {}
        for process in sending:
            output, _ = process.communicate()
            if process.returncode:
                raise RuntimeError(f"a client ended with {process.returncode}")
            for status, times in json.loads(output).items():
                statuses[int(status)] = statuses.get(int(status), 0) + times
        seconds = time.monotonic() - start
        if fake.process.poll() is not None:
            raise RuntimeError(f"{server} ended: {fake.errors()[-1000:]}")
        return memory(fake.process.pid) - before, statuses, seconds


def hostile() -> Iterator[Figure]:
    """Measure what each server has grown by."""
    count = int(os.environ.get("BENCH_HOSTILE", REQUESTS))
    for server in ("gunicorn", "granian"):
        megabytes, statuses, seconds = measure_growth(server, count)
        answers = ", ".join(f"{status}: {times:,}" for status, times in sorted(statuses.items()))
        title = f"memory after {count:,} hostile requests, {server} ({seconds:.0f} s; answers {answers})"
        yield Figure("hostile", title, megabytes, None, "MB", MAX_MEGABYTES)
        yield Figure("hostile", f"answers of 500, {server}", statuses.get(500, 0), None, "requests", 0)


def main() -> None:
    """Send to a server that is there, or measure each kind for itself."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="send to this server, and print the statuses")
    parser.add_argument("--server", default="gunicorn")
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("kinds", nargs="*", metavar="KIND")
    options = parser.parse_args()
    if options.url:
        kinds = iter(options.kinds) if options.kinds else None
        sys.stdout.write(json.dumps(send(options.url, options.requests, options.seed, kinds)))
        return
    for kind in options.kinds or KINDS:
        megabytes, statuses, seconds = measure_growth(options.server, options.requests, [kind])
        sys.stdout.write(f"{megabytes:8.1f} MB {seconds:6.1f} s {statuses} {kind}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
