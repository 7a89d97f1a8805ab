"""What may not happen when an emulator answers a request: an error, a malformed answer."""

from __future__ import annotations

import json
import logging
import os
import re
import time
import traceback
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final, NamedTuple

from fake_nova.apis import router
from fake_nova.app import create_app
from fake_nova.clients.in_process import InProcessResponse
from fake_nova.cloud.emulator import Emulator
from fake_nova.documents.loading import start_from_fixtures
from fake_nova.settings import Settings
from tests.speed.exchange import Request, ask, environment

#: Most milliseconds of a request.
MAX_MILLISECONDS: Final = 250.0

#: Operations that ask for work or for waiting, whose time does not count here -> why.
WORK: Final[Mapping[str, str]] = {
    "admin.fixtures": "loads a document of up to hundreds of thousands of images",
    "admin.images.generate": "makes up to a million images",
    "admin.servers.generate": "makes up to a million servers",
    "admin.images.add": "takes any number of images",
    "admin.reset": "begins a cloud again from all its fixtures",
    "admin.scopes.open": "gives a project a cloud as seeded",
    "admin.export": "writes every image",
    "admin.requests.wait": "waits for as long as it is told",
}


class Offence(NamedTuple):
    """One thing that may not happen.

    Attributes:
        kind: ``500``, ``malformed``, ``slow``, ``hang`` or ``died``.
        location: the place in the code, or what is wrong; two that are alike are the same fault.
        request: what was sent; bytes for what is no request.
        origin: the batch and the number in it, or where else it was sent.
        detail: the rest.
    """

    kind: str
    location: str
    request: Request | bytes
    origin: str
    detail: str = ""

    def __str__(self) -> str:
        request_text = self.request.curl() if isinstance(self.request, Request) else repr(self.request[:400])
        return f"{self.kind}: {self.location}\n  {self.origin}\n  {request_text}\n  {self.detail}".rstrip()


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
        self.emulator = Emulator(Settings(**cloud), operations=router().operations)
        start_from_fixtures(self.emulator)
        self._app = create_app(self.emulator).wsgi_app
        self._log = _Log()
        self._tokens: dict[str, str] = {}

    def fill_in(self, request: Request) -> Request:
        """Put tokens in the place of ``{token:alice}`` and the like."""
        headers = tuple((name, self._fill_in(value)) for name, value in request.headers)
        return request._replace(headers=headers)

    def _fill_in(self, value: str) -> str:
        match = re.match(r"\{token:(.*)\}", value)
        if match is None:
            return value
        cloud = self.emulator.cloud
        text = self._tokens.get(match[1])
        if text is None or cloud.tokens.find(text) is None:
            users = cloud.directory.users
            user = cloud.directory.user(match[1]) or (users[0] if users else None)
            text = self._tokens[match[1]] = cloud.tokens.issue(user, user.project)[0] if user else "none"
        return text

    def send(self, request: Request, origin: str) -> tuple[Offence | None, float]:
        """Send a request; return what is wrong with its answer, and how many milliseconds of CPU it took."""
        faults = [
            rule.fault.effect for cloud in self.emulator.clouds().values() for rule in cloud.faults.all_faults
        ]
        for cloud in self.emulator.clouds().values():
            cloud.faults.delays_cancelled.set()  # nobody waits out a delay
        environ = environment(self.fill_in(request))
        reply: InProcessResponse | None = None
        problem = ""
        log = logging.getLogger("fake_nova")
        log.addHandler(self._log)
        self._log.error = None
        start = time.thread_time()
        try:
            reply = ask(self._app, environ)
        except (ConnectionResetError, BrokenPipeError):
            if not any(effect.connection for effect in faults):
                problem = "the connection breaks, and no fault says so"
        except Exception as error:  # whatever comes out of the application is an offence
            self._log.error = error
        finally:
            elapsed = (time.thread_time() - start) * 1000
            log.removeHandler(self._log)
        if self._log.error is not None:
            return Offence("500", *_place(self._log.error, request, origin)), elapsed
        if reply is not None:
            may_be_damaged = any(effect.body or effect.connection for effect in faults)
            problem = _form_error(reply, request.method, may_be_damaged)
            if reply.status == 500 and all(effect.status != 500 for effect in faults):
                problem = f"500 without an error in the log: {reply.content[:200]!r}"
        return (Offence("malformed", problem, request, origin) if problem else None), elapsed


def _place(error: BaseException, request: Request, origin: str) -> tuple[str, Request, str, str]:
    """Say where an error came from: the last line of the package, and of all."""
    frames = traceback.extract_tb(error.__traceback__)
    package_frames = [frame for frame in frames if f"{os.sep}fake_nova{os.sep}" in frame.filename] or frames
    frame = package_frames[-1]
    path = frame.filename.rpartition(f"{os.sep}fake_nova{os.sep}")[2]
    location = f"{type(error).__name__} at {path}:{frame.lineno} ({frame.name})"
    return location, request, origin, f"{type(error).__name__}: {str(error)[:300]}"


def _form_error(reply: InProcessResponse, method: str, may_be_damaged: bool) -> str:
    """Say what is wrong with the form of an answer; "" for nothing."""
    if reply.status not in set(HTTPStatus):
        return f"there is no status {reply.status}"
    headers = [(name.lower(), value) for name, value in reply.headers]
    return _wrong_header(headers) or _wrong_body(reply, dict(headers), method, may_be_damaged)


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


def _wrong_body(
    reply: InProcessResponse, headers: Mapping[str, str], method: str, may_be_damaged: bool
) -> str:
    size, length = len(reply.content), headers.get("content-length")
    if method == "HEAD" or reply.status in (204, 304):
        return f"a body of {size} bytes where none may be ({method}, {reply.status})" if size else ""
    if length != str(size):
        return f"Content-Length {length} of a body of {size} bytes"
    is_empty = reply.status == 202 and not size  # Nova says that one is JSON, too
    if "json" in headers.get("content-type", "") and not is_empty and not may_be_damaged:
        try:
            json.loads(reply.content)
        except ValueError as error:
            return f"no JSON: {error}"
    return ""


def is_work(request: Request) -> bool:
    match = router().match(request.method, request.path)
    return match.route is not None and match.route.operation in WORK


def operation_of(request: Request) -> str:
    match = router().match(request.method, request.path)
    return match.route.operation if match.route is not None else f"{match.service.name}: no route"
