"""Route tables have no ambiguous routes, and the more specific route matches first."""

from __future__ import annotations

from itertools import combinations, permutations

import pytest

from fake_nova.apis import discover
from fake_nova.wire import checks
from fake_nova.wire.context import Context
from fake_nova.wire.response import Response
from fake_nova.wire.routing import Router
from fake_nova.wire.service import ANY, Api, Route, Service


def service(name: str, *prefixes: str, bare: tuple[str, ...] = (), lenient: bool = False) -> Service[Context]:
    return Service(
        name,
        prefixes,
        resolve_cloud=checks.resolve_by_project,
        no_route_view=lambda _: Response(404),
        render_error=lambda _, __: None,
        exact_paths=bare,
        lenient_routing=lenient,
    )


def route(method: str, path: str) -> Route[Context]:
    return Route(method, path, lambda _: Response(200), "test")


def routes(*endpoints: tuple[str, str]) -> Router:
    own_service = service("mine", "mine")
    return Router(
        Api(f"part{number}", own_service, (route(*endpoint),)) for number, endpoint in enumerate(endpoints)
    )


def test_no_two_services_have_the_same_prefix() -> None:
    for claimed in ("prefixes", "exact_paths"):
        owners = {(name, api.service.name) for api in discover() for name in getattr(api.service, claimed)}
        assert len(owners) == len({prefix for prefix, _ in owners}), sorted(owners)


def test_of_two_routes_that_match_the_same_path_one_is_more_specific() -> None:
    rows = [(api.service.name, route) for api in discover() for route in api.routes]
    for (service_name, route), (other_service, other) in combinations(rows, 2):
        assert service_name != other_service or not are_ambiguous(route, other), (route.path, other.path)


def are_ambiguous(one: Route[Context], other: Route[Context]) -> bool:
    """Return whether a path matches both routes and neither is more specific."""
    if len(one.segments) != len(other.segments):
        return False
    if one.method != other.method and ANY not in (one.method, other.method):
        return False
    pairs = list(zip(one.segments, other.segments, strict=True))
    kinds = [(mine.startswith("{"), its.startswith("{")) for mine, its in pairs]
    if any(mine != its and kind == (False, False) for (mine, its), kind in zip(pairs, kinds, strict=True)):
        return False
    return ((False, True) in kinds) == ((True, False) in kinds)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("GET", "/x"), ("GET", "/x")),
        (("GET", "/x"), (ANY, "/x")),
        (("GET", "/{a}"), ("GET", "/{b}")),
        (("GET", "/x/{a}"), ("GET", "/x/{b}")),
        (("PUT", "/{a}/x"), ("PUT", "/x/{a}")),
        ((ANY, "/{a}/x/{b}"), ("PUT", "/x/{a}/y")),
    ],
)
def test_ambiguous_routes_are_detected(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert are_ambiguous(route(*one), route(*other))
    assert are_ambiguous(route(*other), route(*one))


@pytest.mark.parametrize(
    ("route_a", "route_b", "method", "path", "expected"),
    [
        (("GET", "/{a}"), ("GET", "/x"), "GET", "/x", "/x"),
        (("GET", "/{a}"), ("GET", "/x"), "GET", "/y", "/{a}"),
        (("GET", "/x"), ("PUT", "/x"), "PUT", "/x", "/x"),
        (("GET", "/x/{a}"), ("GET", "/y/{a}"), "GET", "/y/z", "/y/{a}"),
        (("GET", "/{a}"), ("GET", "/{a}/{b}"), "GET", "/x/y", "/{a}/{b}"),
    ],
)
def test_the_more_specific_route_wins_regardless_of_order(
    route_a: tuple[str, str], route_b: tuple[str, str], method: str, path: str, expected: str
) -> None:
    for table in (routes(route_a, route_b), routes(route_b, route_a)):
        match = table.match(method, f"/mine{path}")
        assert match.route is not None
        assert (match.route.method, match.route.path) == (method, expected)


def test_head_prefers_a_route_of_its_own_to_that_of_get_regardless_of_order() -> None:
    rows = (route("GET", "/{a}"), route("HEAD", "/{a}"), route("GET", "/x"))
    for table in permutations(rows):
        router = Router([Api("mine", service("mine", "mine", lenient=True), table)])
        matches = [router.match("HEAD", path).route for path in ("/mine/y", "/mine/y/", "/mine/x")]
        assert matches == [rows[1], rows[1], rows[2]]
