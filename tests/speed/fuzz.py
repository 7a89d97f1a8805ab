"""Random bytes, and real requests with something changed: none may fail, hang, or hold the server.

Most go to an application in a process of their own, in batches that each begin with an emulator as seeded; the
batch and the seed make the requests, so any can be had again. A smaller part goes to gunicorn over sockets.

``python -m tests.speed.fuzz [--requests N] [--seed S] [--batch B] [--sockets N]``
"""

from __future__ import annotations

import argparse
import gc
import json
import logging
import multiprocessing
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Mapping
from functools import cache
from http import HTTPStatus
from pathlib import Path
from random import Random
from types import TracebackType
from typing import IO, Any, Final, NamedTuple
from urllib.parse import urlsplit

from fake_nova.apis import routes
from fake_nova.app import create_app
from fake_nova.clients.in_process import Reply
from fake_nova.cloud.emulator import Emulator
from fake_nova.settings import Settings
from tests.speed.corpus import Mutator
from tests.speed.exchange import Request, ask, environment
from tests.speed.measure import Figure

#: Requests of a run, how many of them go over sockets, and the requests of a batch.
REQUESTS: Final = 200_000
SOCKETS: Final = 20_000
BATCH: Final = 250

#: Most milliseconds of a request.
MOST: Final = 250.0

#: Seconds without an answer after which a request hangs.
_PATIENCE: Final = 20.0

#: Operations that ask for work or for waiting, whose time does not count here -> why.
WORK: Final[Mapping[str, str]] = {
    "admin.fixtures": "loads a document of up to hundreds of thousands of images",
    "admin.images.generate": "makes up to a million images",
    "admin.images.add": "takes any number of images",
    "admin.reset": "begins a cloud again from all its fixtures",
    "admin.scopes.open": "gives a project a cloud as seeded",
    "admin.export": "writes every image",
    "admin.requests.wait": "waits for as long as it is told",
}

RECORDED: Final = str(Path(__file__).parent.parent / "record" / "cloud.yaml")

#: The emulators that requests are sent to, a batch each in turn.
CLOUDS: Final[tuple[Mapping[str, Any], ...]] = (
    {"dialect": "nova", "auth_strategy": "keystone", "fixtures": (RECORDED,)},
    {"dialect": "huaweicloud", "auth_strategy": "noauth", "fixtures": ("default",)},
    {"dialect": "nova", "auth_strategy": "noauth", "fixtures": (RECORDED,), "trust_forwarded": True},
    {
        "dialect": "huaweicloud",
        "auth_strategy": "keystone",
        "fixtures": ("default", "every-status"),
        "import_methods": "glance-direct,web-download",
        "max_image_size": 1000,
    },
)


class Offence(NamedTuple):
    """One thing that may not happen.

    Attributes:
        kind: ``500``, ``malformed``, ``slow``, ``hang`` or ``died``.
        where: the place in the code, or what is wrong; two that are alike are the same fault.
        request: what was sent; bytes for what is no request.
        origin: the batch and the number in it, or where else it was sent.
        detail: the rest.
    """

    kind: str
    where: str
    request: Request | bytes
    origin: str
    detail: str = ""

    def __str__(self) -> str:
        sent = self.request.curl() if isinstance(self.request, Request) else repr(self.request[:400])
        return f"{self.kind}: {self.where}\n  {self.origin}\n  {sent}\n  {self.detail}".rstrip()


class _Log(logging.Handler):
    """Keeps the last exception that was logged."""

    def __init__(self) -> None:
        super().__init__()
        self.error: BaseException | None = None

    def emit(self, record: logging.LogRecord) -> None:
        record.getMessage()  # whatever is logged must be fit to be logged
        if record.exc_info and record.exc_info[1] is not None:
            self.error = record.exc_info[1]


class Session:
    """One emulator as seeded, and what its answers must be like."""

    def __init__(self, cloud: Mapping[str, Any]) -> None:
        self.emulator = Emulator(Settings(**cloud), operations=routes().operations)
        self.emulator.seed()
        self._app = create_app(self.emulator).wsgi_app
        self._log = _Log()
        self._tokens: dict[str, str] = {}

    def filled(self, request: Request) -> Request:
        """Put tokens in the place of ``{token:alice}`` and the like."""
        headers = tuple((name, self._filled(value)) for name, value in request.headers)
        return request._replace(headers=headers)

    def _filled(self, value: str) -> str:
        found = re.match(r"\{token:(.*)\}", value)
        if found is None:
            return value
        cloud = self.emulator.cloud
        text = self._tokens.get(found[1])
        if text is None or cloud.tokens.find(text) is None:
            users = cloud.directory.users
            user = cloud.directory.user(found[1]) or (users[0] if users else None)
            text = self._tokens[found[1]] = cloud.tokens.issue(user, user.project)[0] if user else "none"
        return text

    def send(self, request: Request, origin: str) -> tuple[Offence | None, float]:
        """Send a request; return what is wrong with its answer, and how many milliseconds of CPU it took."""
        faults = [
            rule.fault.effect for cloud in self.emulator.clouds().values() for rule in cloud.faults.rules
        ]
        for cloud in self.emulator.clouds().values():
            cloud.faults.over.set()  # nobody waits out a delay
        environ = environment(self.filled(request))
        reply: Reply | None = None
        wrong = ""
        log = logging.getLogger("fake_nova")
        log.addHandler(self._log)
        self._log.error = None
        began = time.thread_time()
        try:
            reply = ask(self._app, environ)
        except (ConnectionResetError, BrokenPipeError):
            if not any(effect.connection for effect in faults):
                wrong = "the connection breaks, and no fault says so"
        except Exception as error:  # whatever comes out of the application is an offence
            self._log.error = error
        finally:
            took = (time.thread_time() - began) * 1000
            log.removeHandler(self._log)
        if self._log.error is not None:
            return Offence("500", *_place(self._log.error, request, origin)), took
        if reply is not None:
            damaged = any(effect.body or effect.connection for effect in faults)
            wrong = _malformed(reply, request.method, damaged)
            if reply.status == 500 and all(effect.status != 500 for effect in faults):
                wrong = f"500 without an error in the log: {reply.content[:200]!r}"
        return (Offence("malformed", wrong, request, origin) if wrong else None), took


def _place(error: BaseException, request: Request, origin: str) -> tuple[str, Request, str, str]:
    """Say where an error came from: the last line of the package, and of all."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if f"{os.sep}fake_nova{os.sep}" in frame.filename] or frames
    frame = ours[-1]
    path = frame.filename.rpartition(f"{os.sep}fake_nova{os.sep}")[2]
    where = f"{type(error).__name__} at {path}:{frame.lineno} ({frame.name})"
    return where, request, origin, f"{type(error).__name__}: {str(error)[:300]}"


def _malformed(reply: Reply, method: str, damaged: bool) -> str:
    """Say what is wrong with the form of an answer; "" for nothing."""
    if reply.status not in set(HTTPStatus):
        return f"there is no status {reply.status}"
    headers = [(name.lower(), value) for name, value in reply.headers]
    return _wrong_header(headers) or _wrong_body(reply, dict(headers), method, damaged)


def _wrong_header(headers: list[tuple[str, str]]) -> str:
    for name, value in headers:
        if re.search("[\0-\x08\x0a-\x1f\x7f]", name + value) or not name:
            return f"the header {name} has a character that ends a line, or none: {value[:80]!r}"
        try:
            value.encode("latin-1")
        except UnicodeEncodeError:
            return f"the header {name} is not Latin-1: {value[:80]!r}"
    if sum(name == "content-length" for name, _ in headers) > 1:
        return "several Content-Lengths"
    return ""


def _wrong_body(reply: Reply, headers: Mapping[str, str], method: str, damaged: bool) -> str:
    size, length = len(reply.content), headers.get("content-length")
    if method == "HEAD" or reply.status in (204, 304):
        return f"a body of {size} bytes where none may be ({method}, {reply.status})" if size else ""
    if length != str(size):
        return f"Content-Length {length} of a body of {size} bytes"
    is_empty = reply.status == 202 and not size  # Nova says that one is JSON, too
    if "json" in headers.get("content-type", "") and not is_empty and not damaged:
        try:
            json.loads(reply.content)
        except ValueError as error:
            return f"no JSON: {error}"
    return ""


def batch(seed: int, number: int) -> Iterator[Request]:
    """Give the requests of a batch."""
    mutator = Mutator(Random(f"{seed}/{number}"))
    for _ in range(BATCH):
        yield mutator.request()


def cloud_of(number: int) -> Mapping[str, Any]:
    """Return the emulator of a batch."""
    return CLOUDS[number % len(CLOUDS)]


def offences(seed: int, number: int) -> Iterator[Offence]:
    """Send a batch, and give what was wrong with its answers, time aside."""
    session = Session(cloud_of(number))
    for at, request in enumerate(batch(seed, number)):
        offence, _ = session.send(request, f"batch {number}, request {at}")
        if offence is not None:
            yield offence


def shrunk(offence: Offence, number: int) -> Offence:
    """Return the same offence with as little in its request as makes it, if the request alone does."""
    request = offence.request
    if not isinstance(request, Request) or not _offends(offence, request, number):
        return offence
    smaller: Request | None = request
    while smaller is not None:
        request = smaller
        smaller = next((one for one in _smaller(request) if _offends(offence, one, number)), None)
    return offence._replace(request=request, origin=f"{offence.origin}; alone: {cloud_of(number)}")


def _offends(offence: Offence, request: Request, number: int) -> bool:
    found, _ = Session(cloud_of(number)).send(request, "")
    return found is not None and (found.kind, found.where) == (offence.kind, offence.where)


def _smaller(request: Request) -> Iterator[Request]:
    """Give requests that lack something of this one."""
    for at in range(len(request.headers)):
        yield request._replace(headers=request.headers[:at] + request.headers[at + 1 :])
    path, _, query = request.target.partition("?")
    if query:
        yield request._replace(target=path)
        pairs = query.split("&")
        for at in range(len(pairs) if len(pairs) > 1 else 0):
            yield request._replace(target=f"{path}?{'&'.join(pairs[:at] + pairs[at + 1 :])}")
    if request.body:
        yield request._replace(body=b"")
    try:
        document = json.loads(request.body)
    except (ValueError, RecursionError):
        return
    if isinstance(document, dict):
        for key in document:
            less = {name: value for name, value in document.items() if name != key}
            yield request._replace(body=json.dumps(less).encode())


# ---------------------------------------------------------------------------- in processes


class _Progress(NamedTuple):
    """What a process that sends batches shares: the batch and the request that it is at."""

    number: Any
    at: Any


def _is_work(request: Request) -> bool:
    match = routes().match(request.method, request.path)
    return match.route is not None and match.route.operation in WORK


def _times(seed: int, number: int, upto: int) -> float:
    """Send a batch again up to a request, and return the milliseconds of that one."""
    session = Session(cloud_of(number))
    took = 0.0
    for at, request in enumerate(batch(seed, number)):
        gc.collect() if at == upto else None
        _, took = session.send(request, "")
        if at == upto:
            break
    return took


def _send_batches(seed: int, numbers: range, progress: _Progress, found: Any) -> None:
    logging.getLogger("fake_nova").propagate = False
    gc.freeze()
    seen: set[tuple[str, str]] = set()
    for number in numbers:
        progress.at.value, progress.number.value = 0, number
        session = Session(cloud_of(number))
        slow: list[int] = []
        for at, request in enumerate(batch(seed, number)):
            progress.at.value = at
            offence, took = session.send(request, f"batch {number}, request {at}")
            if offence is not None:
                mark = offence.kind, offence.where
                found.put(offence if mark in seen else shrunk(offence, number))
                seen.add(mark)
            if took > MOST and not _is_work(request):
                slow.append(at)
        for at in slow:
            took = min(_times(seed, number, at) for _ in range(2))
            if took > MOST:
                request = list(batch(seed, number))[at]
                operation = _operation(request)
                found.put(
                    Offence("slow", operation, request, f"batch {number}, request {at}", f"{took:.0f} ms")
                )
    progress.number.value = -1
    found.put(None)


def _operation(request: Request) -> str:
    match = routes().match(request.method, request.path)
    return match.route.operation if match.route is not None else f"{match.service.name}: no route"


def in_process(seed: int, numbers: range) -> Iterator[Offence]:
    """Send batches in a process of its own, another one if it hangs or dies, and give every offence."""
    context = multiprocessing.get_context("fork")
    begin = numbers.start
    while begin < numbers.stop:
        found = context.Queue()
        progress = _Progress(context.Value("q", begin), context.Value("q", 0))
        process = context.Process(
            target=_send_batches, args=(seed, range(begin, numbers.stop), progress, found), daemon=True
        )
        process.start()
        last, since = (-2, -2), time.monotonic()
        while True:
            while not found.empty():
                offence = found.get()
                if offence is None:
                    process.join()
                    return
                yield offence
            present = progress.number.value, progress.at.value
            if present != last:
                last, since = present, time.monotonic()
            stands = time.monotonic() - since > _PATIENCE
            if stands or not process.is_alive():
                if not stands and not found.empty():
                    continue
                process.kill()
                process.join()
                number, at = present
                if number < 0:
                    return
                request = list(batch(seed, number))[at]
                kind = "hang" if stands else "died"
                yield Offence(kind, _operation(request), request, f"batch {number}, request {at}")
                begin = number + 1
                break
            time.sleep(0.02)


# ---------------------------------------------------------------------------- over sockets


class Server:
    """The command ``fake-nova serve`` until the end of the block; what it says as an error is kept."""

    def __init__(self, *options: str) -> None:
        command = (sys.executable, "-m", "fake_nova", "serve", "--port", "0", *options)
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  # it lives as long as the server
        self._read = 0
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self._errors, text=True)
        assert self.process.stdout is not None
        found = re.search(r"http://\S+", self.process.stdout.readline())
        assert found is not None, f"the server does not say where it listens: {self.errors()}"
        self.url: Final = found[0]
        parts = urlsplit(self.url)
        self.address: Final = (str(parts.hostname), parts.port or 80)

    def errors(self) -> str:
        """Return what it said so far as an error."""
        return self._since(0)

    def new_errors(self) -> str:
        """Return what it said as an error since the last time that somebody asked."""
        before, self._read = self._read, os.fstat(self._errors.fileno()).st_size
        return self._since(before) if before != self._read else ""

    def _since(self, at: int) -> str:
        size = os.fstat(self._errors.fileno()).st_size
        return os.pread(self._errors.fileno(), size - at, at).decode("utf-8", "replace")

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.terminate()
        self.process.communicate()
        self._errors.close()


class _Answer(NamedTuple):
    status: int
    headers: list[tuple[str, str]]
    body: bytes


def exchanged(
    address: tuple[str, int], content: bytes, patience: float = _PATIENCE, shut: bool = True
) -> tuple[bytes, float]:
    """Send bytes, and return all that comes back, and the milliseconds of it.

    Args:
        address: where to.
        content: the bytes.
        patience: seconds to wait at most for the next bytes.
        shut: say that nothing more will come.

    Raises:
        TimeoutError: the connection is still open after so many seconds.
    """
    began = time.perf_counter()
    received = bytearray()
    with socket.create_connection(address, timeout=patience) as connection:
        try:
            connection.sendall(content)
            if shut:
                connection.shutdown(socket.SHUT_WR)
            while piece := connection.recv(1 << 16):
                received += piece
        except (ConnectionResetError, BrokenPipeError):
            pass  # the server may close before it has read everything
    return bytes(received), (time.perf_counter() - began) * 1000


def over_sockets(seed: int, count: int, server: str = "gunicorn") -> Iterator[Offence]:
    """Send noise and changed requests to a server, and give every offence."""
    random = Random(f"{seed}/{server}")
    mutator = Mutator(random)
    with Server("--server", server, "--fixtures", RECORDED, "--dialect", "nova") as fake:
        for number in range(count):
            if number % 1000 == 0:
                exchanged(
                    fake.address, _closing(Request("POST", "/_admin/reset", (), b"to=seed")), shut=False
                )
                exchanged(fake.address, _closing(Request("DELETE", "/_admin/faults")), shut=False)
            request: Request | bytes = mutator.noise() if random.random() < 0.5 else mutator.request()
            origin = f"over a socket to {server}, number {number}"
            offence = _sent(fake, request, origin)
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
        alive, _ = exchanged(fake.address, _closing(Request("GET", "/healthcheck")), shut=False)
        if b" 200 " not in alive[:20]:
            yield Offence("died", f"{server} is not well afterwards", alive, "at the end")


def _tracebacks(text: str, request: Request | bytes, origin: str) -> Iterator[Offence]:
    for found in re.findall(r"Traceback \(most recent call last\):\n(?:[ \t].*\n|\n)*.*", text):
        yield Offence("traceback", found.strip().splitlines()[-1][:200], request, origin, found[-1500:])


def _closing(request: Request) -> bytes:
    return request._replace(headers=(*request.headers, ("Connection", "close"))).raw()


def _sent(fake: Server, request: Request | bytes, origin: str) -> Offence | None:
    is_noise = isinstance(request, bytes)
    content = request if isinstance(request, bytes) else _closing(request)
    try:
        received, took = exchanged(fake.address, content, shut=is_noise)
        if took > MOST and not (isinstance(request, Request) and _is_work(request)):
            took = min(took, *(exchanged(fake.address, content, shut=is_noise)[1] for _ in range(2)))
    except TimeoutError:
        return Offence("hang", "no end of the answer", request, origin)
    except ConnectionRefusedError:
        return Offence("died", "nobody listens", request, origin)
    if took > MOST and not (isinstance(request, Request) and _is_work(request)):
        return Offence("slow", f"over a socket, {took:.0f} ms", request, origin)
    if isinstance(request, Request) and received:
        status = re.match(rb"HTTP/1\.[01] ([0-9]{3})[^\r\n]*\r\n", received)
        if status is None:
            return Offence("malformed", "no status line", request, origin, repr(received[:100]))
        if status[1] == b"500" and not _may_fail(fake):
            return Offence("500", "over a socket", request, origin, repr(received[-200:]))
    return None


def _may_fail(fake: Server) -> bool:
    """Whether a fault asks for an answer of 500."""
    received, _ = exchanged(fake.address, _closing(Request("GET", "/_admin/faults")), shut=False)
    return b'"status": 500' in received


# ---------------------------------------------------------------------------- the run


def distinct(found: Iterator[Offence]) -> Iterator[tuple[Offence, bool]]:
    """Give each offence, and whether it is the first of its kind and place."""
    seen: set[tuple[str, str]] = set()
    for offence in found:
        mark = offence.kind, offence.where
        yield offence, mark not in seen
        seen.add(mark)


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
        found = offences(options.seed, options.batch)
    else:
        found = run(options.requests, sockets, options.seed, options.server)
    counts: dict[tuple[str, str], int] = {}
    for offence, is_new in distinct(found):
        mark = offence.kind, offence.where
        counts[mark] = counts.get(mark, 0) + 1
        if is_new:
            sys.stdout.write(f"{offence}\n\n")
            sys.stdout.flush()
    for (kind, where), count in sorted(counts.items(), key=lambda pair: -pair[1]):
        sys.stdout.write(f"{count:6} {kind}: {where}\n")
    total = sum(counts.values())
    sys.stdout.write(f"{options.requests:,} requests, seed {options.seed}: {total} offences\n")
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
