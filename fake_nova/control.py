"""Control: an emulated cloud from Python, whether it is served in this process or elsewhere."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from types import TracebackType
from typing import Any, Final, Protocol, TypedDict
from urllib.parse import quote, urlencode, urlsplit

from fake_nova.errors import FakeNovaError, Unusable

Document = dict[str, Any]


class Refused(FakeNovaError):
    """The emulator refused a request of the admin API; nothing has changed.

    Attributes:
        status: the HTTP status.
        message: what is wrong, what was there and what is allowed.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status: Final = status
        self.message: Final = message


class Unreachable(FakeNovaError):
    """Nobody answers there, or not in time."""


class Transport(Protocol):
    """Takes requests of the admin API to the emulator."""

    def __call__(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Send a request and return the status and the body of its answer."""


class HttpTransport:
    """Over HTTP, a connection each, so that it may be used by several threads.

    Args:
        url: where the emulator listens, such as ``http://127.0.0.1:8774``.
        timeout: seconds to wait for an answer.

    Raises:
        Unusable: it is no such address.
    """

    def __init__(self, url: str, timeout: float) -> None:
        try:
            self._address: Final = urlsplit(url)
            usable = self._address.scheme in ("http", "https") and self._address.hostname
            self._port: Final = self._address.port
        except ValueError:
            usable = None
        if not usable:
            raise Unusable(f"url: {url!r} is not allowed; allowed: an address such as http://127.0.0.1:8774")
        self._timeout: Final = timeout

    def __call__(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Send a request and return the status and the body of its answer.

        Raises:
            Unreachable: nobody answers.
        """
        kind = HTTPSConnection if self._address.scheme == "https" else HTTPConnection
        connection = kind(self._address.hostname or "", self._port, timeout=self._timeout)
        try:
            connection.request(method, self._address.path.rstrip("/") + path, body, dict(headers))
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, HTTPException) as error:
            raise Unreachable(f"{self._address.geturl()}: {error or type(error).__name__}") from error
        finally:
            connection.close()


class Login(TypedDict):
    """Whom a client may be."""

    username: str
    password: str
    project_id: str
    project_name: str


class _Asker:
    """Asks the admin API about one scope."""

    def __init__(self, transport: Transport, scope: str | None, token: str | None) -> None:
        self._transport: Final = transport
        self._scope: Final = scope
        self._token: Final = token

    def ask(self, method: str, path: str, body: object = None, /, **query: object) -> Any:
        """Send a JSON request and return what the answer says."""
        content = b"" if body is None else json.dumps(body, default=_written).encode()
        answer = self.send(method, path, content, **query)
        return json.loads(answer) if answer else {}

    def send(self, method: str, path: str, content: bytes, /, **query: object) -> bytes:
        """Send bytes and return those of the answer.

        Raises:
            Refused: the emulator did not do it.
        """
        asked = {**query, "scope": self._scope}
        text = urlencode({name: value for name, value in asked.items() if value is not None})
        headers = {} if self._token is None else {"Authorization": f"Bearer {self._token}"}
        status, answer = self._transport(
            method, f"/_admin{path}{'?' + text if text else ''}", content, headers
        )
        if status >= 400:
            raise Refused(status, _message(answer))
        return answer


def _written(value: object) -> str:
    """Write what JSON has no word for: times."""
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{value!r} is no JSON")


def _message(answer: bytes) -> str:
    try:
        return str(next(iter(json.loads(answer).values()))["message"])
    except (ValueError, AttributeError, KeyError, TypeError, StopIteration):
        return answer[:200].decode("utf-8", "replace")


def seconds(text: str, source: str) -> float:
    """Read a number of seconds that came from *source*; Unusable where it is none."""
    try:
        value = float(text)
    except ValueError:
        value = -1
    if not 0 <= value <= 10**9:  # no "nan" either
        raise Unusable(f"{source}: {text!r} is not allowed; allowed: seconds from 0 to {10**9}")
    return value


def _part(value: str) -> str:
    """Write a part of a path; ValueError for what would lead to another path."""
    if not isinstance(value, str) or not value:
        raise ValueError(f"{value!r} is not allowed; allowed: text that is not empty, such as an image's id")
    return quote(value, safe="")


class Images:
    """The images of the cloud, as documents in Glance's words, the same as in fixture files."""

    def __init__(self, asker: _Asker) -> None:
        self._asker: Final = asker

    def add(self, **fields: Any) -> Document:
        """Add one image; what is left out has the same defaults as in fixtures. Return it as stored.

        ``plan="slow"`` lets it go by a plan.
        """
        return self._one("POST", "", fields)

    def add_all(self, documents: Sequence[Mapping[str, Any]]) -> list[Document]:
        """Add several images, all or none, and return them as stored."""
        return self._several("POST", "", {"images": list(documents)})

    def generate(self, count: int, seed: int = 0, **template: Any) -> list[Document]:
        """Add *count* images made up by Faker; the same *seed* gives the same ones."""
        return self._several("POST", "/generate", {"count": count, "seed": seed, "template": template})

    def all(self) -> list[Document]:
        """Return every image as stored, deleted ones too, newest first."""
        return self._several("GET", "")

    def get(self, image_id: str) -> Document:
        """Return one image as stored."""
        return self._one("GET", f"/{_part(image_id)}")

    def change(self, image_id: str, **fields: Any) -> Document:
        """Change fields of an image; ``updated_at`` is now unless given. Return it as stored."""
        return self._one("PATCH", f"/{_part(image_id)}", fields)

    def set_status(self, image_id: str, status: str) -> Document:
        """Set an image's status in Glance's words, any to any. Return it as stored."""
        return self._one("PUT", f"/{_part(image_id)}/status", {"status": status})

    def begin(self, image_id: str, plan: str) -> Document:
        """Let an image go by a plan, from its first step. Return it as stored."""
        return self._one("PUT", f"/{_part(image_id)}/plan", {"plan": plan})

    def history(self, image_id: str) -> list[Document]:
        """Return each version of an image: ``image``, ``at`` and ``by`` which call or plan it came about."""
        versions: list[Document] = self._one("GET", f"/{_part(image_id)}/history")["versions"]
        return versions

    def forget(self, image_id: str) -> None:
        """Drop every trace of an image."""
        self._one("DELETE", f"/{_part(image_id)}")

    def _one(self, method: str, path: str, body: object = None) -> Document:
        answer: Document = self._asker.ask(method, f"/images{path}", body)
        return answer

    def _several(self, method: str, path: str, body: object = None) -> list[Document]:
        images: list[Document] = self._one(method, path, body)["images"]
        return images


class Clock:
    """The cloud's clock."""

    def __init__(self, asker: _Asker) -> None:
        self._asker: Final = asker

    def now(self) -> datetime:
        """Return what it shows."""
        return datetime.fromisoformat(self._asker.ask("GET", "/clock")["now"])

    def mode(self) -> str:
        """Return how it goes: ``real``, ``frozen`` or ``auto``."""
        return str(self._asker.ask("GET", "/clock")["mode"])

    def freeze(self, at: datetime | str | None = None) -> None:
        """Stop it, at a time or where it is."""
        self._set(mode="frozen", now=at)

    def advance(self, seconds: float) -> None:
        """Move it ahead by seconds, however it goes."""
        self._set(advance=seconds)

    def auto(self) -> None:
        """Let looking at an image that is under way move it to the end of the image's present step."""
        self._set(mode="auto")

    def real(self) -> None:
        """Go back to the machine's own time."""
        self._set(mode="real")

    def _set(self, **fields: Any) -> None:
        self._asker.ask("PUT", "/clock", {name: value for name, value in fields.items() if value is not None})


class Plans:
    """What images go by from status to status."""

    def __init__(self, asker: _Asker) -> None:
        self._asker: Final = asker

    def all(self) -> Document:
        """Return the ``plans``, the ``default``, and what is ``assign``-ed by match."""
        plans: Document = self._asker.ask("GET", "/plans")
        return plans

    def define(self, name: str, steps: Sequence[Mapping[str, Any]]) -> None:
        """Make a plan: steps with a ``status``, and ``seconds`` or ``looks`` that end each but the last."""
        self._asker.ask("PUT", f"/plans/{_part(name)}", {"steps": list(steps)})

    def use(self, default: str | None) -> None:
        """Let new images go by a plan, or by none, unless they name another or a status."""
        self._asker.ask("PUT", "/plans", {"default": default})

    def assign(self, plan: str, **match: Any) -> None:
        """Let new images that *match* (fields of an image; texts with ``*`` and ``?``) go by a plan."""
        before = self.all()["assign"]
        self._asker.ask("PUT", "/plans", {"assign": [{"match": match, "plan": plan}, *before]})


#: What a fault matches by; its other words are bounds, or say what it does.
_MATCH: Final = (
    *("operation", "method", "path", "project", "header", "query"),
    *("nth", "probability", "seed"),
)
_BOUNDS: Final = ("times", "seconds", "owner")


class Faults:
    """Failures that clients meet."""

    def __init__(self, asker: _Asker) -> None:
        self._asker: Final = asker

    def add(self, **words: Any) -> Document:
        """Put a fault in force, and return it with its id.

        Args:
            words: which requests it is for (``operation``, ``method``, ``path``, ``project``, ``header``,
                ``query``, ``nth``, ``probability``, ``seed``), what it does (``status`` with ``message`` and
                ``retry_after``, ``token``, ``connection``, ``body``, ``stale``; ``delay``), and its bounds
                (``times``, ``seconds``, ``owner``); as README's tables say.
        """
        document = {
            "match": {name: value for name, value in words.items() if name in _MATCH},
            "effect": {name: value for name, value in words.items() if name not in (*_MATCH, *_BOUNDS)},
            **{name: value for name, value in words.items() if name in _BOUNDS},
        }
        fault: Document = self._asker.ask("POST", "/faults", document)
        return fault

    def all(self) -> list[Document]:
        """Return every fault, those that are over too, with how many requests it ``matched`` and ``met``."""
        faults: list[Document] = self._asker.ask("GET", "/faults")["faults"]
        return faults

    def remove(self, fault_id: str) -> None:
        """Take one away."""
        self._asker.ask("DELETE", f"/faults/{_part(fault_id)}")

    def clear(self, owner: str | None = None) -> None:
        """Take all away, or all of one owner."""
        self._asker.ask("DELETE", "/faults", owner=owner)


class Requests:
    """What clients asked.

    A match is by ``operation``, ``method``, ``path``, ``query``, ``project``, ``status``, ``body``,
    ``user_agent`` and ``global_request_id``, with ``*`` and ``?`` for what may be anything.
    """

    def __init__(self, asker: _Asker) -> None:
        self._asker: Final = asker

    def all(self, **match: Any) -> list[Document]:
        """Return the requests that match, oldest first."""
        requests: list[Document] = self._asker.ask("GET", "/requests", **match)["requests"]
        return requests

    def count(self, **match: Any) -> int:
        """Return how many requests match."""
        return int(self._asker.ask("GET", "/requests/count", **match)["count"])

    def expect(self, number: int, **match: Any) -> None:
        """Check that just so many requests match.

        Raises:
            AssertionError: others do; it says which came nearest, and in what they differ.
        """
        counted = self._asker.ask("GET", "/requests/count", expect=number, **match)
        if counted["met"]:
            return
        wanted = " ".join(f"{name}={value}" for name, value in match.items()) or "any request"
        lines = [f"{counted['count']} instead of {number} requests match {wanted}"]
        for near in counted["nearest"]:
            request = near["request"]
            differs = ", ".join(f"{name} is {had!r}" for name, (_, had) in near["differs"].items())
            lines.append(f"  near: {request['method']} {_target(request)} -> {request['status']}: {differs}")
        raise AssertionError("\n".join(lines))

    def wait(self, timeout: float = 5, **match: Any) -> Document:
        """Return the first request that matches, as soon as it was answered.

        Args:
            timeout: seconds, up to 60.
            match: what it has to be.

        Raises:
            TimeoutError: none was in time.
        """
        try:
            request: Document = self._asker.ask("GET", "/requests/wait", timeout=timeout, **match)["request"]
        except Refused as refused:
            if refused.status != 408:
                raise
            raise TimeoutError(refused.message) from refused
        return request

    def clear(self) -> None:
        """Forget what was asked."""
        self._asker.ask("DELETE", "/requests")


def _target(request: Document) -> str:
    return f"{request['path']}?{request['query']}" if request["query"] else str(request["path"])


class Control:
    """A cloud under test: all that the admin API can do, the same for a server in this process and elsewhere.

    It is about the cloud that all projects share, or, where it has a scope, about that project's own. Every
    method raises `Refused` where the emulator does not do what it was asked; then nothing has changed. As a
    context manager it takes its scope away at the end, if it opened one.

    Args:
        url: where the emulator listens, such as ``http://127.0.0.1:8774``.
        scope: the project whose own cloud it is about; None for the shared one.
        token: what ``--admin-token`` says, where it says something.
        timeout: seconds to wait for an answer.
        transport: another way to the emulator than HTTP.
        login: whom clients may be in it; None for the first user of the fixtures.

    Raises:
        Unusable: the URL is no address.

    Attributes:
        url: where the emulator listens.
        images: add images, change them, set their status.
        clock: freeze and move the time.
        plans: let images go from status to status by themselves.
        faults: let requests fail.
        requests: what was asked.
    """

    def __init__(
        self,
        url: str,
        scope: str | None = None,
        *,
        token: str | None = None,
        timeout: float = 70,
        transport: Transport | None = None,
        login: Login | None = None,
    ) -> None:
        self.url: Final = url.rstrip("/")
        self.scope_id: Final = scope
        self._token: Final = token
        self._transport: Final[Transport] = transport or HttpTransport(self.url, timeout)
        self._login = login
        self._asker: Final = _Asker(self._transport, scope, token)
        self.images: Final = Images(self._asker)
        self.clock: Final = Clock(self._asker)
        self.plans: Final = Plans(self._asker)
        self.faults: Final = Faults(self._asker)
        self.requests: Final = Requests(self._asker)

    @property
    def admin(self) -> Control:
        """The same: what tests that were written for a server in this process ask to change the cloud."""
        return self

    @property
    def login(self) -> Login:
        """User, password and project of a client."""
        if self._login is None:
            self._login = self._asker.ask("GET", "/environment")["login"]
        return self._login

    @property
    def project_id(self) -> str:
        """The project that this is about: the scope's, else the first one of the fixtures."""
        return self.scope_id or self.login["project_id"]

    @property
    def compute_url(self) -> str:
        """The images API's base URL for that project: put ``/images`` behind it."""
        return f"{self.url}/v2.1/{self.project_id}"

    @property
    def auth_url(self) -> str:
        """What clients call the auth URL."""
        return f"{self.url}/identity/v3"

    @property
    def environment(self) -> dict[str, str]:
        """The OS_* variables that let an OpenStack client log in."""
        variables: dict[str, str] = self._asker.ask("GET", "/environment")["environment"]
        return variables

    def reset(self, to: str = "seed") -> None:
        """Start over, nothing in force: ``seed``, exactly as at the start, or ``empty``, with no image."""
        self._asker.ask("POST", "/reset", {"to": to})

    def load(self, fixture: str, replace: bool = False) -> list[Document]:
        """Take in a fixture document, YAML or JSON, and return its images; a reset goes back to it now.

        The next test's cloud of the pytest plugin is again as it was started.
        """
        answer = self._asker.send("POST", "/fixtures", fixture.encode(), replace=str(replace).lower())
        images: list[Document] = json.loads(answer)["images"]
        return images

    def snapshot(self, name: str = "snapshot") -> None:
        """Give the present state a name."""
        self._asker.ask("POST", "/snapshots", {"name": name})

    def restore(self, name: str = "snapshot") -> None:
        """Go back to the state of this name; images that were under way have as long to go as then."""
        self._asker.ask("POST", f"/snapshots/{_part(name)}/restore")

    def changes(self, since: str = "seed", to: str | None = None) -> Document:
        """Return what was ``added``, ``changed`` and ``removed`` since a snapshot, until now or another."""
        changes: Document = self._asker.ask("GET", f"/snapshots/{_part(since)}/changes", to=to)
        return changes

    def explain(self, path: str) -> Document:
        """Return why each image is or is not in the list that *path* (with its query) asks for."""
        why: Document = self._asker.ask("GET", "/explain", path=path)
        return why

    def complaints(self) -> list[str]:
        """Return what a strict test does not put up with, a line each."""
        lines: list[str] = self._asker.ask("GET", "/complaints")["complaints"]
        return lines

    def export(self) -> str:
        """Return the cloud as a fixture file that ``fake-nova serve --state`` starts from."""
        return self._asker.send("GET", "/export", b"").decode()

    def health(self) -> Document:
        """Say how the emulator is; `Refused` with status 503 while it is loading."""
        health: Document = self._asker.ask("GET", "/health")
        return health

    def wait(self, seconds: float = 30) -> None:
        """Wait until the server has loaded its fixtures and answers.

        Raises:
            Unreachable: it does not within *seconds*.
        """
        deadline = time.monotonic() + seconds
        while True:
            why: object
            try:
                status, answer = self._transport("GET", "/healthcheck", b"", {})
                if status == 200:
                    return
                why = answer.decode("utf-8", "replace")
            except Unreachable as error:
                why = error
            if time.monotonic() > deadline:
                raise Unreachable(f"{self.url} is not ready after {seconds:g} seconds: {why}")
            time.sleep(0.05)

    def scope(self, project_id: str | None = None, **settings: Any) -> Control:
        """Open a scope: a cloud of a project's own, as seeded, that no other sees.

        Args:
            project_id: the project; None makes a new one.
            settings: ``dialect`` and ``auth_strategy``, where they differ from the server's.

        Returns:
            A handle of it, which takes it away at the end of a ``with`` block.
        """
        asked = {"project": project_id or secrets.token_hex(16), **settings}
        made = _Asker(self._transport, None, self._token).ask("POST", "/scopes", asked)
        login = Login(
            username=made["user"]["name"],
            password=made["user"]["password"],
            project_id=made["project"]["id"],
            project_name=made["project"]["name"],
        )
        return Control(
            self.url, login["project_id"], token=self._token, transport=self._transport, login=login
        )

    def close(self) -> None:
        """Take the scope away with all that is in it; nothing for the shared cloud."""
        if self.scope_id is not None:
            _Asker(self._transport, None, self._token).ask("DELETE", f"/scopes/{self.scope_id}")

    @contextmanager
    def kept(self) -> Iterator[Control]:
        """Go back, at the end of the block, to the images that there are at its beginning."""
        name = f"kept-{secrets.token_hex(4)}"
        self.snapshot(name)
        try:
            yield self
        finally:
            self.restore(name)
            self._asker.ask("DELETE", f"/snapshots/{name}")

    def __enter__(self) -> Control:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
