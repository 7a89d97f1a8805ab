"""The types of an API: its service and its routes. `ContextT` is the context that checks and views get."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Generic, NamedTuple, TypeVar

from fake_nova.cloud.cloud import Cloud
from fake_nova.cloud.emulator import Emulator
from fake_nova.cloud.journal import HintCode
from fake_nova.cloud.tokens import Token
from fake_nova.images.query import ImageQuery
from fake_nova.wire.cors import CorsDefaults
from fake_nova.wire.request import Request
from fake_nova.wire.response import Headers, Response

#: The method of a route that takes all methods.
ANY: Final = "*"

ContextT = TypeVar("ContextT")

View = Callable[[ContextT], Response]

#: A step before the view. It may return the response to the request, or set fields of the context.
Check = Callable[[ContextT], Response | None]


class Hint(NamedTuple):
    """A sentence that explains a response.

    Attributes:
        text: the sentence, with a full stop.
        code: its code in the journal, or None if it has no code.
    """

    text: str
    code: HintCode | None = None


#: Explains a response, or returns None.
HintRule = Callable[[ContextT, Response], Hint | None]


class InjectedError(NamedTuple):
    """An error with which a fault responds.

    Attributes:
        status: the HTTP status.
        message: the message, for the place where the service's format has one.
        retry_after: the number of seconds after which the client may retry, or None.
    """

    status: int
    message: str
    retry_after: int | None = None


class Service(NamedTuple, Generic[ContextT]):
    """One service of the cloud, or a part of a service with its own paths and checks.

    Attributes:
        name: the name; unique among the services.
        prefixes: the first segments of its paths; "" for all paths without another service.
        no_route_view: responds to a request without a route.
        resolve_cloud: returns the cloud in which a request works, and its token. It raises no exception.
        render_error: renders an exception; returns None for an unknown exception.
        exact_paths: the first segments that belong to it if no other segment follows.
        early_checks: the checks that the real service runs before it looks for a route, in order; so they run
            for unknown paths, too. The first response ends the request. The context has no route yet: a
            request that they refuse has no operation in the journal, and triggers no fault.
        route_checks: the checks of a request with a route, in order, after the faults and before the view.
        render_injected_error: renders the error of a fault; None if the service has no faults.
        response_headers: returns the headers that every response of the service gets.
        error_hints: the rules that may explain an error response, unless a fault decided on it.
        is_journaled: whether the journal records its requests.
        lenient_routing: whether HEAD without a route of its own finds the route of GET, and a slash at the
            end of a path is ignored.
        splits_query_at_semicolon: whether ``;`` separates the parameters of a query, as ``&`` does.
        ends_json_with_newline: whether its JSON responses end with a newline, for terminals.
        cors: its defaults for CORS; None if pages of other origins may never use it.
        is_project_segment: tells whether a segment is a project id; None if its paths contain none.
        normalize_segments: converts the segments of a path to the form in the routes; None to keep them.
    """

    name: str
    prefixes: tuple[str, ...]
    no_route_view: View[ContextT]
    resolve_cloud: Callable[[Emulator, Request, str], tuple[Cloud, Token | None]]
    render_error: Callable[[ContextT, Exception], Response | None]
    exact_paths: tuple[str, ...] = ()
    early_checks: tuple[Check[ContextT], ...] = ()
    route_checks: tuple[Check[ContextT], ...] = ()
    render_injected_error: Callable[[ContextT, InjectedError], Response] | None = None
    response_headers: Callable[[ContextT, Response], Headers] = lambda _, __: ()
    error_hints: tuple[HintRule[ContextT], ...] = ()
    is_journaled: bool = True
    lenient_routing: bool = False
    splits_query_at_semicolon: bool = True
    ends_json_with_newline: bool = False
    cors: CorsDefaults | None = None
    is_project_segment: Callable[[str], bool] | None = None
    normalize_segments: Callable[[list[str]], list[str]] | None = None


class Route(NamedTuple, Generic[ContextT]):
    """One row of a route table.

    Attributes:
        method: the HTTP method, or `ANY`.
        path: the path after the service's prefix and the project. A segment in braces matches any segment.
        view: responds to the request.
        operation: the short name for logs, faults and tests.
        summary: the effect in one line, for the documentation.
        last_microversion: the last minor version of 2.x that has the route; None for no limit.
        error_hints: the rules that may explain an error response of the view.
        build_query: returns the query that a list sends to the store; None if the route lists no images.
        query_parameters: the query parameters that the view knows, for the documentation.
    """

    method: str
    path: str
    view: View[ContextT]
    operation: str
    summary: str = ""
    last_microversion: int | None = None
    error_hints: tuple[HintRule[ContextT], ...] = ()
    build_query: Callable[[ContextT], ImageQuery] | None = None
    query_parameters: tuple[str, ...] = ()

    @property
    def segments(self) -> tuple[str, ...]:
        """The segments of the path. After a slash at the end, the last one is empty."""
        return tuple(self.path.split("/")[1:]) if self.path else ()


class Api(NamedTuple, Generic[ContextT]):
    """A group of routes, and the service that they belong to. Several groups may share a service."""

    name: str
    service: Service[ContextT]
    routes: tuple[Route[ContextT], ...]


class RouteMatch(NamedTuple, Generic[ContextT]):
    """The result of routing a method and a path.

    Attributes:
        service: the service of the path.
        path: the path, without repeated slashes.
        project_in_url: the project id at the beginning of the path, or "".
        route: the route, or None.
        path_params: name in braces -> segment.
    """

    service: Service[ContextT]
    path: str
    project_in_url: str
    route: Route[ContextT] | None
    path_params: Mapping[str, str]
