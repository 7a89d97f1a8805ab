"""What rules about servers, flavors, key pairs and limits compare of answers."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

from fake_nova.verification.questions import Answer, Order, Pages, View, items_of, next_link


def _ids(page: Answer, key: str) -> list[str]:
    return [str(item.get("id", item.get("name"))) for item in items_of(page.body, key)]


def _shared_ids(page: Answer, key: str, order: Order) -> list[str]:
    """Return the ids of a page, without servers that the side's own list lacks, or only one side lists."""
    ids = _ids(page, key)
    if key != "servers":
        return ids
    return [each for each in ids if each in order.ids and each not in order.unshared_ids]


def content(key: str) -> View:
    """Return a view of the things that a list holds, whatever their order."""
    return lambda pages, order: sorted(each for page in pages for each in _shared_ids(page, key, order))


def whole_content(key: str) -> View:
    """Return a view of the things that a list holds, also those that only one side has."""
    return lambda pages, _: sorted(each for page in pages for each in _ids(page, key))


def sequence(key: str) -> View:
    """Return a view of the pages of a list, with the order of their things."""
    return lambda pages, order: [_shared_ids(page, key, order) for page in pages]


def sizes(key: str) -> View:
    """Return a view of the number of things on each page, and of whether there is a next one."""
    return lambda pages, _: [(len(_ids(page, key)), next_link(page.body) is not None) for page in pages]


def link_parameters(pages: Pages, order: Order) -> Any:  # noqa: ARG001  # the signature of views
    """Compare the parameters that the link to the next page has, in their order."""
    return [parse_qsl(urlsplit(next_link(page.body) or "").query, keep_blank_values=True) for page in pages]


def _limits(page: Answer) -> dict[str, Any]:
    return dict(page.body["limits"]["absolute"])


def maxima(pages: Pages, order: Order) -> Any:  # noqa: ARG001  # the signature of views
    """Compare the limits themselves."""
    return [{name: value for name, value in _limits(page).items() if name[:3] == "max"} for page in pages]


def usage(pages: Pages, order: Order) -> Any:  # noqa: ARG001  # the signature of views
    """Compare how much of the limits is in use."""
    return [{name: value for name, value in _limits(page).items() if name[:5] == "total"} for page in pages]


def names_of_limits(pages: Pages, order: Order) -> Any:  # noqa: ARG001  # the signature of views
    """Compare which limits there are."""
    return [sorted(_limits(page)) for page in pages]


def names_of_quotas(pages: Pages, order: Order) -> Any:  # noqa: ARG001  # the signature of views
    """Compare which quotas there are."""
    return [sorted(page.body["quota_set"]) for page in pages]


def aliases(pages: Pages, order: Order) -> Any:  # noqa: ARG001  # the signature of views
    """Compare the aliases of extensions."""
    return [[each["alias"] for each in page.body["extensions"]] for page in pages]


def names_of_keys(pages: Pages, order: Order) -> Any:  # noqa: ARG001  # the signature of views
    """Compare the keys of a document whose values no fixture holds, such as availability zones."""
    return [sorted(page.body) for page in pages]
