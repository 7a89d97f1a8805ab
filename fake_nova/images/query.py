"""What a list is asked for: conditions on images, who asks, and which page."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from fake_nova.images.model import Caller, Image
from fake_nova.images.status import ImageStatus, MemberStatus, Visibility

IndexKey = tuple[str, ...]

#: Fields that equality finds without a scan; properties are found without one too, by key and value.
INDEXED = ("name", "status", "min_ram", "min_disk")


class Condition(Protocol):
    """Something that an image must fulfil to be in a list."""

    def holds(self, image: Image) -> bool:
        """Whether *image* fulfils it."""

    def index_keys(self) -> tuple[IndexKey, ...] | None:
        """The entries of the store's index that hold every image that fulfils it, or None for no index."""


@dataclass(frozen=True, slots=True)
class FieldIsOneOf:
    """An image's own field equals one of *values*; with no values nothing does."""

    field: str
    values: frozenset[object]

    def holds(self, image: Image) -> bool:
        """Whether the field has one of the values."""
        return getattr(image, self.field, None) in self.values

    def index_keys(self) -> tuple[IndexKey, ...] | None:
        """One entry a value where the field is indexed."""
        if self.field not in INDEXED:
            return () if not self.values else None
        return tuple(field_key(self.field, value) for value in self.values)


@dataclass(frozen=True, slots=True)
class PropertyIs:
    """An image has a property of this key and exactly this value."""

    key: str
    value: str

    def holds(self, image: Image) -> bool:
        """Whether the property has the value."""
        return image.properties.get(self.key) == self.value

    def index_keys(self) -> tuple[IndexKey, ...]:
        """The one entry of this key and value."""
        return (("property", self.key, self.value),)


#: Glance's words for comparisons of times and numbers -> the comparison.
COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "eq": operator.eq,
    "neq": operator.ne,
}


@dataclass(frozen=True, slots=True)
class FieldCompares:
    """An image's own field, if it has a value, compares as asked with a threshold."""

    field: str
    comparison: str
    threshold: datetime | int | float

    def holds(self, image: Image) -> bool:
        """Whether the field has a value that compares so."""
        value = getattr(image, self.field, None)
        return value is not None and COMPARISONS[self.comparison](value, self.threshold)

    def index_keys(self) -> None:
        """No index: the list's own order is walked."""
        return


class SortKey(NamedTuple):
    """A field that a list is sorted by, upwards or downwards."""

    field: str
    descending: bool

    def of(self, image: Image) -> tuple[bool, Any]:
        """Return what to compare *image* by; one without a value comes before all others."""
        value = getattr(image, self.field)
        return (False, 0) if value is None else (True, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageQuery:
    """One page of the images that one caller may list.

    Attributes:
        caller: whose list it is.
        conditions: all must hold.
        visibility: only images so visible; None for Glance's default, which leaves out the community images
            of others; "all" for every visibility.
        member_status: which answers make a shared image part of the list; "all" for any.
        hidden: list the hidden images instead of the others.
        without: statuses that are never listed.
        marker: the id of the image that the page starts behind.
        limit: the most images in the page; None for no limit.
        ascending: oldest first instead of newest first.
        order: other fields to sort by, the most important first and the id among them; () for the time of
            creation and id.
    """

    caller: Caller
    conditions: tuple[Condition, ...] = ()
    visibility: str | None = None
    member_status: str = MemberStatus.ACCEPTED
    hidden: bool = False
    without: frozenset[ImageStatus] = field(default_factory=frozenset)
    marker: str | None = None
    limit: int | None = None
    ascending: bool = False
    order: tuple[SortKey, ...] = ()

    def lists(self, image: Image) -> bool:
        """Whether *image* is in this list, page aside."""
        return (
            image.os_hidden == self.hidden
            and image.status not in self.without
            and self.audience_holds(image)
            and all(condition.holds(image) for condition in self.conditions)
        )

    def audience_holds(self, image: Image) -> bool:
        """Whether the caller may list *image*, and asked for its visibility."""
        caller, shown = self.caller, image.visibility
        own = image.owner is not None and image.owner == caller.project_id
        if self.visibility is None:
            if shown is Visibility.COMMUNITY and not own:
                return False
        elif self.visibility not in ("all", shown):
            return False
        return (
            caller.is_admin
            or own
            or shown in (Visibility.PUBLIC, Visibility.COMMUNITY)
            or (
                shown is Visibility.SHARED
                and any(
                    member.project_id == caller.project_id and self.member_status in ("all", member.status)
                    for member in image.members
                )
            )
        )

    def audience_keys(self) -> tuple[IndexKey, ...]:
        """The entries of the store's index that hold every image the caller may list; no image is in two."""
        if self.hidden:
            return (("hidden",),)
        if self.caller.is_admin or self.visibility is not None or self.member_status != MemberStatus.ACCEPTED:
            return (("all",),)
        project = self.caller.project_id
        if project is None:
            return (("public",),)
        return (("public",), ("owner", project), ("member", project))


def field_key(name: str, value: object) -> IndexKey:
    """The index entry of the images whose field *name* has *value*; None and "" are different ones."""
    return (name,) if value is None else (name, str(value))


def index_keys(image: Image) -> frozenset[IndexKey]:
    """Every entry of the store's index that *image* belongs in; none for a deleted one."""
    if image.is_deleted:
        return frozenset()
    keys: set[IndexKey] = {field_key(name, getattr(image, name)) for name in INDEXED}
    keys.update(("property", key, value) for key, value in image.properties.items())
    if image.os_hidden:
        keys.add(("hidden",))
        return frozenset(keys)
    keys.add(("all",))
    if image.visibility is Visibility.PUBLIC:
        keys.add(("public",))
        return frozenset(keys)
    if image.owner is not None:
        keys.add(("owner", image.owner))
    if image.visibility is Visibility.SHARED:
        keys.update(
            ("member", member.project_id)
            for member in image.members
            if member.status is MemberStatus.ACCEPTED and member.project_id != image.owner
        )
    return frozenset(keys)


@dataclass(frozen=True, slots=True)
class Page:
    """Some images of a list, in its order."""

    images: tuple[Image, ...]
