"""The rules of Nova's servers API, as far as it reads: lists, filters, one server."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final
from urllib.parse import quote_plus

from fake_nova.verification import compute_views, views
from fake_nova.verification.compute_rules import UNKNOWN_ID
from fake_nova.verification.questions import Question, Rule, View, query
from fake_nova.verification.samples import Samples

_SERVERS: Final = "/v2.1/servers"

#: The microversions in which a server gets other fields.
_FIELDS_SINCE: Final = ("2.3", "2.9", "2.16", "2.19", "2.26", "2.47", "2.63", "2.71", "2.73", "2.90", "2.98")

_CONTENT: Final = compute_views.content("servers")


def in_version(version: str, path: str) -> Question:
    """Return a question in a microversion."""
    return Question(path, (("OpenStack-API-Version", f"compute {version}"),))


def _each(parameter: str, *values: str) -> list[str]:
    """Return lists with one parameter, for each of these values."""
    return [query(_SERVERS, (parameter, value)) for value in values]


def _each_in(version: str, parameter: str, *values: str) -> list[Question]:
    return [in_version(version, path) for path in _each(parameter, *values)]


def _rule(name: str, questions: Callable[[Samples], Iterable[Question | str]], view: View) -> Rule:
    """Return a rule whose view gets the side's own list of servers."""
    return Rule(f"servers: {name}", questions, view, "servers")


def _changes_since(samples: Samples) -> Iterator[str]:
    for time in samples.compute.texts("updated_at")[:2]:
        yield from _each("changes-since", f"{time[:19]}Z", samples.later(time[:19]))


def _first_server(samples: Samples, end: str = "") -> list[str]:
    return [f"{_SERVERS}/{each}{end}" for each in samples.compute.server_ids(1)]


LIST_RULES: Final = (
    _rule("order of lists", lambda _: [f"{_SERVERS}/detail?limit=50"], compute_views.sequence("servers")),
    _rule("which are listed", lambda _: [_SERVERS], compute_views.whole_content("servers")),
    _rule(
        "pages",
        lambda s: [Question(f"{_SERVERS}?limit=1", pages=3) for _ in s.compute.server_ids(1)],
        compute_views.sequence("servers"),
    ),
    _rule(
        "marker",
        lambda s: [
            query(_SERVERS, ("marker", each), ("limit", "2")) for each in (*s.compute.server_ids(2), "")
        ],
        compute_views.sequence("servers"),
    ),
    _rule("unknown marker", lambda _: _each("marker", UNKNOWN_ID, "nope"), views.whole),
    _rule("limit 0", lambda _: _each("limit", "0"), compute_views.sizes("servers")),
    _rule("invalid limit", lambda _: _each("limit", "abc", "", "-1", "1.5"), views.whole),
    _rule(
        "link to the next page",
        lambda s: [
            query(_SERVERS, ("limit", "1"), ("name", "."), ("nope", "x"), ("sort_dir", "asc"))
            for _ in s.compute.server_ids(1)
        ],
        compute_views.link_parameters,
    ),
    _rule(
        "sort by created_at",
        lambda _: [query(_SERVERS, ("sort_key", "created_at"), ("sort_dir", "asc"))],
        compute_views.sequence("servers"),
    ),
    _rule(
        "sort by display_name",
        lambda _: [
            query(_SERVERS, ("sort_key", "display_name"), ("sort_dir", each)) for each in ("asc", "desc")
        ],
        compute_views.sequence("servers"),
    ),
    _rule("unknown sort key", lambda _: _each("sort_key", "name", "status"), views.whole),
    _rule("unknown direction", lambda _: _each("sort_dir", "up", "ASC"), views.whole),
    _rule("sort by host", lambda _: _each("sort_key", "host"), views.status),
)

FILTER_RULES: Final = (
    _rule("filter name", lambda s: _each("name", *s.compute.names()), _CONTENT),
    _rule(
        "name in other capitals",
        lambda s: _each("name", *(n.swapcase() for n in s.compute.names())),
        _CONTENT,
    ),
    _rule(
        "name as a pattern",
        lambda s: _each("name", *(f"^{n[:2]}.*{n[-1]}$" for n in s.compute.names()), "^$"),
        _CONTENT,
    ),
    _rule("invalid pattern", lambda _: _each("name", "(", "*", ""), views.whole),
    _rule("filter status", lambda _: _each("status", "ACTIVE", "shutoff", "ERROR", "BUILD"), _CONTENT),
    _rule(
        "several statuses", lambda _: [query(_SERVERS, ("status", "ACTIVE"), ("status", "ERROR"))], _CONTENT
    ),
    _rule("unknown status", lambda _: _each("status", "bogus", "UNKNOWN"), _CONTENT),
    _rule("unknown status since 2.38", lambda _: _each_in("2.40", "status", "bogus", ""), views.whole),
    _rule("status DELETED", lambda _: _each("status", "DELETED"), views.status),
    _rule("filter image", lambda s: _each("image", *s.compute.texts("image"), ""), _CONTENT),
    _rule("unknown image of servers", lambda _: _each("image", UNKNOWN_ID), _CONTENT),
    _rule("filter flavor", lambda s: _each("flavor", *s.compute.flavors_of_servers()), _CONTENT),
    _rule("unknown flavor of servers", lambda _: _each("flavor", "fake-nova-unknown"), _CONTENT),
    _rule("filter changes-since", _changes_since, _CONTENT),
    _rule("invalid changes-since", lambda _: _each("changes-since", "abc", "", "2014-02-30"), views.whole),
    _rule("filter ip", lambda s: _each("ip", *(address for _, address in s.compute.networks())), _CONTENT),
    _rule("filter tags", lambda s: _each_in("2.26", "tags", *s.compute.tags(), "fake-nova"), _CONTENT),
    _rule("tags before 2.26", lambda _: _each("tags", "fake-nova"), _CONTENT),
    _rule("filter locked", lambda _: _each_in("2.73", "locked", "true", "no"), _CONTENT),
    _rule("filters of an admin", lambda _: _each("host", "fake-nova-unknown"), _CONTENT),
    _rule("filter metadata", lambda _: _each("metadata", "{}"), _CONTENT),
    _rule("all_tenants", lambda _: _each("all_tenants", "1"), views.status),
    _rule("unknown all_tenants", lambda _: _each("all_tenants", "bogus"), views.whole),
    _rule("unknown parameter", lambda _: _each("fake_nova_unknown", "x"), _CONTENT),
    _rule("unknown parameter since 2.75", lambda _: _each_in("2.75", "fake_nova_unknown", "x"), views.whole),
)


def _upper(samples: Samples) -> list[str]:
    return [f"{_SERVERS}/{each}" for each in samples.compute.upper_ids()]


def _fields(samples: Samples) -> list[Question]:
    return [in_version(version, path) for version in _FIELDS_SINCE for path in _first_server(samples)]


SERVER_RULES: Final = (
    _rule("one server", lambda s: [f"{_SERVERS}/{each}" for each in s.compute.ids_by_status()], views.status),
    _rule("unknown server", lambda _: [f"{_SERVERS}/{i}" for i in (UNKNOWN_ID, "nope", "1")], views.whole),
    _rule("id in capitals", _upper, views.status),
    _rule("query at one server", lambda s: _first_server(s, "?limit=abc"), views.status),
    _rule("fields by microversion", _fields, views.status),
    _rule("metadata", lambda s: _first_server(s, "/metadata"), views.whole),
    _rule(
        "one key of metadata",
        lambda s: [f"{_SERVERS}/{i}/metadata/{quote_plus(key)}" for i, key in s.compute.metadata()],
        views.whole,
    ),
    _rule("unknown key of metadata", lambda s: _first_server(s, "/metadata/fake-nova-unknown"), views.whole),
    _rule("addresses", lambda s: _first_server(s, "/ips"), views.whole),
    _rule("unknown network", lambda s: _first_server(s, "/ips/fake-nova-unknown"), views.whole),
    _rule("tags", lambda s: [in_version("2.26", path) for path in _first_server(s, "/tags")], views.whole),
    _rule("no tags before 2.26", lambda s: _first_server(s, "/tags"), views.whole),
    _rule("no route", lambda _: [f"{_SERVERS}/", f"{_SERVERS}.json"], views.whole),
    _rule("/v2", lambda _: ["/v2/servers", "/v2/servers/detail"], compute_views.sizes("servers")),
    _rule("errors of /v2", lambda _: ["/v2/servers?limit=abc", "/v2/servers?changes-since=x"], views.whole),
)
