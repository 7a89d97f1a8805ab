"""Service, Route, Api: whose URL, which view, and what they are put together from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

from fake_nova.images.query import ImageQuery
from fake_nova.wire.call import Answer, Call, Headers, View

#: The method of a route that takes all of them.
ANY: Final = "*"

Check = Callable[[Call], Answer | None]


class Refusal(NamedTuple):
    """An error that a fault asks for: status, message, and after how many seconds to ask again."""

    status: int
    message: str
    retry_after: int | None = None


#: Says in a sentence why an answer is what it is, or None.
HintRule = Callable[[Call, Answer], str | None]


class Service(NamedTuple):
    """One service of the cloud, or one part of a service that behaves alike.

    Attributes:
        name: for people.
        prefixes: first parts of the paths that are its; "" for all that are nobody else's.
        no_route: answers what no route takes.
        error: words an error of the domain; None for one that it has no words for.
        bare: first parts that are its where nothing stands behind them.
        before: checks before a route is looked for, in order; the first that answers ends the request.
        after: checks after a route was found, before its view.
        refuse: words an error that a fault asks for; None for a service that knows no faults.
        headers: those that every answer of the service has, besides its own.
        hints: rules that may know why an answer is an error.
        journaled: its requests stand in the journal.
        lenient: HEAD is GET without a body, and a slash at a path's end does not count.
        project_in_path: tells a project id among the parts of a path; None where paths have none.
        canonical: gives the parts of a path the form that its routes have; None where they have it.
    """

    name: str
    prefixes: tuple[str, ...]
    no_route: View
    error: Callable[[Call, Exception], Answer | None]
    bare: tuple[str, ...] = ()
    before: tuple[Check, ...] = ()
    after: tuple[Check, ...] = ()
    refuse: Callable[[Call, Refusal], Answer] | None = None
    headers: Callable[[Call, Answer], Headers] = lambda _, __: ()
    hints: tuple[HintRule, ...] = ()
    journaled: bool = True
    lenient: bool = False
    project_in_path: Callable[[str], bool] | None = None
    canonical: Callable[[list[str]], list[str]] | None = None


class Route(NamedTuple):
    """One row of a route table.

    Attributes:
        method: the HTTP method, or `ANY`.
        path: parts behind the service's prefix and the project; a part in braces takes any one part.
        view: what answers.
        operation: a short name for logs and tests.
        summary: what it does, for README.
        last_microversion: the last minor version of 2.x that has it; None for all.
        hints: rules that may know why its answer is an error.
        remarks: rules that may know what of an answer that is none does not meet the eye.
        complaints: such rules whose finding a strict test does not put up with.
        query: what a list asks the store for; None for what is no list.
    """

    method: str
    path: str
    view: View
    operation: str
    summary: str = ""
    last_microversion: int | None = None
    hints: tuple[HintRule, ...] = ()
    remarks: tuple[HintRule, ...] = ()
    complaints: tuple[HintRule, ...] = ()
    query: Callable[[Call], ImageQuery] | None = None

    @property
    def pieces(self) -> tuple[str, ...]:
        """The parts of the path; a trailing slash gives an empty last one."""
        return tuple(self.path.split("/")[1:]) if self.path else ()


class Api(NamedTuple):
    """What a folder under ``apis`` has to give: routes of one service."""

    name: str
    service: Service
    routes: tuple[Route, ...]


class Match(NamedTuple):
    """What a method and a path lead to.

    Attributes:
        service: whose path it is.
        path: without repeated slashes.
        project: the project id at the beginning of the path, or "".
        route: the row that takes it, or None.
        parts: what the row's braces stand for.
    """

    service: Service
    path: str
    project: str
    route: Route | None
    parts: Mapping[str, str]


#: A path that is longer is looked up anew each time, so that nobody fills the memory with them.
_LONGEST_REMEMBERED: Final = 300

_SLASHES: Final = re.compile("//+")


class Routes:
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
        self._services: Final[dict[str, Service]] = {}
        self._bare: Final[dict[str, Service]] = {}
        self._routes: Final[dict[tuple[str, int], list[tuple[tuple[str, ...], Route]]]] = {}
        self._recent: Final = lru_cache(maxsize=512)(self._match)
        operations = set()
        for _, service, routes in apis:
            self._services.update(dict.fromkeys(service.prefixes, service))
            self._bare.update(dict.fromkeys(service.bare, service))
            for route in routes:
                if service.refuse is not None:
                    operations.add(route.operation)
                entry = self._routes.setdefault((service.name, len(route.pieces)), [])
                entry.append((route.pieces, route))
                entry.sort(key=lambda pair: [piece.startswith("{") for piece in pair[0]])  # literals first
        self.operations: Final = frozenset(operations)

    def match(self, method: str, path: str) -> Match:
        """Return what *method* and *path* lead to."""
        return (self._recent if len(path) + len(method) <= _LONGEST_REMEMBERED else self._match)(method, path)

    def _match(self, method: str, path: str) -> Match:
        if not path.startswith("/"):  # OPTIONS * is about the server as a whole
            path = "/" if path == "*" else f"/{path}"
        path = _SLASHES.sub("/", path)
        service, parts = self.service(path)
        project = ""
        if service.project_in_path is not None and parts and service.project_in_path(parts[0]):
            project, *parts = parts
        return Match(service, path, project, *self._find(service, method, parts))

    def service(self, path: str) -> tuple[Service, list[str]]:
        """Return whose *path* it is and its parts behind the service's prefix."""
        parts = path.split("/")[1:]
        first, rest = parts[0], parts[1:]
        if first in self._bare and rest in ([], [""]):
            return self._bare[first], parts
        if first and first in self._services:
            service = self._services[first]
            return service, rest if service.canonical is None else service.canonical(rest)
        return self._services[""], parts

    def _find(
        self, service: Service, method: str, parts: list[str]
    ) -> tuple[Route | None, Mapping[str, str]]:
        """Return the route, and what its braces stand for."""
        methods = [method, ANY]
        if service.lenient:
            methods += ["GET"] if method == "HEAD" else []
            parts = parts[:-1] if parts[1:] and not parts[-1] else parts
        for pieces, route in self._routes.get((service.name, len(parts)), ()):
            if route.method not in methods:
                continue
            found = {}
            for piece, part in zip(pieces, parts, strict=True):
                if piece.startswith("{") and part:
                    found[piece[1:-1]] = part
                elif piece != part:
                    break
            else:
                return route, found
        return None, {}
