"""The rules of the filters of Nova's lists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fake_nova.verification import views
from fake_nova.verification.compute_rules import images
from fake_nova.verification.questions import Rule
from fake_nova.verification.samples import Samples

#: Nova strips the letters of this prefix from the front of a key, not the prefix.
_PREFIX: Final = "property-"

#: Keys that lists have a parameter for.
_OWN_PARAMETERS: Final = ("instance_uuid", "image_type")


def _each(parameter: str, *values: str) -> list[str]:
    """Return lists with one parameter, for each of these values."""
    return [images((parameter, value)) for value in values]


def _changes_since(samples: Samples) -> Iterator[str]:
    for time in samples.times("updated_at"):
        yield from _each("changes-since", time, samples.later(time))


def _time_formats(samples: Samples) -> Iterator[str]:
    for time in samples.times("updated_at")[:1]:
        date, clock = time[:10], time[11:19]
        spellings = (
            date,
            date[:7],
            date[:4],
            date.replace("-", ""),
            f"{date} {clock}",
            f"{date}T{clock}+00:00",
            f"{date}T{clock}-05:00",
            f"{date}T{clock}.5Z",
            f"{date.replace('-', '')}T{clock.replace(':', '')}Z",
        )
        yield from _each("changes-since", *spellings)


def _servers(samples: Samples) -> Iterator[str]:
    for value in samples.properties(lambda key, value: key == "instance_uuid" and "/" not in value):
        yield from _each("server", value[1], f"http://cloud/servers/{value[1]}")


def _is_readable(key: str, value: str) -> bool:
    """Return whether Nova finds a property: its key does not begin with a letter of the prefix."""
    return key[:1] not in _PREFIX and key not in _OWN_PARAMETERS and ":" not in value


def _is_stripped(key: str, value: str) -> bool:
    return key.lstrip(_PREFIX) not in (key, "") and ":" not in value and bool(value)


def _respelt_properties(samples: Samples) -> Iterator[str]:
    for key, value in samples.properties(_is_readable, 20):
        if value.swapcase() != value:
            yield images((f"{_PREFIX}{key}", value.swapcase()))
            return


def _respelt_keys(samples: Samples) -> Iterator[str]:
    for key, value in samples.properties(lambda key, value: key.upper() != key and ":" not in value, 1):
        yield images((f"{_PREFIX}{key.upper()}", value))


FILTER_RULES: Final = (
    Rule("filter name", lambda s: _each("name", *s.plain_names()), views.content),
    Rule(
        "name in other capitals",
        lambda s: _each("name", *(n.swapcase() for n in s.plain_names())),
        views.content,
    ),
    Rule("name with other accents", lambda s: _each("name", *s.accented_names()), views.content),
    Rule(
        "name with blanks",
        lambda s: _each(
            "name", *(spelling for n in s.plain_names(1) for spelling in (f"{n}  ", f" {n}", f"{n}\t"))
        ),
        views.content,
    ),
    Rule(
        "name that no image has",
        lambda _: _each("name", "fake-nova-unknown", "%", "fake_nova_"),
        views.content,
    ),
    Rule("empty name", lambda _: _each("name", ""), views.content),
    Rule("several names", lambda s: _each("name", f"in:{','.join(s.plain_names(2))}", "in:"), views.content),
    Rule("unknown operator", lambda _: _each("name", "neq:x", "like:x", "a:b"), views.whole),
    Rule(
        "filter status by Glance's words",
        lambda _: _each("status", "active", "Active", "deactivated"),
        views.content,
    ),
    Rule(
        "filter status by Nova's words",
        lambda _: _each("status", "SAVING", "ERROR", "DELETED"),
        views.content,
    ),
    Rule("filter status UNKNOWN", lambda _: _each("status", "UNKNOWN"), views.content),
    Rule("unknown status", lambda _: _each("status", "bogus", ""), views.content),
    Rule("several statuses", lambda _: _each("status", "in:active,queued"), views.content),
    Rule("status with a blank", lambda _: _each("status", "active "), views.content),
    Rule("filter changes-since", _changes_since, views.content),
    Rule("formats of changes-since", _time_formats, views.content),
    Rule(
        "invalid changes-since",
        lambda _: _each(
            "changes-since", "", "abc", "0", "2014-02-30", "2014-03-05T24:00:00Z", "gt:2014-03-05"
        ),
        views.whole,
    ),
    Rule("filter minRam", lambda s: _each("minRam", *s.texts("min_ram")), views.content),
    Rule("filter minDisk", lambda s: _each("minDisk", *s.texts("min_disk")), views.content),
    Rule("minRam is equality", lambda _: _each("minRam", "1", "99999999"), views.content),
    Rule("minDisk is equality", lambda _: _each("minDisk", "1", "99999999"), views.content),
    Rule("numbers in texts", lambda _: _each("minRam", "0x10", "abc", "0MB", ""), views.content),
    Rule("numbers with a fraction", lambda _: _each("minDisk", "0.4", "0.0", "0e0"), views.content),
    Rule("filter server", _servers, views.content),
    Rule("unknown server", lambda _: _each("server", "99999999-0000-4000-8000-000000000000"), views.content),
    Rule(
        "filter type",
        lambda s: _each("type", *(v for _, v in s.properties(lambda key, _: key == "image_type"))),
        views.content,
    ),
    Rule("unknown type", lambda _: _each("type", "fake-nova-unknown"), views.content),
    Rule(
        "filter by a property",
        lambda s: [images((f"{_PREFIX}{key}", value)) for key, value in s.properties(_is_readable)],
        views.content,
    ),
    Rule(
        "letters stripped from a key",
        lambda s: [images((f"{_PREFIX}{key}", value)) for key, value in s.properties(_is_stripped)],
        views.content,
    ),
    Rule("property in other capitals", _respelt_properties, views.content),
    Rule("key of a property in capitals", _respelt_keys, views.content),
    Rule("unknown property", lambda _: _each("property-fake_nova_unknown", "x"), views.content),
    Rule(
        "property- with a name of Glance's",
        lambda _: [images((f"{_PREFIX}visibility", "public")), images((f"{_PREFIX}size_min", "1"))],
        views.content,
    ),
    Rule("unknown property-visibility", lambda _: _each("property-visibility", "fake-nova"), views.whole),
    Rule(
        "parameters without effect",
        lambda _: [
            images((name, "fake-nova"), ("limit", "3"))
            for name in ("NAME", "minram", "visibility", "owner", "tag", "sort_key", "all_tenants", "fields")
        ],
        views.ranks,
    ),
    Rule(
        "name twice",
        lambda s: [
            "/v2.1/images?name=fake-nova-unknown&" + images(("name", n)).split("?")[1]
            for n in s.plain_names(1)
        ],
        views.content,
    ),
    Rule("semicolon", lambda _: ["/v2.1/images?offset=1;limit=1"], views.pages_and_links),
)
