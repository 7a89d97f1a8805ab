"""The rules of Glance's API, but for its filters: lists, pages, sorting, one image, documents, errors."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from fake_nova.verification import views
from fake_nova.verification.compute_rules import UNKNOWN_ID
from fake_nova.verification.questions import Question, Rule, query
from fake_nova.verification.samples import Samples


def images(*pairs: tuple[str, str]) -> str:
    """Return the path of a list with parameters."""
    return query("/v2/images", *pairs)


def _pages(samples: Samples) -> Iterator[Question]:
    if samples.image_count > 3:
        yield Question(images(("limit", "1")), pages=3)


def _walk(samples: Samples) -> Iterator[Question]:
    if 3 < samples.image_count <= 1000:
        yield Question("/v2/images?limit={count/3}", pages=6)


def _end(samples: Samples) -> Iterator[Question]:
    if 1 < samples.image_count < 1000:
        for limit in ("{count}", "{count+1}"):
            yield Question(f"/v2/images?limit={limit}", pages=3)


def _markers(samples: Samples) -> Iterator[str]:
    if samples.image_count > 3:
        yield "/v2/images?limit=2&marker={rank:1}"
        yield "/v2/images?marker={rank:2}&limit=1"


def _upper_ids(samples: Samples) -> list[str]:
    return [image_id.upper() for image_id in samples.some_ids(10) if image_id.upper() != image_id][:1]


def _sorted(*sorts: str) -> list[str]:
    return [images(("sort", sort), ("limit", "100")) for sort in sorts]


def _sorted_by(*arguments: str | Samples) -> list[str]:
    return _sorted(*(each for each in arguments if isinstance(each, str)))


def sort_rules() -> Iterator[Rule]:
    """Yield a rule for each sort key. What is equal has an order of its own."""
    for key in ("name", "status", "size", "updated_at", "disk_format", "container_format", "id"):
        view = views.sorted_values(key)
        yield Rule(f"sort by {key}", partial(_sorted_by, f"{key}:asc", f"{key}:desc"), view)
    for key in ("min_ram", "min_disk"):
        yield Rule(f"sort by {key}", partial(_sorted_by, f"{key}:asc"), views.whole)


LIST_RULES: Final = (
    Rule("order of lists", lambda _: [images(("limit", "50"))], views.direction),
    Rule("order of ties", lambda _: [Question(images(("limit", "500")), pages=2)], views.ties),
    Rule(
        "which images are listed",
        lambda _: [Question(images(("limit", "1000")), pages=5)],
        views.whole_content,
    ),
    Rule("number of images in a page", lambda _: ["/v2/images"], views.pages_and_links),
    Rule("pages", _pages, views.ranks),
    Rule("all pages", _walk, views.walk),
    Rule("the last page", _end, views.pages_and_links),
    Rule("marker", _markers, views.ranks),
    Rule("unknown marker", lambda _: [images(("marker", m)) for m in (UNKNOWN_ID, "nope")], views.whole),
    Rule(
        "marker in capitals",
        lambda s: [images(("limit", "1"), ("marker", i)) for i in _upper_ids(s)],
        views.status,
    ),
    Rule("limit 0", lambda _: [images(("limit", "0"))], views.pages_and_links),
    Rule("limit above the maximum", lambda _: [images(("limit", "1001"))], views.pages_and_links),
    Rule(
        "invalid limit",
        lambda _: [images(("limit", limit)) for limit in ("-1", "abc", "", "1.5")],
        views.whole,
    ),
    Rule(
        "link to the next page",
        lambda _: [
            images(("limit", "1"), ("size_min", "0")),
            "/v2/images?marker={rank:0}&limit=1&sort=name:asc",
        ],
        views.link_parameters,
    ),
    *sort_rules(),
    Rule("order of equal names", lambda _: _sorted("name:asc", "name:desc"), views.ties_by("name")),
    Rule(
        "two sort keys",
        lambda _: _sorted("status:asc,created_at:desc"),
        views.sorted_values("status", "created_at"),
    ),
    Rule(
        "sort_key and sort_dir",
        lambda _: [images(("sort_key", "size"), ("sort_dir", "asc")), images(("sort_key", "size"))],
        views.sorted_values("size"),
    ),
    Rule("unknown sort key", lambda _: _sorted("nope", "NAME:asc", ""), views.whole),
    Rule("unknown direction", lambda _: [*_sorted("name:x"), images(("sort_dir", "x"))], views.whole),
    Rule("sort and sort_key", lambda _: [images(("sort", "name:asc"), ("sort_key", "size"))], views.whole),
)

IMAGE_RULES: Final = (
    Rule("one image", lambda s: [f"/v2/images/{i}" for i in s.ids_by_status().values()], views.status),
    Rule("unknown image", lambda _: [f"/v2/images/{i}" for i in (UNKNOWN_ID, "nope")], views.whole),
    Rule("id in capitals", lambda s: [f"/v2/images/{i}" for i in _upper_ids(s)], views.status),
    Rule(
        "members of an image of one's own",
        lambda s: [f"/v2/images/{i}/members" for i in s.own_ids(1, visibility="shared")],
        views.whole,
    ),
    Rule(
        "members of a public image",
        lambda s: [
            f"/v2/images/{i}/members"
            for i in s.values(lambda image: image["id"] if image.get("visibility") == "public" else None, 1)
        ],
        views.whole,
    ),
    Rule("members of an unknown image", lambda _: [f"/v2/images/{UNKNOWN_ID}/members"], views.whole),
    Rule("data of an unknown image", lambda _: [f"/v2/images/{UNKNOWN_ID}/file"], views.whole),
    Rule("no token", lambda _: [Question("/v2/images", caller="none")], views.whole),
    Rule("unknown token", lambda _: [Question("/v2/images", caller="gAAAAABunknown")], views.whole),
    Rule("no route", lambda _: ["/v2/nothing", "/v2/images/"], views.whole),
    Rule("list of versions", lambda _: [Question("/", caller="none"), "/versions"], views.document),
    Rule("newest version", lambda _: ["/versions"], views.versions),
    Rule("schema of a member", lambda _: ["/v2/schemas/member", "/v2/schemas/members"], views.whole),
    Rule("import methods", lambda _: ["/v2/info/import"], views.whole),
    Rule("query that is not UTF-8", lambda _: ["/v2/images?name=%ff"], views.whole),
)
