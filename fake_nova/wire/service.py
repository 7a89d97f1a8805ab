"""Service, route and context: the rows that an API consists of, and what its views are given."""

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
from fake_nova.wire.microversion import Microversion
from fake_nova.wire.request import Request
from fake_nova.wire.response import Headers, Response

#: The method of a route that takes all of them.
ANY: Final = "*"

#: A caller without a project and without roles.
ANONYMOUS: Final = Caller(None, frozenset())


class RouteFinder(Protocol):
    """What a context needs of the router."""

    @property
    def operations(self) -> frozenset[str]:
        """The short names of all routes that a fault can be for."""

    def match(self, method: str, path: str) -> RouteMatch:
        """Return what *method* and *path* lead to."""


@dataclass(slots=True, eq=False)
class Trace:
    """What is recorded about one exchange.

    Attributes:
        journal_entry: the request in the journal, once it is recorded.
        active_fault: the fault that it triggered, or None.
        image_count: how many images the response shows, or None if it shows none by its nature.
        reason: why the response is what it is, for the hint; "" if nobody knows more than the response says.
        strict_violation: what in the request fails a strict test, or None.
        hint: the line in the header of the response, or None.
        json_body: the parsed JSON body that the journal shows, or None.
    """

    journal_entry: Entry | None = None
    active_fault: ActiveFault | None = None
    image_count: int | None = None
    reason: str = ""
    strict_violation: str | None = None
    hint: str | None = None
    json_body: Any = None


@dataclass(slots=True, eq=False)
class Context:
    """What the pipeline finds out about a request. Only the pipeline and its checks fill it.

    Attributes:
        emulator: the emulator that was asked.
        request: what came.
        service: the service that the path belongs to.
        router: finds the routes of other methods and paths.
        cloud: the generation of the cloud that the request works in, from its arrival to its end.
        token: the token that was sent, if it is good somewhere in this emulator.
        caller: who asks.
        is_dry_run: whether the request must leave no trace.
        route: the row of the route table that takes the request, once one matched.
        path_params: what the braces of the route's path stand for, as bytes in Latin-1.
        project_in_url: the project id in the path, or "".
        microversion: the version that was asked for, once it is read.
        json_body: the parsed JSON body, once it is read.
        sensitive_body: the parsed JSON body if it may contain secrets; no journal shows it.
        trace: what is recorded about the exchange.
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
        """The project that the request is about: the URL's, else the token's, else the default of noauth."""
        project = self.project_in_url or self.caller.project_id
        if project or self.cloud.settings.auth_strategy != "noauth":
            return project or ""
        return self.cloud.directory.first_project.id

    def record_polls(self, images: Sequence[Image]) -> None:
        """Count a poll of each of *images*, and how many there were."""
        self.trace.image_count = len(images)
        if not self.is_dry_run:
            self.cloud.lifecycle.record_polls(images)


def resolve_by_project(emulator: Emulator, _: Request, project_in_url: str) -> tuple[Cloud, Token | None]:
    """Return the cloud of the project in the path, else the shared one; the token does not count."""
    return (emulator.cloud_for_project(project_in_url) if project_in_url else emulator.cloud), None


def resolve_by_token(emulator: Emulator, request: Request, project_in_url: str) -> tuple[Cloud, Token | None]:
    """Return the cloud that a request works in, and what its token stands for, or None.

    The project in the path selects the cloud. If that project has no scope, the token selects it.
    """
    cloud = emulator.cloud_for_project(project_in_url) if project_in_url else emulator.cloud
    text = request.token
    match = emulator.find_token(text) if text else None
    if match is None:
        return cloud, None
    token_cloud, token = match
    return (token_cloud if cloud.is_shared else cloud), token


View = Callable[[Context], Response]

#: A step before the view. It may answer the request, or fill the context.
Check = Callable[[Context], Response | None]

#: Says in a sentence why a response is what it is, or None.
HintRule = Callable[[Context, Response], str | None]


class InjectedError(NamedTuple):
    """An error that a fault asks for.

    Attributes:
        status: the HTTP status.
        message: the message.
        retry_after: after how many seconds the client may try again, or None.
    """

    status: int
    message: str
    retry_after: int | None = None


class Service(NamedTuple):
    """One service of the cloud, or one part of a service that behaves alike.

    Attributes:
        name: for people.
        prefixes: first segments of the paths that belong to it; "" for all paths that belong to no other.
        no_route_view: answers a path that no route takes.
        render_error: renders an error of the domain; returns None for an error that it cannot render.
        exact_paths: first segments that belong to it if nothing follows them.
        resolve_cloud: decides which cloud a request works in, and finds its token. It raises nothing.
        checks_before_routing: run in this order before the route is looked at; the first response ends the
            request.
        checks_after_routing: run after the route was found, before its view.
        render_injected_error: renders an error that a fault asks for; None for a service without faults.
        response_headers: the headers that every response of the service has, besides its own.
        error_hints: rules that may explain an error response.
        is_journaled: whether the journal records its requests.
        lenient_routing: whether HEAD is GET without a body, and a slash at the end of a path does not count.
        is_project_segment: whether a segment of a path is a project id; None if paths have none.
        normalize_segments: gives the segments of a path the form that its routes have; None if they have it.
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
    is_project_segment: Callable[[str], bool] | None = None
    normalize_segments: Callable[[list[str]], list[str]] | None = None


class Route(NamedTuple):
    """One row of a route table.

    Attributes:
        method: the HTTP method, or `ANY`.
        path: the path after the service's prefix and the project; a segment in braces takes any one segment.
        view: answers the request.
        operation: a short name for logs, faults and tests.
        summary: what it does, for README.
        last_microversion: the last minor version of 2.x that has the route; None for all.
        error_hints: rules that may explain an error response.
        build_query: builds what a list asks the store for; None for a route that lists no images.
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
        """The segments of the path; a trailing slash gives an empty last one."""
        return tuple(self.path.split("/")[1:]) if self.path else ()


class Api(NamedTuple):
    """What a folder under ``apis`` has to give: the routes of one service."""

    name: str
    service: Service
    routes: tuple[Route, ...]


class RouteMatch(NamedTuple):
    """What a method and a path lead to.

    Attributes:
        service: the service that the path belongs to.
        path: the path, without repeated slashes.
        project_in_url: the project id at the beginning of the path, or "".
        route: the row that takes the request, or None.
        path_params: what the row's braces stand for.
    """

    service: Service
    path: str
    project_in_url: str
    route: Route | None
    path_params: Mapping[str, str]
