"""The rules of the filters of Glance's lists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from fake_nova.verification import views
from fake_nova.verification.image_rules import images
from fake_nova.verification.questions import Rule
from fake_nova.verification.samples import Samples

#: Lists of filters have as many images as a page can have, so that the order makes no difference.
_ALL: Final = ("limit", "1000")


def _each(parameter: str, *values: str) -> list[str]:
    """Return lists with one filter, for each of these values."""
    return [images((parameter, value), _ALL) for value in values]


def _times(key: str, *operators: str) -> Any:
    """Return questions with each operator and a time that images have."""

    def questions(samples: Samples) -> Iterator[str]:
        for time in samples.times(key)[:1]:
            yield from _each(key, *(f"{operator}{time}" for operator in operators))

    return questions


def _is_plain(key: str, value: str) -> bool:
    return key.isascii() and key not in _ATTRIBUTES and value.isascii()


_ATTRIBUTES: Final = ("name", "status", "size", "limit", "marker", "sort", "tag", "visibility", "id", "owner")


def _respelt_properties(samples: Samples) -> Iterator[str]:
    for key, value in samples.properties(_is_plain, 20):
        if value.swapcase() != value:
            yield images((key, value.swapcase()), _ALL)
            return


def _respelt_tags(samples: Samples) -> list[str]:
    return _each("tag", *[tag.swapcase() for tag in samples.tags() if tag.swapcase() != tag][:1])


def _respelt(samples: Samples, key: str) -> list[str]:
    return _each(key, *[text.swapcase() for text in samples.texts(key, 1)])


FILTER_RULES: Final = (
    Rule("filter name", lambda s: _each("name", *s.plain_names()), views.content),
    Rule(
        "name in other capitals",
        lambda s: _each("name", *(n.swapcase() for n in s.plain_names(2))),
        views.content,
    ),
    Rule("name with other accents", lambda s: _each("name", *s.accented_names()), views.content),
    Rule(
        "name with blanks",
        lambda s: _each("name", *(spelling for n in s.plain_names(1) for spelling in (f"{n}  ", f" {n}"))),
        views.content,
    ),
    Rule("empty name", lambda _: _each("name", ""), views.content),
    Rule("several names", lambda s: _each("name", f"in:{','.join(s.plain_names(2))}"), views.content),
    Rule("operator eq", lambda s: _each("name", *(f"eq:{name}" for name in s.plain_names(1))), views.content),
    Rule("unknown operator", lambda _: _each("name", "neq:x", "like:x"), views.whole),
    Rule("filter status", lambda _: _each("status", "active", "queued", "deactivated"), views.content),
    Rule("status in other capitals", lambda _: _each("status", "ACTIVE", "Queued"), views.content),
    Rule("unknown status", lambda _: _each("status", "bogus"), views.content),
    Rule("several statuses", lambda _: _each("status", "in:active,queued"), views.content),
    Rule(
        "filter visibility",
        lambda _: _each("visibility", "public", "private", "shared", "community"),
        views.content,
    ),
    Rule("visibility all", lambda _: _each("visibility", "all"), views.content),
    Rule("unknown visibility", lambda _: _each("visibility", "PUBLIC", "bogus"), views.whole),
    Rule("filter member_status", lambda _: _each("member_status", "accepted", "all"), views.content),
    Rule("unknown member_status", lambda _: _each("member_status", "bogus"), views.whole),
    Rule("filter owner", lambda s: _each("owner", *s.texts("owner")), views.content),
    Rule("filter os_hidden", lambda _: _each("os_hidden", "true", "false"), views.content),
    Rule("unknown os_hidden", lambda _: _each("os_hidden", "bogus"), views.whole),
    Rule("filter protected", lambda _: _each("protected", "true", "false"), views.content),
    Rule("unknown protected", lambda _: _each("protected", "bogus"), views.whole),
    Rule("filter disk_format", lambda s: _each("disk_format", *s.texts("disk_format")), views.content),
    Rule("disk_format in other capitals", lambda s: _respelt(s, "disk_format"), views.content),
    Rule("several disk_formats", lambda _: _each("disk_format", "in:raw,qcow2"), views.content),
    Rule(
        "filter container_format",
        lambda s: _each("container_format", *s.texts("container_format")),
        views.content,
    ),
    Rule("filter min_ram", lambda s: _each("min_ram", *s.texts("min_ram")), views.content),
    Rule("filter min_disk", lambda s: _each("min_disk", *s.texts("min_disk")), views.content),
    Rule("numbers in texts", lambda _: _each("min_disk", "0x10", "abc", "0GB"), views.content),
    Rule("filter size", lambda s: _each("size", *s.texts("size", 2)), views.content),
    Rule("filter size_min", lambda s: _each("size_min", *s.texts("size", 2)), views.content),
    Rule("filter size_max", lambda s: _each("size_max", *s.texts("size", 2)), views.content),
    Rule("filter min_ram_min", lambda _: _each("min_ram_min", "1", "512"), views.content),
    Rule("filter min_disk_max", lambda _: _each("min_disk_max", "1", "20"), views.content),
    Rule("size_min that is no number", lambda _: _each("size_min", "abc", "", "1.5"), views.whole),
    Rule("filter id", lambda s: _each("id", *s.some_ids(1), "in:" + ",".join(s.some_ids(2))), views.content),
    Rule("filter checksum", lambda s: _each("checksum", *s.texts("checksum", 1)), views.content),
    Rule("filter tag", lambda s: _each("tag", *s.tags()), views.content),
    Rule("tag in other capitals", _respelt_tags, views.content),
    Rule("unknown tag", lambda _: _each("tag", "fake-nova-unknown"), views.content),
    Rule(
        "filter by a property",
        lambda s: [images((key, value), _ALL) for key, value in s.properties(_is_plain)],
        views.content,
    ),
    Rule("property in other capitals", _respelt_properties, views.content),
    Rule(
        "key of a property in capitals",
        lambda s: [
            images((key.upper(), value), _ALL)
            for key, value in s.properties(lambda key, _: key.upper() != key, 1)
        ],
        views.content,
    ),
    Rule("unknown property", lambda _: _each("fake_nova_unknown", "x"), views.content),
    Rule("filter created_at", _times("created_at", "gt:", "gte:", "lt:", "lte:"), views.content),
    Rule("created_at by equality", _times("created_at", "", "eq:", "neq:"), views.content),
    Rule("filter updated_at", _times("updated_at", "gt:", "gte:", "lt:", "lte:"), views.content),
    Rule("unknown operator of a time", _times("updated_at", "like:", "in:"), views.whole),
    Rule("invalid time", lambda _: _each("created_at", "abc", "gte:2014-02-30"), views.whole),
    Rule("changes-since", lambda _: _each("changes-since", "2014-03-05"), views.whole),
)
