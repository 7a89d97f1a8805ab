"""Service, Route, Api: whose URL, which view, and what they are put together from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from fake_nova.images.query import ImageQuery
from fake_nova.wire.call import Context, Headers, Response, View

#: The method of a route that takes all of them.
ANY: Final = "*"

Check = Callable[[Context], Response | None]


class InjectedError(NamedTuple):
    """An error that a fault asks for: status, message, and after how many seconds to ask again."""

    status: int
    message: str
    retry_after: int | None = None


#: Says in a sentence why an answer is what it is, or None.
HintRule = Callable[[Context, Response], str | None]


class Service(NamedTuple):
    """One service of the cloud, or one part of a service that behaves alike.

    Attributes:
        name: for people.
        prefixes: first parts of the paths that are its; "" for all that are nobody else's.
        no_route_view: answers what no route takes.
        render_error: words an error of the domain; None for one that it has no words for.
        exact_paths: first parts that are its where nothing stands behind them.
        checks_before_routing: checks before a route is looked for, in order; the first that answers ends
            the request.
        checks_after_routing: checks after a route was found, before its view.
        render_injected_error: words an error that a fault asks for; None for a service that knows no faults.
        response_headers: those that every answer of the service has, besides its own.
        error_hints: rules that may know why an answer is an error.
        is_journaled: its requests stand in the journal.
        lenient_routing: HEAD is GET without a body, and a slash at a path's end does not count.
        is_project_segment: tells a project id among the parts of a path; None where paths have none.
        normalize_segments: gives the parts of a path the form that its routes have; None where they have it.
    """

    name: str
    prefixes: tuple[str, ...]
    no_route_view: View
    render_error: Callable[[Context, Exception], Response | None]
    exact_paths: tuple[str, ...] = ()
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
        path: parts behind the service's prefix and the project; a part in braces takes any one part.
        view: what answers.
        operation: a short name for logs and tests.
        summary: what it does, for README.
        last_microversion: the last minor version of 2.x that has it; None for all.
        error_hints: rules that may know why its answer is an error.
        success_hints: rules that may know what of an answer that is none does not meet the eye.
        strict_rules: such rules whose finding a strict test does not put up with.
        build_query: what a list asks the store for; None for what is no list.
    """

    method: str
    path: str
    view: View
    operation: str
    summary: str = ""
    last_microversion: int | None = None
    error_hints: tuple[HintRule, ...] = ()
    success_hints: tuple[HintRule, ...] = ()
    strict_rules: tuple[HintRule, ...] = ()
    build_query: Callable[[Context], ImageQuery] | None = None

    @property
    def segments(self) -> tuple[str, ...]:
        """The parts of the path; a trailing slash gives an empty last one."""
        return tuple(self.path.split("/")[1:]) if self.path else ()


class Api(NamedTuple):
    """What a folder under ``apis`` has to give: routes of one service."""

    name: str
    service: Service
    routes: tuple[Route, ...]


class RouteMatch(NamedTuple):
    """What a method and a path lead to.

    Attributes:
        service: whose path it is.
        path: without repeated slashes.
        project_in_url: the project id at the beginning of the path, or "".
        route: the row that takes it, or None.
        path_params: what the row's braces stand for.
    """

    service: Service
    path: str
    project_in_url: str
    route: Route | None
    path_params: Mapping[str, str]


#: A path that is longer is looked up anew each time, so that nobody fills the memory with them.
_MAX_CACHED_CHARS: Final = 300

_REPEATED_SLASHES: Final = re.compile("//+")


class Router:
    """Finds the route of a path.

    The real services do not route as a web framework does: no route has a 405, no redirect mends a slash,
    HEAD is not GET, and a project id may stand in front of any path. So a path is matched part by part here.

    Args:
        apis: all APIs. No two of their services have the same prefix, and no two of their routes match the
            same path; a test sees to that.

    Attributes:
        operations: the short names of all routes that a fault can be for.
    """

    def __init__(self, apis: Iterable[Api]) -> None:
        self._services_by_prefix: Final[dict[str, Service]] = {}
        self._services_by_exact_path: Final[dict[str, Service]] = {}
        self._routes_by_length: Final[dict[tuple[str, int], list[tuple[tuple[str, ...], Route]]]] = {}
        self._cached_match: Final = lru_cache(maxsize=512)(self._match)
        operations = set()
        for _, service, routes in apis:
            self._services_by_prefix.update(dict.fromkeys(service.prefixes, service))
            self._services_by_exact_path.update(dict.fromkeys(service.exact_paths, service))
            for route in routes:
                if service.render_injected_error is not None:
                    operations.add(route.operation)
                candidates = self._routes_by_length.setdefault((service.name, len(route.segments)), [])
                candidates.append((route.segments, route))
                candidates.sort(
                    key=lambda candidate: [segment.startswith("{") for segment in candidate[0]]
                )  # literals first
        self.operations: Final = frozenset(operations)

    def match(self, method: str, path: str) -> RouteMatch:
        """Return what *method* and *path* lead to."""
        return (self._cached_match if len(path) + len(method) <= _MAX_CACHED_CHARS else self._match)(
            method, path
        )

    def _match(self, method: str, path: str) -> RouteMatch:
        if not path.startswith("/"):  # OPTIONS * is about the server as a whole
            path = "/" if path == "*" else f"/{path}"
        path = _REPEATED_SLASHES.sub("/", path)
        service, segments = self.find_service(path)
        project_in_url = ""
        if service.is_project_segment is not None and segments and service.is_project_segment(segments[0]):
            project_in_url, *segments = segments
        return RouteMatch(service, path, project_in_url, *self._find_route(service, method, segments))

    def find_service(self, path: str) -> tuple[Service, list[str]]:
        """Return whose *path* it is and its parts behind the service's prefix."""
        segments = path.split("/")[1:]
        prefix, tail = segments[0], segments[1:]
        if prefix in self._services_by_exact_path and tail in ([], [""]):
            return self._services_by_exact_path[prefix], segments
        if prefix and prefix in self._services_by_prefix:
            service = self._services_by_prefix[prefix]
            return service, tail if service.normalize_segments is None else service.normalize_segments(tail)
        return self._services_by_prefix[""], segments

    def _find_route(
        self, service: Service, method: str, parts: list[str]
    ) -> tuple[Route | None, Mapping[str, str]]:
        """Return the route, and what its braces stand for."""
        methods = [method, ANY]
        if service.lenient_routing:
            methods += ["GET"] if method == "HEAD" else []
            parts = parts[:-1] if parts[1:] and not parts[-1] else parts
        for pieces, route in self._routes_by_length.get((service.name, len(parts)), ()):
            if route.method not in methods:
                continue
            path_params = {}
            for piece, part in zip(pieces, parts, strict=True):
                if piece.startswith("{") and part:
                    path_params[piece[1:-1]] = part
                elif piece != part:
                    break
            else:
                return route, path_params
        return None, {}
