"""Clients' regular expressions match what Python's would match, within limits."""

from __future__ import annotations

import re
import sys
from importlib.machinery import ModuleSpec
from warnings import catch_warnings, simplefilter

import pytest

from fake_nova.apis.nova_common.client_patterns import MAX_GROUP_DEPTH, MAX_PATTERN_CHARS, ClientPattern
from fake_nova.apis.nova_common.errors import NovaError
from tests.conftest import Cloud

SERVERS = "/v2.1/servers"


@pytest.mark.parametrize(
    "pattern",
    [
        "web",
        "^web-[0-9]{1,3}$",
        "(a|b)+",
        "(?i)WEB",
        "[[a]",
        "[^]w]",
        r"\[",
        "",
        "w.b",
        "a{,5}",
        "(w)(?(1)e|x)",
        "(?<=e)b",
        "e{e<=1}",  # a fuzzy match in the library that searches
        "[[:alpha:]]",
        r"[\\[]a",
    ],
)
def test_a_pattern_matches_the_same_texts_as_pythons_re(pattern: str) -> None:
    client = ClientPattern(pattern)
    for text in ("web-1", "WEB-22", "", "[a]", "ab" * 50):
        with catch_warnings():  # Python warns about syntax that a later version may read differently
            simplefilter("ignore")
            is_match = re.search(pattern, text) is not None
        assert client.is_in(text) is is_match, text


@pytest.mark.parametrize(
    "pattern",
    [
        "x" * (MAX_PATTERN_CHARS + 1),
        ".*" * 300,
        "a{0,99999}b",
        "(" * (MAX_GROUP_DEPTH + 1) + ")" * (MAX_GROUP_DEPTH + 1),
        "(" * 14 + "a+" + ")+" * 14,
        "((((a{30}){30}){30}){30})!",
        "((((((((((((a?)?)?)?)?)?)?)?)?)?)?)?)",
        "(?x)" + "(" * 7 + "a" + ") {9}" * 7,  # with this flag, a space hides what is repeated
        "(?i:(?sx:a))",
        "(" * 5 + "a" + ")(?#){9}" * 5,
    ],
    ids=lambda pattern: pattern[:20],
)
def test_an_expensive_pattern_is_a_400_with_a_hint(cloud: Cloud, pattern: str) -> None:
    response = cloud.ask("GET", SERVERS, query_string={"name": pattern})
    assert response.status_code == 400
    assert response.get_json()["badRequest"]["message"] == "Regular expression is too expensive"
    assert response.headers["X-Fake-Nova-Hint"].startswith("A pattern may have 255 characters")


def test_detailed_lists_refuse_expensive_patterns_but_accept_many_stars(cloud: Cloud) -> None:
    response = cloud.ask("GET", f"{SERVERS}/detail", query_string={"name": "a{0,99999}b"})
    assert response.status_code == 400
    assert response.get_json()["badRequest"]["message"] == "Regular expression is too expensive"
    assert cloud.ask("GET", SERVERS, query_string={"name": ".*" * 90 + "!"}).status_code == 200


@pytest.mark.parametrize("pattern", ["(", "[", "a**", "\\", "(?P<n>", "*", "(?(1)a|b)", "a{9999999999}"])
def test_an_invalid_pattern_is_a_400(cloud: Cloud, pattern: str) -> None:
    response = cloud.ask("GET", SERVERS, query_string={"name": pattern})
    assert response.status_code == 400
    message = f"Invalid input for query parameters name. Value: {pattern}. {pattern!r} is not a 'regex'"
    assert response.get_json()["badRequest"]["message"] == message


def test_all_searches_of_a_request_share_one_time_limit() -> None:
    pattern = ClientPattern("(a|aa)+$")
    with pytest.raises(NovaError, match="too expensive"):
        for _ in range(1_000):
            pattern.is_in("a" * 4_000 + "!")


def test_a_pattern_is_not_cached() -> None:
    assert ClientPattern("(a{7}b?)+$")._pattern is not ClientPattern("(a{7}b?)+$")._pattern


def test_the_first_pattern_does_not_pay_for_the_import_of_the_library(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seconds = [0.0]

    class SlowFinder:
        """Lets a second of CPU time pass when the library is imported."""

        def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
            seconds[0] += name == "regex"
            return None

    monkeypatch.setattr("fake_nova.apis.nova_common.client_patterns.thread_time", lambda: seconds[0])
    monkeypatch.setattr(sys, "meta_path", [SlowFinder(), *sys.meta_path])
    for name in ("regex", "regex._main"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    assert ClientPattern("w.b").is_in("web-1")
    assert seconds == [1.0]
