"""Query strings: what separates, what is a blank, what is refused."""

from __future__ import annotations

import pytest

from fake_nova.wire import query_string
from fake_nova.wire.bodies import Refused


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
def test_a_query_is_split_as_the_service_does(raw: str, pairs: query_string.Pairs) -> None:
    assert query_string.read(raw) == pairs


@pytest.mark.parametrize("raw", ["a=%ff", "%fe=1", "a=1&b=\xff", "a=%C3"])
def test_bytes_that_are_not_utf8_are_refused_wherever_they_stand(raw: str) -> None:
    with pytest.raises(Refused, match="Query string is not UTF-8 encoded"):
        query_string.read(raw)
