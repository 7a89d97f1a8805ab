"""Explain why an image is not in a list: find the first rule that excludes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from fake_nova.images.conditions import (
    Condition,
    FieldCompares,
    FieldIsOneOf,
    HasTag,
    PropertyEquals,
    TextIsOneOf,
    TextNumberCompares,
)
from fake_nova.images.model import Caller, Image
from fake_nova.images.query import ImageQuery
from fake_nova.images.spelling import text_pair
from fake_nova.images.status import Visibility
from fake_nova.images.store import ImageStore

#: The codes of the rules that exclude images. The last two exclude them only from the page.
ExclusionRule = Literal[
    "deleted",
    "never_listed",
    "hidden",
    "not_hidden",
    "visibility",
    "not_visible",
    "status",
    "condition",
    "before_marker",
    "page_limit",
]


class Exclusion(NamedTuple):
    """Why an image is not in a list, or not on its page.

    Attributes:
        rule: the first rule that excludes it.
        reason: the reason as a clause, such as "it is deleted".
    """

    rule: ExclusionRule
    reason: str


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
    if not condition.texts:
        return f"{actual}; the filter matches no {condition.field}"
    return f"{actual}; asked for {' or '.join(sorted(map(_format_value, set(condition.texts))))}"


def _explain_property(condition: PropertyEquals, image: Image) -> str:
    actual = image.properties.get(condition.key)
    state = "is not set" if actual is None else f"is {_format_value(actual)}"
    return f"property {condition.key} {state}; asked for {_format_value(condition.value)}"


def _explain_comparison(condition: FieldCompares | TextNumberCompares, image: Image) -> str:
    phrase = _COMPARISON_PHRASES[condition.comparison]
    actual = _format_value(getattr(image, condition.field, None))
    return f"{condition.field} is {actual}; asked for {phrase} {condition.threshold}"


def _explain_tag(condition: HasTag, _: Image) -> str:
    return f'it has no tag "{condition.tag}"'


def _format_value(value: object) -> str:
    if value is None:
        return "not set"
    return f'"{value}"' if isinstance(value, str) else str(value)


#: Type of condition -> the function that says why an image does not match.
EXPLAINERS: Mapping[type[Condition], Callable[[Any, Image], str]] = MappingProxyType(
    {
        FieldIsOneOf: _explain_field,
        TextIsOneOf: _explain_text,
        PropertyEquals: _explain_property,
        HasTag: _explain_tag,
        FieldCompares: _explain_comparison,
        TextNumberCompares: _explain_comparison,
    }
)


#: Visibility -> the phrase for its relation to the owner. The others are "… and owned by".
_OWNER_PHRASES: Mapping[str, str] = MappingProxyType(
    {Visibility.PRIVATE: "private to", Visibility.SHARED: "shared by"}
)


def describe_owner(image: Image, project_id: str | None) -> str:
    """Return the end of a sentence that begins with "The image is".

    Args:
        image: an image that the caller may not see.
        project_id: the project of the caller; None for a token without a project.

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
        images: the store in which the name is looked up.
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
    if query.visibility in (None, "all", image.visibility):
        return None
    return f'visibility is "{image.visibility}"; asked for "{query.visibility}"'


def _owner_reason(query: ImageQuery, image: Image) -> str | None:
    if query.matches_visibility(image):
        return None
    if image.visibility is Visibility.COMMUNITY:
        visible_by = "other projects see it only with visibility=community"
        owner = f"of project {image.owner}" if image.owner is not None else "without an owner"
        return f"it is a community image {owner}; {visible_by}"
    return f"it is {describe_owner(image, query.caller.project_id)}"


def _first_mismatch(query: ImageQuery, image: Image) -> Condition | None:
    return next((condition for condition in query.conditions if not condition.matches(image)), None)


def _condition_reason(query: ImageQuery, image: Image) -> str | None:
    condition = _first_mismatch(query, image)
    if condition is None:
        return None
    reason = EXPLAINERS[type(condition)](condition, image)
    pair = text_pair(condition, image)
    return reason if pair is None else f"{reason}; equal on MariaDB: differs in {pair.difference}"


def _status_reason(query: ImageQuery, image: Image) -> str | None:
    is_about_status = getattr(_first_mismatch(query, image), "field", "") == "status"
    return _condition_reason(query, image) if is_about_status else None


#: Rule -> the function that says why it excludes an image, or returns None if it does not. The rules are
#: checked in this order, and the first one counts.
_RULES: Mapping[ExclusionRule, Callable[[ImageQuery, Image], str | None]] = MappingProxyType(
    {
        "deleted": lambda _, image: "it is deleted" if image.is_deleted else None,
        "never_listed": lambda query, image: (
            f"lists never contain {image.status} images" if image.status in query.excluded_statuses else None
        ),
        "hidden": lambda query, image: (
            "it is hidden (os_hidden)" if image.os_hidden and not query.os_hidden else None
        ),
        "not_hidden": lambda query, image: (
            "it is not hidden; asked for hidden images" if query.os_hidden and not image.os_hidden else None
        ),
        "visibility": _visibility_reason,
        "not_visible": _owner_reason,
        "status": _status_reason,
        "condition": _condition_reason,
    }
)


def explain_exclusion(query: ImageQuery, image: Image) -> Exclusion | None:
    """Return the first rule that excludes *image* from a list. Paging is not checked.

    Args:
        query: the query of the list.
        image: the image that may be missing.

    Returns:
        The rule and the reason; None if the image is in the list.
    """
    for rule, reason_of in _RULES.items():
        reason = reason_of(query, image)
        if reason is not None:
            return Exclusion(rule, reason)
    return None


def explain_paging(query: ImageQuery, image: Image, marker: Image | None) -> Exclusion:
    """Return why *image*, which is in the list, is not on the page.

    Args:
        query: the query of the page.
        image: the image that is not on the page.
        marker: the image after which the page starts; None for the first page.

    Returns:
        The rule and the reason.
    """
    if marker is not None and not query.is_after(image, marker):
        return Exclusion("before_marker", f"it sorts before the marker {marker.id}, or is the marker")
    return Exclusion("page_limit", f"the page ends before it: limit {query.limit}")
