"""The rules of Nova's images API, but for its filters: lists, pages, one image, versions, errors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from fake_nova.verification import views
from fake_nova.verification.questions import Question, Rule, query
from fake_nova.verification.samples import Samples

UNKNOWN_ID: Final = "99999999-0000-4000-8000-000000000000"
UNKNOWN_PROJECT: Final = "9" * 32

#: The most images that a whole list is asked for; the first thousand of a greater cloud will do.
_MOST_IMAGES: Final = 2000


def images(*pairs: tuple[str, str]) -> str:
    """Return the path of a list with parameters."""
    return query("/v2.1/images", *pairs)


def _whole_list(samples: Samples, path: str) -> str:
    return path if samples.count <= _MOST_IMAGES else f"{path}?limit=1000"


def _pages(samples: Samples) -> Iterator[Question]:
    """Yield walks through the first pages."""
    if samples.count > 1:
        yield Question(images(("limit", "1")), pages=3)
    if samples.count > 3:
        yield Question(query("/v2.1/images/detail", ("limit", "2")), pages=2)


def _walk(samples: Samples) -> Iterator[Question]:
    if 3 < samples.count <= _MOST_IMAGES:
        yield Question("/v2.1/images?limit={count/3}", pages=6)


def _end(samples: Samples) -> Iterator[Question]:
    """Yield lists with as many images as the page holds, and with one fewer."""
    if 1 < samples.count <= 1000:
        for limit in ("{count}", "{count+1}", "{count-1}"):
            yield Question(f"/v2.1/images?limit={limit}", pages=3)


def _markers(samples: Samples) -> Iterator[str]:
    if samples.count > 3:
        yield "/v2.1/images?limit=2&marker={rank:1}"
        yield "/v2.1/images/detail?marker={rank:2}&limit=1"
        yield "/v2.1/images?limit=1&marker="


def _upper_ids(samples: Samples) -> list[str]:
    return [image_id.upper() for image_id in samples.some_ids(10) if image_id.upper() != image_id][:1]


def _metadata(samples: Samples) -> Iterator[str]:
    for image_id, key in samples.property_id():
        yield f"/v2.1/images/{image_id}/metadata"
        yield f"/v2.1/images/{image_id}/metadata/{quote(key, safe='')}"


def _metadata_of(samples: Samples, version: str) -> list[Question]:
    headers = (("OpenStack-API-Version", f"compute {version}"),)
    return [Question(f"/v2.1/images/{image_id}/metadata", headers) for image_id in samples.some_ids(1)]


def _version(version: str, path: str = "/v2.1/images?limit=1") -> Question:
    return Question(path, (("OpenStack-API-Version", version),))


def _old_version(version: str) -> Question:
    return Question("/v2.1/images?limit=1", (("X-OpenStack-Nova-API-Version", version),))


_DETAIL: Final = "/v2.1/images/detail"

LIST_RULES: Final = (
    Rule("order of lists", lambda s: [_whole_list(s, _DETAIL), images(("limit", "50"))], views.direction),
    Rule("order of ties", lambda s: [_whole_list(s, "/v2.1/images"), _whole_list(s, _DETAIL)], views.ties),
    Rule(
        "which images are listed",
        lambda s: [_whole_list(s, "/v2.1/images"), _whole_list(s, _DETAIL)],
        views.whole_content,
    ),
    Rule("pages", _pages, views.ranks),
    Rule("all pages", _walk, views.walk),
    Rule("the last page", _end, views.pages_and_links),
    Rule("marker", _markers, views.ranks),
    Rule(
        "unknown marker",
        lambda _: [
            images(("marker", marker)) for marker in (UNKNOWN_ID, "nope", UNKNOWN_ID[:-1], f"{UNKNOWN_ID} ")
        ],
        views.whole,
    ),
    Rule(
        "marker in capitals",
        lambda s: [images(("limit", "1"), ("marker", i)) for i in _upper_ids(s)],
        views.status,
    ),
    Rule(
        "limit above the maximum",
        lambda _: [images(("limit", limit)) for limit in ("501", "1001", "2000", "100000")],
        views.pages_and_links,
    ),
    Rule(
        "invalid limit",
        lambda _: [images(("limit", limit)) for limit in ("0", "-1", "abc", "", "1.5", "+1")],
        views.pages_and_links,
    ),
    Rule("limit with a zero in front", lambda _: [images(("limit", "02"))], views.pages_and_links),
    Rule("limit twice", lambda _: ["/v2.1/images?limit=3&limit=1"], views.pages_and_links),
    Rule("offset", lambda _: [images(("offset", "1"), ("limit", "2"))], views.ranks),
    Rule("invalid offset", lambda _: [images(("offset", value)) for value in ("abc", "0", "")], views.whole),
    Rule("page_size", lambda _: [images(("page_size", "1"))], views.pages_and_links),
    Rule(
        "invalid page_size", lambda _: [images(("page_size", value)) for value in ("abc", "0")], views.whole
    ),
    Rule(
        "link to the next page",
        lambda _: [
            images(("limit", "1"), ("page_size", "2"), ("minRam", "0")),
            "/v2.1/images?marker={rank:0}&limit=1&sort_key=name",
            images(
                ("limit", "1"),
                ("offset", "1"),
                ("foo", "bar"),
                ("changes-since", "2001-01-01T00:00:00+00:00"),
            ),
        ],
        views.link_parameters,
    ),
)

IMAGE_RULES: Final = (
    Rule("one image", lambda s: [f"/v2.1/images/{i}" for i in s.ids_by_status().values()], views.status),
    Rule(
        "unknown image",
        lambda _: [f"/v2.1/images/{i}" for i in (UNKNOWN_ID, "nope", "1", "Detail", "x" * 300)],
        views.whole,
    ),
    Rule("id in capitals", lambda s: [f"/v2.1/images/{i}" for i in _upper_ids(s)], views.status),
    Rule("id with a blank", lambda s: [f"/v2.1/images/{i}%20" for i in s.some_ids(1)], views.whole),
    Rule(
        "query at one image", lambda s: [f"/v2.1/images/{i}?limit=abc" for i in s.some_ids(1)], views.status
    ),
    Rule("metadata", _metadata, views.whole),
    Rule(
        "unknown metadata key",
        lambda s: [f"/v2.1/images/{i}/metadata/fake-nova-unknown" for i in s.some_ids(1)],
        views.whole,
    ),
    Rule(
        "metadata key in other capitals",
        lambda s: [
            f"/v2.1/images/{i}/metadata/{quote(k.swapcase(), safe='')}"
            for i, k in s.property_id()
            if k != k.swapcase()
        ],
        views.whole,
    ),
    Rule("metadata of an unknown image", lambda _: [f"/v2.1/images/{UNKNOWN_ID}/metadata"], views.whole),
)

PATH_RULES: Final = (
    Rule(
        "project in the path",
        lambda s: [_whole_list(s, f"/v2.1/{s.project_id}/images")],
        views.pages_and_links,
    ),
    Rule("other project in the path", lambda _: [f"/v2.1/{UNKNOWN_PROJECT}/images"], views.whole),
    Rule("no project in the path", lambda _: ["/v2.1/not-a-project/images"], views.whole),
    Rule(
        "no route",
        lambda _: ["/v2.1/nothing", "/v2.1/images/", "/v2.1/images.json", "/v2.1/images/detail/"],
        views.whole,
    ),
    Rule("two slashes", lambda _: ["/v2.1//images?limit=1"], views.pages_and_links),
    Rule("HEAD", lambda _: [Question("/v2.1/images", method="HEAD")], views.whole),
    Rule("OPTIONS", lambda _: [Question("/v2.1/images", method="OPTIONS")], views.whole),
    Rule("/v2", lambda _: ["/v2/images?limit=1", "/v2/images/detail?limit=1"], views.pages_and_links),
    Rule("errors of /v2", lambda _: ["/v2/images?limit=abc", f"/v2/images/{UNKNOWN_ID}"], views.whole),
    Rule("no token", lambda _: [Question("/v2.1/images", caller="none")], views.whole),
    Rule(
        "unknown token",
        lambda _: [Question(path, caller="gAAAAABunknown") for path in ("/v2.1/images", "/v2.1/nothing")],
        views.whole,
    ),
    Rule("query that is not UTF-8", lambda _: ["/v2.1/images?name=%ff", "/v2.1/images?foo=%ff"], views.whole),
)

_OWN_IMAGES: Final = "/v2.1/images?limit=1"

VERSION_RULES: Final = (
    Rule("list of versions", lambda _: [Question("/", caller="none")], views.document),
    Rule("version document", lambda _: ["/v2.1/", "/v2/"], views.document),
    Rule("newest microversion", lambda _: ["/v2.1/"], views.versions),
    Rule("choices of versions", lambda _: ["/v3/", "/images"], views.document),
    Rule("last microversion with images", lambda _: [_version("compute 2.35")], views.pages_and_links),
    Rule("first microversion without images", lambda _: [_version("compute 2.36")], views.whole),
    Rule(
        "bad limit without images",
        lambda _: [_version("compute 2.36", images(("limit", "abc")))],
        views.whole,
    ),
    Rule("last microversion with metadata", lambda s: _metadata_of(s, "2.38"), views.status),
    Rule("first microversion without metadata", lambda s: _metadata_of(s, "2.39"), views.whole),
    Rule(
        "unsupported microversion",
        lambda _: [_version("compute 2.999"), _version("compute 1.1")],
        views.whole,
    ),
    Rule(
        "malformed microversion",
        lambda _: [_version("compute abc"), _version("compute 2"), _version("compute 2.01")],
        views.whole,
    ),
    Rule("latest microversion", lambda _: [_version("compute latest")], views.whole),
    Rule("microversion of another service", lambda _: [_version("volume 2.36")], views.status),
    Rule("several microversions", lambda _: [_version("compute 2.36, compute 2.2")], views.status),
    Rule(
        "old header of a microversion",
        lambda _: [_old_version("2.2"), _old_version("2.36")],
        views.pages_and_links,
    ),
    Rule(
        "microversions at /v2",
        lambda _: [_version("compute 2.39", "/v2/images?limit=1")],
        views.pages_and_links,
    ),
)
