"""What rules compare of answers, so that one rule finds a difference, not each question that meets it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import groupby, pairwise
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from fake_nova.verification.questions import Answer, Order, Pages, View, images_of, next_link

_VERSION: Final = re.compile(r"v?(\d+)\.(\d+)")


def _ids(pages: Pages) -> list[str]:
    return [str(image["id"]) for page in pages for image in images_of(page.body)]


def whole(pages: Pages, order: Order) -> Any:  # noqa: ARG001  # the signature of views
    """Compare the whole body."""
    return [page.body for page in pages]


def status(pages: Pages, order: Order) -> Any:  # noqa: ARG001  # the signature of views
    """Compare nothing but the status; other rules have the rest."""
    return len(pages)


def refusal(pages: Pages, order: Order) -> Any:  # noqa: ARG001  # the signature of views
    """Compare whether a request is refused or fails; a service that fails refuses too."""
    return "refused" if pages[0].status >= 400 else "carried out"


def content(pages: Pages, order: Order) -> Any:
    """Compare which images a list holds, whatever their order; without those that one side never lists."""
    return sorted(set(_ids(pages)) - order.unshared_ids)


def whole_content(pages: Pages, order: Order) -> Any:  # noqa: ARG001  # the signature of views
    """Compare which images a list holds, whatever their order."""
    return sorted(_ids(pages))


def sorted_values(*keys: str) -> View:
    """Return a view of the values that a list is sorted by, whatever the order of those that are equal."""

    def view(pages: Pages, order: Order) -> Any:
        images = [image for page in pages for image in images_of(page.body)]
        return [[image.get(key) for key in keys] for image in images if image["id"] not in order.unshared_ids]

    return view


def ties_by(key: str) -> View:
    """Return a view of the order of images that have the same value under a key."""

    def view(pages: Pages, order: Order) -> Any:
        images = [image for page in pages for image in images_of(page.body)]
        values = {image["id"]: image.get(key) for image in images if image["id"] not in order.unshared_ids}
        return _groups(list(values), values)

    return view


def _groups(ids: list[str], values: Mapping[str, Any]) -> list[list[str]]:
    """Return the ids that follow each other with the same value; groups of two and more."""
    groups = [list(group) for _, group in groupby(ids, key=values.get)]
    return sorted((group for group in groups if len(group) > 1), key=min)


def ranks(pages: Pages, order: Order) -> Any:
    """Compare the pages of a list by the places of their images in the side's own list."""
    return [[order.rank(image_id) for image_id in _ids([page])] for page in pages]


def walk(pages: Pages, order: Order) -> Any:
    """Compare whether pages add up to the side's own list, in its order."""
    places = [order.rank(image_id) for image_id in _ids(pages)]
    return "the whole list" if places == list(range(len(order.ids))) else places


def pages_and_links(pages: Pages, order: Order) -> Any:
    """Compare how many images each page has, and whether there is a link to the next one."""
    return [(_amount(len(_ids([page])), order), next_link(page.body) is not None) for page in pages]


def _amount(number: int, order: Order) -> int | str:
    """Return a number of images, as the number that the side's own list lacks if it is nearly all of it."""
    missing = len(order.ids) - number
    return f"all but {missing}" if number > missing else number


def link_parameters(pages: Pages, order: Order) -> Any:
    """Compare the parameters that the link to the next page has, in their order."""
    links = [next_link(page.body) or "" for page in pages]
    names_and_values = [parse_qsl(urlsplit(link).query, keep_blank_values=True) for link in links]
    return [[(name, order.rank(value)) for name, value in pairs] for pairs in names_and_values]


def direction(pages: Pages, order: Order) -> Any:
    """Compare whether a list begins with the newest or with the oldest image."""
    times = [order.creation_times.get(image_id, "") for image_id in _ids(pages)]
    if all(earlier >= later for earlier, later in pairwise(times)):
        return "newest first" if len(set(times)) > 1 else "one time"
    return "oldest first" if all(earlier <= later for earlier, later in pairwise(times)) else "unsorted"


def ties(pages: Pages, order: Order) -> Any:
    """Compare the order of images with equal times of creation, as in a list that begins with the newest."""
    ids = [image_id for image_id in _ids(pages) if image_id not in order.unshared_ids]
    if direction(pages, order) == "oldest first":
        ids.reverse()
    return _groups(ids, order.creation_times)


def versions(pages: Pages, order: Order) -> Any:  # noqa: ARG001  # the signature of views
    """Compare the number of the newest version in a document."""
    return [_newest(page.body) for page in pages]


def _newest(body: Any) -> Any:
    """Return the greatest number of a version in a document, as text."""
    if isinstance(body, dict):
        candidates = [_newest(value) for name, value in body.items() if name != "updated"]
    elif isinstance(body, list):
        candidates = [_newest(item) for item in body]
    else:
        match = _VERSION.fullmatch(str(body))
        return (int(match[1]), int(match[2])) if match else (0, 0)
    return max(candidates, default=(0, 0))


def document(pages: Pages, order: Order) -> Any:  # noqa: ARG001  # the signature of views
    """Compare a document of versions, without the numbers that grow with each release."""
    return [_without_numbers(page.body) for page in pages]


def identity_versions(pages: Pages, order: Order) -> Any:
    """Compare Keystone's list of versions, without the API v2.0, which has a rule of its own."""
    lists = [page.body["versions"]["values"] for page in pages if isinstance(page.body, dict)]
    entries = [entry for values in lists for entry in values if not entry["id"].startswith("v2.")]
    return document([Answer(0, {}, entries)], order)


def _without_numbers(body: Any) -> Any:
    if isinstance(body, dict):
        return {name: _without_numbers(value) for name, value in body.items() if name != "updated"}
    if isinstance(body, list):
        items = [_without_numbers(item) for item in body]
        return [item for index, item in enumerate(items) if item not in items[:index]]
    return _VERSION.sub("{version}", body) if isinstance(body, str) else body


#: The services that fake_nova has; a cloud's catalogue has others too.
_EMULATED_TYPES: Final = ("compute", "identity", "image")


def catalog(pages: Pages, order: Order) -> Any:  # noqa: ARG001  # the signature of views
    """Compare the services of the catalogue that are emulated, and the keys of their endpoints."""
    return [
        sorted(
            (service.get("type"), sorted(service), _endpoint_keys(service))
            for service in (page.body.get("catalog") or [])
            if service.get("type") in _EMULATED_TYPES
        )
        for page in pages
        if isinstance(page.body, dict)
    ]


def _endpoint_keys(service: Any) -> list[list[str]]:
    keys: list[list[str]] = []
    for endpoint in service.get("endpoints", ()):
        if sorted(endpoint) not in keys:
            keys.append(sorted(endpoint))
    return keys


def token(pages: Pages, order: Order) -> Any:  # noqa: ARG001  # the signature of views
    """Compare for whom a token is: user, project, domains, and the names of the roles."""
    tokens = [page.body.get("token", {}) for page in pages if isinstance(page.body, dict)]
    return [
        {
            "user": {key: each.get("user", {}).get(key) for key in ("id", "name", "domain")},
            "project": each.get("project"),
            "roles": sorted(role.get("name") for role in each.get("roles", ())),
        }
        for each in tokens
    ]
