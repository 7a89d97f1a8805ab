"""Requests per second over sockets, against the same bytes from a Flask view, and against other doubles.

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
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any, Final
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from tests.speed.measure import CONTROL, Figure
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
        self.url = url or self._said()

    def _said(self) -> str:
        assert self._process.stdout is not None
        address = re.search(r"http://\S+", self._process.stdout.readline())
        assert address is not None, "the server does not say where it listens"
        return address[0]

    def wait(self) -> None:
        """Wait until it answers."""
        for _ in range(300):
            try:
                socket.create_connection(_address(self.url), timeout=5).close()
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


def bare(body: bytes, folder: str) -> Server:
    """Start a Flask view that returns *body*, under gunicorn with the same settings."""
    path = Path(folder) / str(len(body))
    path.write_bytes(body)
    return Server((sys.executable, "-m", "tests.speed.bare", str(path)))


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return str(parts.hostname), parts.port or 80


class _Connection:
    """A client that asks again as soon as it was answered."""

    def __init__(self, address: tuple[str, int], request: bytes, keep: bool) -> None:
        self._address: Final = address
        self._request: Final = request
        self._keep: Final = keep
        self._socket: socket.socket | None = None
        self._head = b""
        self._left = -1
        self._chunked = False
        self._tail = b""

    def ask(self, selector: selectors.BaseSelector) -> None:
        if self._socket is None:
            self._socket = socket.create_connection(self._address, timeout=30)
            selector.register(self._socket, selectors.EVENT_READ, self)
        self._socket.sendall(self._request)
        self._head, self._left = b"", -1

    def read(self, selector: selectors.BaseSelector) -> bool:
        """Take what is there; True when the answer is whole."""
        assert self._socket is not None
        data = self._socket.recv(1 << 20)
        if not data:
            raise ConnectionError("the server closed the connection")
        if self._left < 0:
            self._head += data
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return False
            assert self._head[9:12] == b"200", self._head[:200]
            length = _LENGTH.search(self._head, 0, end)
            self._chunked = length is None
            self._left = int(length[1]) - (len(self._head) - end - 4) if length is not None else 1
        else:
            self._left -= 0 if self._chunked else len(data)
        self._tail = (self._tail + data[-5:])[-5:]
        if self._chunked and self._tail == b"0\r\n\r\n":
            self._left = 0
        if self._left == 0 and not self._keep:
            self.close(selector)
        return self._left == 0

    def close(self, selector: selectors.BaseSelector) -> None:
        if self._socket is not None:
            selector.unregister(self._socket)
            self._socket.close()
            self._socket = None


def per_second(url: str, request: bytes, keep: bool = True) -> float:
    """Return how many answers a second a few clients get that ask one after another."""
    with selectors.DefaultSelector() as selector:
        clients = [_Connection(_address(url), request, keep) for _ in range(CONNECTIONS)]
        for client in clients:
            client.ask(selector)
        count, began = 0, time.perf_counter()
        while (now := time.perf_counter()) - began < SECONDS:
            for key, _ in selector.select(5):
                if key.data.read(selector):
                    count += 1
                    key.data.ask(selector)
        for client in clients:
            client.close(selector)
        return count / (now - began)


def get(path: str, keep: bool = True, **headers: str) -> bytes:
    """Return a request as it is on the wire."""
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    connection = "keep-alive" if keep else "close"
    head = (f"GET {path} HTTP/1.1", "Host: 127.0.0.1", f"Connection: {connection}", *lines)
    return "\r\n".join((*head, "", "")).encode()


Rate = Callable[[], float]


def compared(what: str, goal: float | None, ours: Rate, limit: Rate, control: Rate | None = None) -> Figure:
    """Measure two rates in alternating rounds; without a *control* the limit is measured twice."""
    mine: list[float] = []
    its: list[float] = []
    void = 0
    for rate in (ours, limit):
        rate()
    while len(mine) < ROUNDS and void < 3 * ROUNDS:
        before, present, after = limit(), ours(), (control or limit)()
        if CONTROL[0] <= after / before <= CONTROL[1]:
            mine.append(present)
            its.append((before + after) / 2)
        else:
            void += 1
    values = (median(mine), median(its)) if mine else (float("nan"), float("nan"))
    return Figure("sockets", what, *values, "requests/s", goal, True, len(mine), void)


def _beside(what: str, server: Server, path: str, goal: float | None, keep: bool = True) -> Figure:
    """Measure a path beside two Flask views under gunicorn that return the same bytes."""
    with urlopen(f"{server.url}{path}") as answer:
        body = answer.read()
    request = get(path, keep)
    with tempfile.TemporaryDirectory() as folder, bare(body, folder) as limit, bare(body, folder) as control:
        return compared(
            what,
            goal,
            lambda: per_second(server.url, request, keep),
            lambda: per_second(limit.url, request, keep),
            lambda: per_second(control.url, request, keep),
        )


def sockets() -> Iterator[Figure]:
    """The reads under each server, beside a Flask view under gunicorn."""
    for name, goals in (("gunicorn", (None, None, None, 0.7)), ("granian", (6.0, 4.0, None, None))):
        with fake_nova("--server", name) as server:
            with urlopen(f"{server.url}{ROOT}?limit=1") as answer:
                image_id = json.load(answer)["images"][0]["id"]
            paths = (
                ("show", f"/{image_id}"),
                ("list of 25", "?limit=25"),
                ("detail of 25", "/detail?limit=25"),
            )
            for (what, path), goal in zip((*paths, ("detail of 1,000", "/detail")), goals, strict=True):
                yield _beside(f"{what}, {name}", server, f"{ROOT}{path}", goal)
            what = f"list of 25, {name}, a connection each"
            yield _beside(what, server, f"{ROOT}?limit=25", None, keep=False)


def installed(folder: Path, package: str) -> Path:
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
    yield _mimic(installed(folder, "mimic"))
    yield _moto(installed(folder, "moto[server,ec2]"), folder)


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
        theirs = stack.enter_context(Server((str(programs / "twist"), "mimic", "-l", f"tcp:{port}"), url))
        theirs.wait()
        credentials = {"auth": {"passwordCredentials": {"username": "a", "password": "b"}}}
        access = _json(f"{url}/identity/v2.0/tokens", credentials)["access"]
        catalogue = (entry for entry in access["serviceCatalog"] if entry["type"] == "compute")
        path = urlsplit(next(catalogue)["endpoints"][0]["publicURL"]).path + "/images"
        token = {"X-Auth-Token": access["token"]["id"]}
        many = len(_json(url + path, **token)["images"])
        ours = stack.enter_context(fake_nova())
        mine, its = get(f"{ROOT}?limit={many}"), get(path, **token)
        return compared(
            f"list of {many}, gunicorn, beside mimic",
            4,
            lambda: per_second(ours.url, mine),
            lambda: per_second(url, its),
        )


def _moto(programs: Path, folder: Path) -> Figure:
    many, port = 25, _free_port()
    kinds = {"virtualization_type": "hvm", "image_type": "machine", "hypervisor": "xen", "sriov": "simple"}
    kinds |= {"root_device_name": "/dev/sda1", "root_device_type": "ebs", "architecture": "x86_64"}
    images = [
        {"ami_id": f"ami-{number:08x}", "name": f"image-{number}", "description": "", "public": True, **kinds}
        | {"owner_id": "801119661308", "state": "available", "platform": None}
        for number in range(many)
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
    with Server(command, url, MOTO_AMIS_PATH=str(path)) as theirs, fake_nova() as ours:
        theirs.wait()
        mine = get(f"{ROOT}?limit={many}")
        return compared(
            f"list of {many}, gunicorn, beside moto's DescribeImages",
            25,
            lambda: per_second(ours.url, mine),
            lambda: per_second(url, form + body.encode(), keep=False),
        )
