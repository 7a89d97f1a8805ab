"""Call and Answer: one request and one response, free of any web framework.

A `Context` is read off the WSGI environment, so the same code answers behind Flask, in a test and in anything
else that speaks WSGI.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from secrets import randbits
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_plus
from uuid import UUID

from fake_nova.images.model import Caller, Image
from fake_nova.wire import request_body

if TYPE_CHECKING:
    from fake_nova.cloud.cloud import Cloud
    from fake_nova.cloud.emulator import Emulator
    from fake_nova.cloud.faults import ActiveFault
    from fake_nova.cloud.journal import Entry
    from fake_nova.dialects import Dialect
    from fake_nova.wire.microversion import Microversion
    from fake_nova.wire.routing import Route, Router, Service

Headers = tuple[tuple[str, str], ...]

#: Scheme, host and port, and the path that the application is mounted at.
Address = tuple[str, str, str]

#: Nobody: a member of no project.
ANONYMOUS: Final = Caller(None, frozenset())


class Response:
    """One response, which nobody changes.

    Attributes:
        status: the HTTP status.
        headers: name and value, in order, names repeated where the wire repeats them.
        body: the bytes.
        connection_fault: ``reset`` or ``cut`` for an answer whose connection breaks; None for a whole one.
    """

    __slots__ = ("body", "connection_fault", "headers", "status")

    def __init__(
        self, status: int, headers: Headers = (), body: bytes = b"", connection_fault: str | None = None
    ) -> None:
        self.status: Final = status
        self.headers: Final = headers
        self.body: Final = body
        self.connection_fault: Final = connection_fault

    def with_headers(self, *extra_headers: tuple[str, str]) -> Response:
        """Return the same answer with *extra_headers* headers behind its own."""
        return Response(self.status, (*self.headers, *extra_headers), self.body, self.connection_fault)


class _EnvironKeys(dict[str, str]):
    """What a header is called in a WSGI environment."""

    def __missing__(self, name: str) -> str:
        cgi_name = name.upper().replace("-", "_")
        key = cgi_name if cgi_name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{cgi_name}"
        if len(self) < 1000:  # names may come from a fault's match
            self[name] = key
        return key


_ENVIRON_KEYS: Final = _EnvironKeys()

#: The beginning of this process's request ids, and the first end of one: a random UUID that goes on counting,
#: by ten, since digits are written in half the time of hexadecimal ones.
_REQUEST_ID_PREFIX: Final = f"req-{UUID(int=randbits(128), version=4)}"[:28]
_REQUEST_ID_COUNTER: Final = count(10**11 + randbits(39))


#: The parts of a path whose route has no braces.
_NO_PATH_PARAMS: Final[Mapping[str, str]] = MappingProxyType({})


class Context:
    """One request on its way; the checks before a view fill in what they find out.

    Args:
        emulator: who is asked.
        cloud: the life of the cloud that the request works in, from its arrival to its end.
        environ: the WSGI environment.
        router: all routes that there are.
        service: whose URL it is.
        path: without repeated slashes.

    Attributes:
        method: the HTTP method, in capitals.
        query_string: the raw query, without its question mark.
        request_id: the answer's.
        route: the row of the route table, once one matched.
        path_params: what the route's path has in braces, as the bytes of the URL in Latin-1.
        project_in_url: the project id in the URL, or "".
        caller: who asks, once the token is checked.
        microversion: what was asked for, once it is read.
        body: the JSON of the request, once it is read.
        sensitive_body: the JSON of a request that may have secrets in it, once it is read.
        journal_entry: the request in the journal, once it is noted.
        is_dry_run: whether it is only about what would be answered, and leaves no trace.
        image_count: how many images its answer shows, once that is known.
        active_fault: the fault that it met, if it met one.
        reason: why the request was refused, once that is found out; for a hint.
        hint: what the answer says of it, once that is known.
        strict_violation: what of it a strict test does not put up with, once that is known.
    """

    # All are slots, filled at once: what has a default in the class takes 25 ns to read instead of 4, and a
    # request reads such things some forty times (measured with CPython 3.11).
    __slots__ = (
        "_body_bytes",
        "_parsed_query",
        "active_fault",
        "body",
        "caller",
        "cloud",
        "emulator",
        "environ",
        "hint",
        "image_count",
        "is_dry_run",
        "journal_entry",
        "method",
        "microversion",
        "path",
        "path_params",
        "project_in_url",
        "query_string",
        "reason",
        "request_id",
        "route",
        "router",
        "sensitive_body",
        "service",
        "strict_violation",
    )

    def __init__(  # noqa: PLR0917  # made for each request, where keywords cost
        self,
        emulator: Emulator,
        cloud: Cloud,
        environ: dict[str, Any],
        router: Router,
        service: Service,
        path: str,
    ) -> None:
        self.emulator: Final = emulator
        self.cloud = cloud
        self.environ: Final = environ
        self.router: Final = router
        self.service: Final = service
        self.path: Final = path
        self.method: Final[str] = environ["REQUEST_METHOD"]
        self.query_string: Final[str] = environ.get("QUERY_STRING") or ""
        self.request_id: Final = f"{_REQUEST_ID_PREFIX}{next(_REQUEST_ID_COUNTER)}"
        self.route: Route | None = None
        self.path_params = _NO_PATH_PARAMS
        self.project_in_url = ""
        self.caller = ANONYMOUS
        self.microversion: Microversion | None = None
        self.body: Any = None
        self.sensitive_body: dict[str, Any] | None = None
        self.journal_entry: Entry | None = None
        self.is_dry_run = False
        self.image_count: int | None = None
        self.active_fault: ActiveFault | None = None
        self.reason = ""
        self.hint: str | None = None
        self.strict_violation: str | None = None
        self._parsed_query: dict[str, list[str]] | None = None
        self._body_bytes: bytes | None = None

    @property
    def query(self) -> dict[str, list[str]]:
        """The query's parameters as people mean them, each with its values in order."""
        if self._parsed_query is None:
            values: dict[str, list[str]] = {}
            for pair in filter(None, self.query_string.split("&")):
                name, _, value = pair.partition("=")
                values.setdefault(unquote_plus(name), []).append(unquote_plus(value))
            self._parsed_query = values
        return self._parsed_query

    @property
    def operation(self) -> str:
        """The short name of the route, or "" where none matched."""
        return self.route.operation if self.route is not None else ""

    @property
    def project(self) -> str:
        """The project that the request is about: the URL's, else the token's, else that of noauth."""
        project_id = self.project_in_url or self.caller.project_id
        if project_id or self.cloud.settings.auth_strategy != "noauth":
            return project_id or ""
        return self.cloud.directory.first_project.id

    @property
    def token(self) -> str | None:
        """The token that was sent, or None."""
        environ = self.environ
        token = environ.get("HTTP_X_AUTH_TOKEN", environ.get("HTTP_X_STORAGE_TOKEN"))
        return token.strip() if token else None

    @property
    def address(self) -> Address:
        """Scheme, host and port that the client used, and the path that the application is mounted at."""
        environ = self.environ
        host = environ.get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
        return environ["wsgi.url_scheme"], host, environ.get("SCRIPT_NAME", "")

    @property
    def base_url(self) -> str:
        """The address as links begin."""
        return build_base_url(*self.address)

    @property
    def dialect(self) -> Dialect:
        """The choices of the dialect that this cloud speaks."""
        return self.cloud.settings.dialect_rules

    def header(self, name: str) -> str | None:
        """Return a header of the request, or None where it was not sent."""
        return self.environ.get(_ENVIRON_KEYS[name])

    def record_poll(self, images: Sequence[Image]) -> None:
        """Count a look at each of *images*, and how many there were."""
        self.image_count = len(images)
        if not self.is_dry_run:
            self.cloud.lifecycle.record_polls(images)

    @property
    def content_length(self) -> int:
        """How many bytes of body the request says it has; 0 if it does not say."""
        return request_body.content_length(self.environ)

    def read_body(self, max_bytes: int) -> bytes:
        """Return the body; see `request_body.read_body`."""
        if self._body_bytes is None:
            self._body_bytes = request_body.read_body(self.environ, max_bytes)
        return self._body_bytes


def build_base_url(scheme: str, host: str, mount: str) -> str:
    """Return an address as links begin: without the port that the scheme has anyway."""
    return f"{scheme}://{host.removesuffix(_DEFAULT_PORTS.get(scheme, ''))}{mount}"


#: Scheme -> the end of a host that links leave out.
_DEFAULT_PORTS: Final[Mapping[str, str]] = {"http": ":80", "https": ":443"}


View = Callable[[Context], Response]
