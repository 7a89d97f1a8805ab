"""Requests per second over sockets, beside the same bytes from a Flask view or a bare WSGI callable, and beside other
doubles.

A machine that others use as well makes these figures void more often than those of a process's own CPU.
"""

from __future__ import annotations

import json
import os
import re
import selectors
import socket
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from tests.speed.exchange import address_of
from tests.speed.measure import Comparison, Figure, Gauge, alternate
from tests.speed.subjects import PROJECT

CONNECTIONS = 8
SECONDS = 0.8
ROUNDS = 5
ROOT = f"/v2.1/{PROJECT}/images"

_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)


class Server:
    """A server in a process of its own, until the end of the block; its first line says where it listens."""

    def __init__(self, command: Sequence[str], url: str | None = None, **environment: str) -> None:
        self._process: Final = subprocess.Popen(
            command,
            stdout=subprocess.PIPE if url is None else subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, **environment},
        )
        self.url = url or self._read_url()

    def _read_url(self) -> str:
        assert self._process.stdout is not None
        address = re.search(r"http://\S+", self._process.stdout.readline())
        assert address is not None, "the server does not say where it listens"
        return address[0]

    def wait(self) -> None:
        """Wait until it answers."""
        for _ in range(300):
            try:
                socket.create_connection(address_of(self.url), timeout=5).close()
                return
            except ConnectionRefusedError:
                time.sleep(0.1)

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.communicate()


def fake_nova(*options: str) -> Server:
    """Start the emulator with a thousand images."""
    command = (sys.executable, "-m", "fake_nova", "serve", "--port", "0", "--fixtures", "thousand", *options)
    return Server(command)


def bare(answer: Path, *options: str) -> Server:
    """Start a Flask view, or what *options* say, that returns an answer that `_answer` has written."""
    return Server((sys.executable, "-m", "tests.speed.bare", str(answer), *options))


#: Headers that the servers add themselves.
_OF_SERVER: Final = {"server", "date", "connection", "transfer-encoding"}


def _answer(url: str) -> dict[str, Any]:
    """Return the body of an answer, and the headers that the application gave it."""
    with urlopen(url) as answer:
        headers = [pair for pair in answer.headers.items() if pair[0].lower() not in _OF_SERVER]
        return {"headers": headers, "body": answer.read().decode()}


class _Connection:
    """A client that sends the next request as soon as it has the answer."""

    def __init__(self, address: tuple[str, int], request: bytes, keep_alive: bool) -> None:
        self._address: Final = address
        self._request: Final = request
        self._keep: Final = keep_alive
        self._socket: socket.socket | None = None
        self._head = b""
        self._remaining = -1
        self._is_chunked = False
        self._tail = b""

    def ask(self, selector: selectors.BaseSelector) -> None:
        if self._socket is None:
            self._socket = socket.create_connection(self._address, timeout=30)
            selector.register(self._socket, selectors.EVENT_READ, self)
        self._socket.sendall(self._request)
        self._head, self._remaining = b"", -1

    def read(self, selector: selectors.BaseSelector) -> bool:
        """Read what has come; True if the answer is complete."""
        assert self._socket is not None
        data = self._socket.recv(1 << 20)
        if not data:
            raise ConnectionError("the server closed the connection")
        if self._remaining < 0:
            self._head += data
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return False
            assert self._head[9:12] == b"200", self._head[:200]
            length = _LENGTH.search(self._head, 0, end)
            self._is_chunked = length is None
            self._remaining = int(length[1]) - (len(self._head) - end - 4) if length is not None else 1
        else:
            self._remaining -= 0 if self._is_chunked else len(data)
        self._tail = (self._tail + data[-5:])[-5:]
        if self._is_chunked and self._tail == b"0\r\n\r\n":
            self._remaining = 0
        if self._remaining == 0 and not self._keep:
            self.close(selector)
        return self._remaining == 0

    def close(self, selector: selectors.BaseSelector) -> None:
        if self._socket is not None:
            selector.unregister(self._socket)
            self._socket.close()
            self._socket = None


def per_second(url: str, request: bytes, keep_alive: bool = True) -> float:
    """Return how many answers a second a few clients get, each with one request at a time."""
    with selectors.DefaultSelector() as selector:
        clients = [_Connection(address_of(url), request, keep_alive) for _ in range(CONNECTIONS)]
        for client in clients:
            client.ask(selector)
        count, start = 0, time.perf_counter()
        while (now := time.perf_counter()) - start < SECONDS:
            for key, _ in selector.select(5):
                if key.data.read(selector):
                    count += 1
                    key.data.ask(selector)
        for client in clients:
            client.close(selector)
        return count / (now - start)


def get(path: str, keep_alive: bool = True, **headers: str) -> bytes:
    """Return a request as it is on the wire."""
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    connection = "keep-alive" if keep_alive else "close"
    head = (f"GET {path} HTTP/1.1", "Host: 127.0.0.1", f"Connection: {connection}", *lines)
    return "\r\n".join((*head, "", "")).encode()


def _compare(subject: Gauge, reference: Gauge, control: Gauge | None = None) -> Comparison:
    """Measure two servers, warm, in alternating rounds."""
    subject(), reference()
    return alternate(subject, reference, control, ROUNDS)


def _figure(comparison: Comparison, what: str, goal: float | None) -> Figure:
    return comparison.figure("sockets", what, "requests/s", goal, more_is_better=True)


def _compare_with_flask(
    server: Server, path: str, keep_alive: bool = True, options: Sequence[str] = ()
) -> Comparison:
    """Measure a path beside two servers of constants: Flask views under gunicorn unless *options* say other."""
    request = get(path, keep_alive)
    answer = _answer(f"{server.url}{path}")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "answer.json")
        file.write_text(json.dumps(answer))
        with bare(file, *options) as reference, bare(file, *options) as control:
            if options and _answer(f"{reference.url}{path}") != answer:
                raise RuntimeError(f"{path}: the constant answer differs from that of the emulator")
            rates = (
                partial(per_second, each.url, request, keep_alive) for each in (server, reference, control)
            )
            return _compare(*rates)


#: Server -> goals of show, list of 25 and detail of 1,000 beside a Flask view, and of both beside a bare callable.
_GOALS: Final[Mapping[str, tuple[float | None, ...]]] = {
    "gunicorn": (None, None, 0.8, 0.9),
    "granian": (4.1, 2.8, None, 0.8),
}


def sockets() -> Iterator[Figure]:
    """The reads under each server: beside a Flask view under gunicorn, and a bare WSGI callable under the same."""
    for name, (show_goal, list_goal, detail_goal, callable_goal) in _GOALS.items():
        with fake_nova("--server", name) as server:
            image_id = _json(f"{server.url}{ROOT}?limit=1")["images"][0]["id"]
            for title, path, goal in (
                ("show", f"/{image_id}", show_goal),
                ("list of 25", "?limit=25", list_goal),
                ("detail of 25", "/detail?limit=25", None),
                ("detail of 1,000", "/detail", detail_goal),
            ):
                yield _figure(_compare_with_flask(server, f"{ROOT}{path}"), f"{title}, {name}", goal)
            comparison = _compare_with_flask(server, f"{ROOT}?limit=25", keep_alive=False)
            yield _figure(comparison, f"list of 25, {name}, a connection each", None)
            for title, path in (("show", f"/{image_id}"), ("list of 25", "?limit=25")):
                comparison = _compare_with_flask(
                    server, f"{ROOT}{path}", options=("--callable", "--server", name)
                )
                yield _figure(comparison, f"{title}, {name}, beside a bare WSGI callable", callable_goal)


def install(folder: Path, package: str) -> Path:
    """Return the programs of *package*, installed in an environment of its own."""
    home = folder / re.sub(r"\W.*", "", package)
    if not home.exists():
        venv.create(home, with_pip=True)
        subprocess.run((home / "bin" / "pip", "install", "-qqq", package), check=True)
    return home / "bin"


def peers() -> Iterator[Figure]:
    """Other doubles, on the same work: a list of as many images as they have."""
    folder = Path(os.environ.get("FAKE_NOVA_PEERS", tempfile.gettempdir())) / "fake-nova-peers"
    folder.mkdir(exist_ok=True)
    yield _mimic(install(folder, "mimic"))
    yield _moto(install(folder, "moto[server,ec2]"), folder)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _json(url: str, body: object = None, **headers: str) -> Any:
    content = None if body is None else json.dumps(body).encode()
    with urlopen(Request(url, content, {"Content-Type": "application/json", **headers})) as answer:
        return json.load(answer)


def _mimic(programs: Path) -> Figure:
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    with ExitStack() as stack:
        mimic = stack.enter_context(Server((str(programs / "twist"), "mimic", "-l", f"tcp:{port}"), url))
        mimic.wait()
        credentials = {"auth": {"passwordCredentials": {"username": "a", "password": "b"}}}
        access = _json(f"{url}/identity/v2.0/tokens", credentials)["access"]
        catalogue = (entry for entry in access["serviceCatalog"] if entry["type"] == "compute")
        path = urlsplit(next(catalogue)["endpoints"][0]["publicURL"]).path + "/images"
        token = {"X-Auth-Token": access["token"]["id"]}
        count = len(_json(url + path, **token)["images"])
        nova = stack.enter_context(fake_nova())
        request, mimic_request = get(f"{ROOT}?limit={count}"), get(path, **token)
        comparison = _compare(lambda: per_second(nova.url, request), lambda: per_second(url, mimic_request))
        return _figure(comparison, f"list of {count}, gunicorn, beside mimic", 3.2)


def _moto(programs: Path, folder: Path) -> Figure:
    count, port = 25, _free_port()
    kinds = {"virtualization_type": "hvm", "image_type": "machine", "hypervisor": "xen", "sriov": "simple"}
    kinds |= {"root_device_name": "/dev/sda1", "root_device_type": "ebs", "architecture": "x86_64"}
    images = [
        {"ami_id": f"ami-{number:08x}", "name": f"image-{number}", "description": "", "public": True, **kinds}
        | {"owner_id": "801119661308", "state": "available", "platform": None}
        for number in range(count)
    ]
    path = folder / "images.json"
    path.write_text(json.dumps(images))
    body = "Action=DescribeImages&Version=2016-11-15"
    credential = "Credential=a/20130524/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=x"
    head = {"Authorization": f"AWS4-HMAC-SHA256 {credential}", "Content_Length": str(len(body))}
    head["Content_Type"] = "application/x-www-form-urlencoded"
    form = get("/", False, **head).replace(b"GET", b"POST", 1)
    url = f"http://127.0.0.1:{port}"
    command = (str(programs / "moto_server"), "-p", str(port))
    with Server(command, url, MOTO_AMIS_PATH=str(path)) as moto, fake_nova() as nova:
        moto.wait()
        request = get(f"{ROOT}?limit={count}")
        comparison = _compare(
            lambda: per_second(nova.url, request),
            lambda: per_second(url, form + body.encode(), keep_alive=False),
        )
        return _figure(comparison, f"list of {count}, gunicorn, beside moto's DescribeImages", 47)
