"""Route tables that contradict each other are refused when the emulator starts."""

from __future__ import annotations

import re

import pytest

from fake_nova.apis import discover
from fake_nova.wire.api import ANY, Api, Route, Routes, Service
from fake_nova.wire.call import Answer


def service(name: str, *prefixes: str, bare: tuple[str, ...] = ()) -> Service:
    return Service(name, prefixes, no_route=lambda _: Answer(404), error=lambda _, __: None, bare=bare)


def route(method: str, path: str) -> Route:
    return Route(method, path, lambda _: Answer(200), "test")


def routes(*asked: tuple[str, str]) -> Routes:
    mine = service("mine", "mine")
    return Routes(Api(f"part{number}", mine, (route(*one),)) for number, one in enumerate(asked))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (service("a", "x"), service("b", "x")),
        (service("a", "x", "y"), service("b", "z", "y")),
        (service("a", ""), service("b", "")),
        (service("a", "x", bare=("v2",)), service("b", "y", bare=("v2",))),
    ],
)
def test_two_services_with_the_same_prefix_are_refused(one: Service, other: Service) -> None:
    with pytest.raises(
        ValueError, match=r"^services a and b both have the prefix /.*; expected one of them$"
    ):
        Routes((Api("a", one, ()), Api("b", other, ())))


def test_a_new_service_may_not_take_the_prefix_of_a_real_one() -> None:
    mine = Api("mine", service("mine", "image"), (route("GET", "/x"),))
    with pytest.raises(ValueError, match=r"^services image.* and mine both have the prefix /image; "):
        Routes((*discover(), mine))


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
def test_two_routes_that_match_the_same_path_are_refused(
    one: tuple[str, str], other: tuple[str, str]
) -> None:
    for first, second in ((one, other), (other, one)):
        texts = " and ".join(f"{re.escape(method)} {re.escape(path)}" for method, path in (second, first))
        with pytest.raises(ValueError, match=f"^routes of mine: {texts} match the same path; "):
            routes(first, second)


@pytest.mark.parametrize(
    ("one", "other", "method", "path", "expected"),
    [
        (("GET", "/{a}"), ("GET", "/x"), "GET", "/x", "/x"),
        (("GET", "/{a}"), ("GET", "/x"), "GET", "/y", "/{a}"),
        (("GET", "/x"), ("PUT", "/x"), "PUT", "/x", "/x"),
        (("GET", "/x/{a}"), ("GET", "/y/{a}"), "GET", "/y/z", "/y/{a}"),
        (("GET", "/{a}"), ("GET", "/{a}/{b}"), "GET", "/x/y", "/{a}/{b}"),
    ],
)
def test_routes_of_which_one_says_more_or_that_match_other_paths_stand_beside_each_other(
    one: tuple[str, str], other: tuple[str, str], method: str, path: str, expected: str
) -> None:
    for table in (routes(one, other), routes(other, one)):
        match = table.match(method, f"/mine{path}")
        assert match.route is not None
        assert (match.route.method, match.route.path) == (method, expected)
