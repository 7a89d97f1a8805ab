"""Explain why an image is not in a list: find the first rule that excludes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from fake_nova.images.conditions import (
    Condition,
    FieldCompares,
    FieldIsOneOf,
    PropertyEquals,
    TextIsOneOf,
    TextNumberCompares,
)
from fake_nova.images.model import Caller, Image
from fake_nova.images.query import ImageQuery
from fake_nova.images.status import Visibility
from fake_nova.images.store import ImageStore

#: Glance's name of a comparison -> the phrase for it.
_COMPARISON_PHRASES: Mapping[str, str] = MappingProxyType(
    {"gt": "above", "gte": "at least", "lt": "below", "lte": "at most", "eq": "equal to", "neq": "other than"}
)


def _explain_field(condition: FieldIsOneOf, image: Image) -> str:
    actual = f"{condition.field} is {_format_value(getattr(image, condition.field, None))}"
    if not condition.values:
        return f"{actual}; the filter matches no {condition.field}"
    return f"{actual}; asked for {' or '.join(sorted(map(_format_value, condition.values)))}"


def _explain_text(condition: TextIsOneOf, image: Image) -> str:
    actual = f"{condition.field} is {_format_value(getattr(image, condition.field))}"
    return f"{actual}; asked for {' or '.join(sorted(map(_format_value, set(condition.texts))))}"


def _explain_property(condition: PropertyEquals, image: Image) -> str:
    actual = image.properties.get(condition.key)
    state = "is not set" if actual is None else f"is {_format_value(actual)}"
    return f"property {condition.key} {state}; asked for {_format_value(condition.value)}"


def _explain_comparison(condition: FieldCompares | TextNumberCompares, image: Image) -> str:
    phrase = _COMPARISON_PHRASES[condition.comparison]
    actual = _format_value(getattr(image, condition.field, None))
    return f"{condition.field} is {actual}; asked for {phrase} {condition.threshold}"


def _format_value(value: object) -> str:
    return "not set" if value is None else f'"{value}"' if isinstance(value, str) else str(value)


#: Type of condition -> the function that says why an image does not match. Other types use their `str()`.
_EXPLAINERS: Mapping[type[Condition], Callable[[Any, Image], str]] = MappingProxyType(
    {
        FieldIsOneOf: _explain_field,
        TextIsOneOf: _explain_text,
        PropertyEquals: _explain_property,
        FieldCompares: _explain_comparison,
        TextNumberCompares: _explain_comparison,
    }
)


def _hidden_reason(query: ImageQuery, image: Image) -> str | None:
    if image.os_hidden == query.os_hidden:
        return None
    return "it is hidden (os_hidden)" if image.os_hidden else "it is not hidden; asked for hidden images"


#: Visibility -> the phrase for its relation to the owner. The others are "… and owned by".
_OWNER_PHRASES: Mapping[str, str] = MappingProxyType(
    {Visibility.PRIVATE: "private to", Visibility.SHARED: "shared by"}
)


def describe_owner(image: Image, project_id: str | None) -> str:
    """Return the end of a sentence that begins with "The image is".

    Args:
        image: the image.
        project_id: the project of the caller, or None.

    Returns:
        Text such as "private to project 9c53…; the caller's project is d9eb…".
    """
    if image.owner is None:
        return f"{image.visibility} and has no owner"
    phrase = _OWNER_PHRASES.get(image.visibility, f"{image.visibility} and owned by")
    return f"{phrase} project {image.owner}; the caller's project is {project_id}"


def explain_name(segment: str, caller: Caller, images: ImageStore, service: str) -> str | None:
    """Explain that a path has the name of an image in the place of its id.

    Args:
        segment: the segment of the path, as bytes in Latin-1.
        caller: the sender of the request; images that the caller may not see do not count.
        images: the images.
        service: the name of the service, for the text.

    Returns:
        A sentence; None if the segment is no name of an image.
    """
    name = segment.encode("latin-1").decode("utf-8", "replace")
    has_name = TextIsOneOf.of("name", (name,), caller.database)
    matches = images.find(ImageQuery(caller, conditions=(has_name,), visibility="all", limit=2))
    if not matches:
        return None
    owner = f"image {matches[0].id}" if len(matches) == 1 else "several images"
    return f"{name} is the name of {owner}; {service} shows images by id only."


def _visibility_reason(query: ImageQuery, image: Image) -> str | None:
    if query.is_listable(image):
        return None
    if query.visibility not in (None, "all", image.visibility):
        return f'visibility is "{image.visibility}"; asked for "{query.visibility}"'
    if image.visibility is Visibility.COMMUNITY:
        visible_by = "other projects see it only with visibility=community"
        owner = f"of project {image.owner}" if image.owner is not None else "without an owner"
        return f"it is a community image {owner}; {visible_by}"
    return f"it is {describe_owner(image, query.caller.project_id)}"


def _condition_reason(query: ImageQuery, image: Image) -> str | None:
    for condition in query.conditions:
        if not condition.matches(image):
            explain = _EXPLAINERS.get(type(condition))
            return explain(condition, image) if explain is not None else str(condition)
    return None


#: The rules that exclude images, in the order in which they are checked.
_RULES: tuple[Callable[[ImageQuery, Image], str | None], ...] = (
    lambda _, image: "it is deleted" if image.is_deleted else None,
    lambda query, image: (
        f"lists never contain {image.status} images" if image.status in query.excluded_statuses else None
    ),
    _hidden_reason,
    _visibility_reason,
    _condition_reason,
)


def exclusion_reason(query: ImageQuery, image: Image) -> str | None:
    """Return the first rule that excludes *image* from a list. Paging is not checked.

    Args:
        query: the query of the list.
        image: the image that may be missing.

    Returns:
        The reason as a clause, such as "it is deleted"; None if the image is in the list.
    """
    return next((reason for rule in _RULES if (reason := rule(query, image)) is not None), None)


def paging_reason(query: ImageQuery, image: Image, marker: Image | None) -> str:
    """Return why *image*, which is in the list, is not on the page.

    Args:
        query: the query of the page.
        image: the image that is not on the page.
        marker: the image after which the page starts; None for the first page.

    Returns:
        The reason as a clause.
    """
    if marker is not None and not query.is_after(image, marker):
        return f"it sorts before the marker {marker.id}, or is the marker"
    return f"the page ends before it: limit {query.limit}"
