"""The router, which finds the service and the route for a method and a path."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from fake_nova.wire.context import Context
from fake_nova.wire.service import ANY, Api, Route, RouteMatch, Service

#: Longer methods and paths are not cached, so that the cache is bounded in bytes.
_MAX_CACHED_CHARS: Final = 300

_REPEATED_SLASHES: Final = re.compile("//+")


def _precedence(candidate: tuple[tuple[str, ...], Route[Context]]) -> tuple[list[bool], bool]:
    """Return the sort key of a route: literals before braces, and GET last, as HEAD may match it too."""
    segments, route = candidate
    return [segment.startswith("{") for segment in segments], route.method == "GET"


class Router:
    """Finds the service and the route for a method and a path.

    The real services route unlike a web framework: Nova has no 405, there is no redirect for a slash, HEAD is
    not GET, and any path may begin with a project id. So the router compares paths segment by segment.

    Args:
        apis: all APIs. A test checks that no two services share a prefix, and that of two routes of a method
            that match the same path, one is more specific: it has a literal segment where the other has one
            in braces. The more specific route wins.

    Attributes:
        operations: the short names of all routes that faults can match.
    """

    def __init__(self, apis: Iterable[Api[Context]]) -> None:
        self._services_by_prefix: Final[dict[str, Service[Context]]] = {}
        self._services_by_exact_path: Final[dict[str, Service[Context]]] = {}
        self._routes_by_length: Final[
            dict[tuple[str, int], list[tuple[tuple[str, ...], Route[Context]]]]
        ] = {}
        self._cached_match: Final = lru_cache(maxsize=512)(self._match)
        operations: set[str] = set()
        for _, service, routes in apis:
            self._services_by_prefix.update(dict.fromkeys(service.prefixes, service))
            self._services_by_exact_path.update(dict.fromkeys(service.exact_paths, service))
            if service.render_injected_error is not None:
                operations.update(route.operation for route in routes)
            for route in routes:
                candidates = self._routes_by_length.setdefault((service.name, len(route.segments)), [])
                candidates.append((route.segments, route))
        for candidates in self._routes_by_length.values():
            candidates.sort(key=_precedence)
        self.operations: Final = frozenset(operations)

    def services(self) -> list[Service[Context]]:
        """Return all services, each once."""
        services = (*self._services_by_prefix.values(), *self._services_by_exact_path.values())
        return list({service.name: service for service in services}.values())

    def routes_of(self, service: Service[Context]) -> list[Route[Context]]:
        """Return the routes of *service*."""
        groups = (group for (name, _), group in self._routes_by_length.items() if name == service.name)
        return [route for group in groups for _, route in group]

    def match(self, method: str, path: str) -> RouteMatch[Context]:
        """Return the service and the route for *method* and *path*."""
        match = self._cached_match if len(path) + len(method) <= _MAX_CACHED_CHARS else self._match
        return match(method, path)

    def _match(self, method: str, path: str) -> RouteMatch[Context]:
        if not path.startswith("/"):  # OPTIONS * concerns the server as a whole
            path = "/" if path == "*" else f"/{path}"
        path = _REPEATED_SLASHES.sub("/", path)
        service, segments = self._find_service(path)
        project_in_url = ""
        if service.is_project_segment is not None and segments and service.is_project_segment(segments[0]):
            project_in_url, *segments = segments
        return RouteMatch(service, path, project_in_url, *self._find(service, method, segments))

    def _find_service(self, path: str) -> tuple[Service[Context], list[str]]:
        """Return the service of *path*, and the segments after the prefix of that service."""
        segments = path.split("/")[1:]
        prefix = segments[0]
        tail = segments[1:]
        if prefix in self._services_by_exact_path and tail in ([], [""]):
            return self._services_by_exact_path[prefix], segments
        if prefix and prefix in self._services_by_prefix:
            service = self._services_by_prefix[prefix]
            if service.normalize_segments is not None:
                tail = service.normalize_segments(tail)
            return service, tail
        return self._services_by_prefix[""], segments

    def _find(
        self, service: Service[Context], method: str, parts: list[str]
    ) -> tuple[Route[Context] | None, dict[str, str]]:
        """Return the route, or None, and its path parameters."""
        methods = [method, ANY]
        if service.lenient_routing and method == "HEAD":
            methods.append("GET")
        if service.lenient_routing and len(parts) > 1 and not parts[-1]:
            parts = parts[:-1]
        for segments, route in self._routes_by_length.get((service.name, len(parts)), ()):
            path_params = _bind(segments, parts) if route.method in methods else None
            if path_params is not None:
                return route, path_params
        return None, {}


def _bind(segments: Iterable[str], parts: Iterable[str]) -> dict[str, str] | None:
    """Return name in braces -> part; None if the parts of a path do not match the segments of a route."""
    path_params = {}
    for segment, part in zip(segments, parts, strict=True):
        if segment.startswith("{") and part:
            path_params[segment[1:-1]] = part
        elif segment != part:
            return None
    return path_params
