"""Why an image is not in a list: the first rule that leaves it out, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from fake_nova.images.model import Image
from fake_nova.images.query import Condition, FieldCompares, FieldIsOneOf, ImageQuery, PropertyIs
from fake_nova.images.status import Visibility

#: Glance's word for a comparison -> how people say it.
_WORDS: Mapping[str, str] = MappingProxyType(
    {"gt": "above", "gte": "at least", "lt": "below", "lte": "at most", "eq": "equal to", "neq": "other than"}
)


def _one_of(condition: FieldIsOneOf, image: Image) -> str:
    wanted = " or ".join(sorted(map(_text, condition.values))) or "nothing that there is"
    return f"{condition.field} is {_text(getattr(image, condition.field, None))}; asked for {wanted}"


def _property(condition: PropertyIs, image: Image) -> str:
    there = image.properties.get(condition.key)
    has = "is not there" if there is None else f"is {_text(there)}"
    return f"property {condition.key} {has}; asked for {_text(condition.value)}"


def _compares(condition: FieldCompares, image: Image) -> str:
    word = _WORDS[condition.comparison]
    there = _text(getattr(image, condition.field, None))
    return f"{condition.field} is {there}; asked for {word} {condition.threshold}"


def _text(value: object) -> str:
    return "not set" if value is None else f'"{value}"' if isinstance(value, str) else str(value)


#: Kind of condition -> what to say of an image that does not fulfil it; another kind names itself.
_SAID: Mapping[type[Condition], Callable[[Any, Image], str]] = MappingProxyType(
    {FieldIsOneOf: _one_of, PropertyIs: _property, FieldCompares: _compares}
)


def _hidden(query: ImageQuery, image: Image) -> str | None:
    if image.os_hidden == query.hidden:
        return None
    return (
        "it is hidden (os_hidden)" if image.os_hidden else "it is not hidden, and hidden ones are asked for"
    )


def _audience(query: ImageQuery, image: Image) -> str | None:
    if query.is_for_caller(image):
        return None
    if query.visibility not in (None, "all", image.visibility):
        return f"visibility is {_text(str(image.visibility))}; asked for {_text(query.visibility)}"
    if image.visibility is Visibility.COMMUNITY:
        return f"it is a community image of project {image.owner}, which lists of others leave out"
    return f"it is {image.visibility}, of project {image.owner}; the caller is of {query.caller.project_id}"


def _condition(query: ImageQuery, image: Image) -> str | None:
    for condition in query.conditions:
        if not condition.holds(image):
            said = _SAID.get(type(condition))
            return said(condition, image) if said is not None else str(condition)
    return None


#: What leaves images out, in the order in which it is looked at.
_RULES: tuple[Callable[[ImageQuery, Image], str | None], ...] = (
    lambda _, image: "it is deleted" if image.is_deleted else None,
    lambda query, image: f"no list has {image.status} images" if image.status in query.without else None,
    _hidden,
    _audience,
    _condition,
)


def dropped(query: ImageQuery, image: Image) -> str | None:
    """Return the first rule that leaves *image* out of the list, page aside; None for one that is in it."""
    return next((said for rule in _RULES if (said := rule(query, image)) is not None), None)


def off_page(query: ImageQuery, image: Image, marker: Image | None) -> str:
    """Return why an image that is in the list is not on the page."""
    if marker is not None and not query.is_after(image, marker):
        return f"it is not behind the marker {marker.id}"
    return f"the page ends before it: limit {query.limit}"
