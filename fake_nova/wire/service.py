"""The types of an API: its service, its routes, and the context that checks and views get."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, Protocol

from fake_nova.cloud.cloud import Cloud
from fake_nova.cloud.emulator import Emulator
from fake_nova.cloud.faults import ActiveFault
from fake_nova.cloud.journal import Entry
from fake_nova.cloud.tokens import Token
from fake_nova.images.model import Caller, Image
from fake_nova.images.query import ImageQuery
from fake_nova.images.status import ImageStatus
from fake_nova.wire.cors import CorsDefaults
from fake_nova.wire.microversion import Microversion
from fake_nova.wire.request import Request
from fake_nova.wire.response import Headers, Response

#: The method of a route that takes all methods.
ANY: Final = "*"

#: What can decide on a response: the view, a check before it, or a fault in place of both.
VIEW: Final = "view"
CHECK: Final = "check"
FAULT: Final = "fault"

#: A caller without a project and without roles.
ANONYMOUS: Final = Caller(None, frozenset())


class RouteFinder(Protocol):
    """The part of the router that a context needs."""

    @property
    def operations(self) -> frozenset[str]:
        """The short names of all routes that faults can match."""

    def routes_of(self, service: Service) -> list[Route]:
        """Return the routes of *service*."""

    def match(self, method: str, path: str) -> RouteMatch:
        """Return the service and the route for *method* and *path*."""


@dataclass(slots=True, eq=False)
class Trace:
    """The record of one exchange: what the journal, the logs and the hint show of it.

    Attributes:
        journal_entry: the entry in the journal; None before it is recorded, and without a journal.
        active_fault: the fault that the request triggered, or None.
        image_count: the number of images in the response; None if the route shows no images.
        decided_by: what decided on the response: `VIEW`, `CHECK` or `FAULT`. The view also means no route.
        reason: an explanation for the hint; "" if the response is enough.
        strict_violation: the reason why the request fails a strict test, or None.
        hint: the hint in the header of the response, or None.
        json_body: the parsed JSON body that the journal shows, or None.
    """

    journal_entry: Entry | None = None
    active_fault: ActiveFault | None = None
    image_count: int | None = None
    decided_by: str = VIEW
    reason: str = ""
    strict_violation: str | None = None
    hint: str | None = None
    json_body: Any = None


@dataclass(slots=True, eq=False)
class Context:
    """The findings of the pipeline about a request. Only the pipeline and its checks set them.

    Attributes:
        emulator: the emulator with all clouds.
        request: the request.
        service: the service of the path.
        router: the router, to find the routes of other methods and paths.
        cloud: the generation of the cloud in which the request works from start to end.
        token: the token of the request if it is valid in any cloud of the emulator, or None.
        caller: the project and the roles of the caller.
        is_dry_run: whether the request must leave no trace.
        route: the route, or None; also None before the router's result is used.
        path_params: name in braces -> segment, as bytes in Latin-1.
        project_in_url: the project id in the path, or "".
        microversion: the requested version; None before it is read.
        json_body: the parsed JSON body; None before it is read.
        sensitive_body: the parsed JSON body if it may contain secrets. The journal does not show it.
        trace: the record of the exchange.
    """

    emulator: Emulator
    request: Request
    service: Service
    router: RouteFinder
    cloud: Cloud
    path_params: Mapping[str, str]
    token: Token | None = None
    caller: Caller = ANONYMOUS
    is_dry_run: bool = False
    route: Route | None = None
    project_in_url: str = ""
    microversion: Microversion | None = None
    json_body: Any = None
    sensitive_body: dict[str, Any] | None = None
    trace: Trace = field(default_factory=Trace)

    @property
    def operation(self) -> str:
        """The short name of the route, or "" if none matched."""
        return self.route.operation if self.route is not None else ""

    @property
    def project(self) -> str:
        """The project of the URL, or of the token, or, under noauth, the first one of the directory."""
        project = self.project_in_url or self.caller.project_id
        if project or self.cloud.settings.auth_strategy != "noauth":
            return project or ""
        return self.cloud.directory.first_project.id

    def record_polls(self, images: Sequence[Image]) -> None:
        """Count a poll of each of *images*, and record their number."""
        self.trace.image_count = len(images)
        if not self.is_dry_run:
            self.cloud.lifecycle.record_polls(images)

    def record_shown_image(self, image: Image, words: Mapping[ImageStatus, str] | None = None) -> None:
        """Count a poll of the only image in the response, and record its status.

        Args:
            image: the image.
            words: the API's words for statuses; None for Glance's own.
        """
        self.trace.image_count = 1
        entry = self.trace.journal_entry
        if entry is not None:
            entry.shown_status, entry.status_words = image.status, words
        if not self.is_dry_run:
            self.cloud.lifecycle.record_polls((image,))


def resolve_by_project(emulator: Emulator, _: Request, project_in_url: str) -> tuple[Cloud, Token | None]:
    """Return the cloud of the project in the path, or else the shared cloud. Ignore the token."""
    return emulator.scope_clouds.get(project_in_url, emulator.cloud), None


def resolve_by_token(emulator: Emulator, request: Request, project_in_url: str) -> tuple[Cloud, Token | None]:
    """Return the cloud in which a request works, and its token, or None if it has no valid token.

    The project in the path selects the cloud. If that project has no scope, the token selects it.
    """
    cloud = emulator.scope_clouds.get(project_in_url, emulator.cloud)
    text = request.token
    match = emulator.find_token(text) if text else None
    if match is None:
        return cloud, None
    token_cloud, token = match
    return (token_cloud if cloud.is_shared else cloud), token


View = Callable[[Context], Response]

#: A step before the view. It may return the response to the request, or set fields of the context.
Check = Callable[[Context], Response | None]

#: Explains a response in a sentence, or returns None.
HintRule = Callable[[Context, Response], str | None]


class InjectedError(NamedTuple):
    """An error with which a fault responds.

    Attributes:
        status: the HTTP status.
        message: the message.
        retry_after: the number of seconds after which the client may retry, or None.
    """

    status: int
    message: str
    retry_after: int | None = None


class Service(NamedTuple):
    """One service of the cloud, or a part of a service with its own paths and checks.

    Attributes:
        name: the name; unique among the services.
        prefixes: the first segments of its paths; "" for all paths without another service.
        no_route_view: responds to a request without a route.
        render_error: renders an exception; returns None for an unknown exception.
        exact_paths: the first segments that belong to it if no other segment follows.
        resolve_cloud: returns the cloud in which a request works, and its token. It raises no exception.
        checks_before_routing: the checks that run for unknown paths too, before the journal and the faults,
            in order. The first response ends the request.
        checks_after_routing: the checks after the faults and before the view, in order; only with a route.
        render_injected_error: renders the error of a fault; None if the service has no faults.
        response_headers: returns the headers that every response of the service gets.
        error_hints: the rules that may explain an error response, unless a fault decided on it.
        is_journaled: whether the journal records its requests.
        lenient_routing: whether HEAD finds the route of GET, and a slash at the end of a path is ignored.
        ends_json_with_newline: whether its JSON responses end with a newline, for terminals.
        cors: its defaults for CORS; None if pages of other origins may never use it.
        is_project_segment: tells whether a segment is a project id; None if its paths contain none.
        normalize_segments: converts the segments of a path to the form in the routes; None to keep them.
    """

    name: str
    prefixes: tuple[str, ...]
    no_route_view: View
    render_error: Callable[[Context, Exception], Response | None]
    exact_paths: tuple[str, ...] = ()
    resolve_cloud: Callable[[Emulator, Request, str], tuple[Cloud, Token | None]] = resolve_by_project
    checks_before_routing: tuple[Check, ...] = ()
    checks_after_routing: tuple[Check, ...] = ()
    render_injected_error: Callable[[Context, InjectedError], Response] | None = None
    response_headers: Callable[[Context, Response], Headers] = lambda _, __: ()
    error_hints: tuple[HintRule, ...] = ()
    is_journaled: bool = True
    lenient_routing: bool = False
    ends_json_with_newline: bool = False
    cors: CorsDefaults | None = None
    is_project_segment: Callable[[str], bool] | None = None
    normalize_segments: Callable[[list[str]], list[str]] | None = None


class Route(NamedTuple):
    """One row of a route table.

    Attributes:
        method: the HTTP method, or `ANY`.
        path: the path after the service's prefix and the project. A segment in braces matches any segment.
        view: responds to the request.
        operation: the short name for logs, faults and tests.
        summary: the effect in one line, for README.
        last_microversion: the last minor version of 2.x that has the route; None for no limit.
        error_hints: the rules that may explain an error response of the view.
        build_query: returns the query that a list sends to the store; None if the route lists no images.
    """

    method: str
    path: str
    view: View
    operation: str
    summary: str = ""
    last_microversion: int | None = None
    error_hints: tuple[HintRule, ...] = ()
    build_query: Callable[[Context], ImageQuery] | None = None

    @property
    def segments(self) -> tuple[str, ...]:
        """The segments of the path. After a slash at the end, the last one is empty."""
        return tuple(self.path.split("/")[1:]) if self.path else ()


class Api(NamedTuple):
    """A group of routes, and the service that they belong to. Several groups may share a service."""

    name: str
    service: Service
    routes: tuple[Route, ...]


class RouteMatch(NamedTuple):
    """The result of routing a method and a path.

    Attributes:
        service: the service of the path.
        path: the path, without repeated slashes.
        project_in_url: the project id at the beginning of the path, or "".
        route: the route, or None.
        path_params: name in braces -> segment.
    """

    service: Service
    path: str
    project_in_url: str
    route: Route | None
    path_params: Mapping[str, str]
