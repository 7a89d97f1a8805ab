"""Query strings: separators, spaces and invalid input."""

from __future__ import annotations

import pytest

from fake_nova.errors import QueryNotUTF8
from fake_nova.wire import query_string
from fake_nova.wire.query_string import MAX_PARAMETERS
from tests.conftest import Cloud


@pytest.mark.parametrize(
    ("raw", "pairs"),
    [
        ("", ()),
        ("&&;", ()),
        ("a=1&b=2", (("a", "1"), ("b", "2"))),
        ("a=1;b=2", (("a", "1"), ("b", "2"))),
        ("a", (("a", ""),)),
        ("a=b=c", (("a", "b=c"),)),
        ("a+b=c+d", (("a b", "c d"),)),
        ("a%2Bb=%26%3B", (("a+b", "&;"),)),
        ("a=%C3%BC", (("a", "ü"),)),
        ("a=\xc3\xbc", (("a", "ü"),)),
        ("a=%zz", (("a", "%zz"),)),
        ("=x", (("", "x"),)),
    ],
)
def test_a_query_is_split_as_the_service_splits_it(raw: str, pairs: query_string.Pairs) -> None:
    assert query_string.parse(raw) == pairs


@pytest.mark.parametrize("raw", ["a=%ff", "%fe=1", "a=1&b=\xff", "a=%C3"])
def test_bytes_that_are_not_utf8_are_refused_anywhere(raw: str) -> None:
    with pytest.raises(QueryNotUTF8, match="Query string is not UTF-8 encoded"):
        query_string.parse(raw)


@pytest.mark.parametrize(
    ("raw", "splits_at_semicolon", "params"),
    [
        ("a=1;b=&a=2", True, {"a": ["1", "2"], "b": [""]}),
        ("a=1;b=&a=2", False, {"a": ["1;b=", "2"]}),
        ("a=1%3Bb=2", True, {"a": ["1;b=2"]}),
        ("a=\xc3\xbc", True, {"a": ["ü"]}),
        ("a=%ff", True, {"a": ["\ufffd"]}),
        ("a=\xff", False, {"a": ["\ufffd"]}),
    ],
)
def test_the_parameters_for_faults_are_those_that_the_service_sees(
    raw: str, splits_at_semicolon: bool, params: dict[str, list[str]]
) -> None:
    assert query_string.parse_leniently(raw, splits_at_semicolon) == params


@pytest.mark.parametrize("path", ["/v2.1/images", "/v2.1/images/detail", "/v2.1/servers", "/_admin/requests"])
@pytest.mark.parametrize("separator", ["&", ";"])
def test_a_query_with_more_than_1000_parameters_is_refused(cloud: Cloud, path: str, separator: str) -> None:
    query = separator.join(["a=1"] * (MAX_PARAMETERS + 1))
    response = cloud.ask("GET", f"{path}?{query}")
    assert response.status_code == 400
    assert response.get_json()["badRequest"]["message"] == (
        "query: too many parameters (got 1001); expected at most 1000"
    )


def test_the_image_service_refuses_too_many_parameters_with_a_hint(cloud: Cloud) -> None:
    response = cloud.ask("GET", f"/image/v2/images?{'&'.join(['a=1'] * 1_001)}")
    assert response.status_code == 400
    hint = "query: too many parameters (got 1001); expected at most 1000."
    assert response.headers["X-Fake-Nova-Hint"] == hint
    assert b"too many parameters" in response.data
    assert cloud.ask("GET", f"/image/v2/images?{'&'.join(['a=1'] * 1_000)}").status_code == 200


def test_a_query_with_1000_parameters_is_accepted(cloud: Cloud) -> None:
    query = "&".join([*(f"property-a{number}=1" for number in range(MAX_PARAMETERS - 1)), "name=cirros"])
    assert cloud.get(f"/v2.1/images?{query}")["images"] == []


@pytest.mark.parametrize(
    ("text", "number"),
    [("007", 7), (" -1\n", -1), ("+2", 2), ("1_000", 1000), ("\u0661\u0662", 12), ("9" * 5_000, 10**18)],
)
def test_a_whole_number_is_read_as_python_reads_it(text: str, number: int) -> None:
    assert query_string.parse_int(text) == number


@pytest.mark.parametrize("text", ["", "-", "1.0", "0x1", "1__0", "_1", "1_", "1 0", "\u00b2"])
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a whole number"):
        query_string.parse_int(text)
