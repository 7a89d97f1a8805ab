"""What a list is asked for: conditions on images, who asks, and which page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from operator import eq, ge, gt, le, lt, ne
from typing import Any, Final, NamedTuple, Protocol

from fake_nova.images.model import Caller, Image
from fake_nova.images.ordered_index import creation_position
from fake_nova.images.status import ImageStatus, MemberStatus, Visibility

IndexKey = tuple[str, ...]

#: Fields that equality finds without a scan; properties are found without one too, by key and value.
INDEXED_FIELDS = ("name", "status", "min_ram", "min_disk")


class Condition(Protocol):
    """Something that an image must fulfil to be in a list."""

    def matches(self, image: Image) -> bool:
        """Whether *image* fulfils it."""

    def index_keys(self) -> tuple[IndexKey, ...] | None:
        """The entries of the store's index that hold the images that fulfil it and no other, or None for no
        index."""


class FieldIsOneOf(NamedTuple):
    """An image's own field equals one of *values*; with no values nothing does."""

    field: str
    values: frozenset[object]

    def matches(self, image: Image) -> bool:
        """Whether the field has one of the values."""
        return getattr(image, self.field, None) in self.values

    def index_keys(self) -> tuple[IndexKey, ...] | None:
        """One entry a value where the field is indexed."""
        if self.field not in INDEXED_FIELDS:
            return () if not self.values else None
        return tuple(field_key(self.field, value) for value in self.values)


class PropertyEquals(NamedTuple):
    """An image has a property of this key and exactly this value."""

    key: str
    value: str

    def matches(self, image: Image) -> bool:
        """Whether the property has the value."""
        return image.properties.get(self.key) == self.value

    def index_keys(self) -> tuple[IndexKey, ...]:
        """The one entry of this key and value."""
        return (("property", self.key, self.value),)


Comparison = Callable[[Any, Any], bool]

#: Glance's words for comparisons of times and numbers -> the comparison.
COMPARISONS: Mapping[str, Comparison] = {"gt": gt, "gte": ge, "lt": lt, "lte": le, "eq": eq, "neq": ne}


class FieldCompares(NamedTuple):
    """An image's own field, if it has a value, compares as asked with a threshold."""

    field: str
    comparison: str
    threshold: datetime | int | float | str

    def matches(self, image: Image) -> bool:
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

    def sort_value(self, image: Image) -> tuple[bool, Any]:
        """Return what to sort *image* by; one without a value comes before all others."""
        value = getattr(image, self.field)
        return (False, 0) if value is None else (True, value)

    def comes_after(self, image: Image, marker: Image) -> bool | None:
        """Whether this field lets *image* be on the page behind *marker*; None where the next one decides.

        That is not quite the order of the list: here no value is the same as "", or as 0 (Glance 33.0.0).
        A marker without a size is where SQLite and MySQL differ; this is what MySQL makes of it, for over
        SQLite the pages of a list that is sorted by size begin again and again.
        """
        null_value = _NULL_SORTS_AS.get(self.field, "")
        value, marker_value = getattr(image, self.field), getattr(marker, self.field)
        value, marker_value = (
            null_value if value is None else value,
            null_value if marker_value is None else marker_value,
        )
        return None if value == marker_value else (value > marker_value) != self.descending


#: Field -> what no value there is the same as where a page is cut off; "" for all others.
_NULL_SORTS_AS: Final[Mapping[str, Any]] = {"size": 0}


class ImageQuery(NamedTuple):
    """One page of the images that one caller may list.

    Attributes:
        caller: whose list it is.
        conditions: all must hold.
        visibility: only images so visible; None for Glance's default, which leaves out the community images
            of others; "all" for every visibility.
        member_status: which answers make a shared image part of the list; "all" for any.
        os_hidden: list the hidden images instead of the others.
        excluded_statuses: statuses that are never listed.
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
    os_hidden: bool = False
    excluded_statuses: frozenset[ImageStatus] = frozenset()
    marker: str | None = None
    limit: int | None = None
    ascending: bool = False
    order: tuple[SortKey, ...] = ()

    def matches(self, image: Image) -> bool:
        """Whether *image* is in this list, page aside."""
        return (
            image.status not in self.excluded_statuses
            and self.is_listable(image)
            and all(condition.matches(image) for condition in self.conditions)
        )

    def is_after(self, image: Image, marker: Image) -> bool:
        """Whether *image*, which is in this list, is on the pages after *marker*."""
        if not self.order:
            here, start = creation_position(image), creation_position(marker)
            return here > start if self.ascending else here < start
        decisions = (key.comes_after(image, marker) for key in self.order)
        return next((decision for decision in decisions if decision is not None), False)

    def is_listable(self, image: Image) -> bool:
        """Whether the caller's lists may have *image*, status and conditions aside."""
        return image.os_hidden == self.os_hidden and self.matches_visibility(image)

    def matches_visibility(self, image: Image) -> bool:
        """Whether the caller may list *image*, and asked for its visibility."""
        caller, visibility = self.caller, image.visibility
        is_owner = image.owner is not None and image.owner == caller.project_id
        if self.visibility is None:
            if visibility is Visibility.COMMUNITY and not is_owner:
                return False
        elif self.visibility not in ("all", visibility):
            return False
        return (
            caller.is_admin
            or is_owner
            or visibility in (Visibility.PUBLIC, Visibility.COMMUNITY)
            or (
                visibility is Visibility.SHARED
                and any(
                    member.project_id == caller.project_id and self.member_status in ("all", member.status)
                    for member in image.members
                )
            )
        )

    def visibility_keys(self) -> tuple[tuple[IndexKey, ...], bool]:
        """Return the entries of the store's index that hold every image the caller may list, no image in two;
        and whether they hold no other."""
        if self.os_hidden:
            return (("hidden",),), False
        if self.caller.is_admin or self.visibility is not None or self.member_status != MemberStatus.ACCEPTED:
            return (("all",),), False
        project = self.caller.project_id
        if project is None:
            return (("public",),), True
        return (("public",), ("owner", project), ("member", project)), True

    @property
    def updated_since(self) -> datetime | None:
        """The greatest time at or after which all images of the list were last updated, or None."""
        thresholds = [
            condition.threshold
            for condition in self.conditions
            if isinstance(condition, FieldCompares)
            and condition.field == "updated_at"
            and condition.comparison in ("gt", "gte")
            and isinstance(condition.threshold, datetime)
        ]
        return max(thresholds, default=None)


def field_key(name: str, value: object) -> IndexKey:
    """The index entry of the images whose field *name* has *value*; None and "" are different ones."""
    return (name,) if value is None else (name, str(value))


#: The one entry whose images are in the order of their last update.
BY_UPDATE_TIME: IndexKey = ("updated",)


def index_keys(image: Image) -> list[IndexKey]:
    """Every entry of the store's index that *image* belongs in, none twice; none for a deleted one."""
    if image.is_deleted:
        return []
    keys: list[IndexKey] = [field_key(name, getattr(image, name)) for name in INDEXED_FIELDS]
    keys.extend([("property", key, value) for key, value in image.properties.items()])
    keys.append(BY_UPDATE_TIME)
    if image.os_hidden:
        keys.append(("hidden",))
        return keys
    keys.append(("all",))
    if image.visibility is Visibility.PUBLIC:
        keys.append(("public",))
        return keys
    if image.owner is not None:
        keys.append(("owner", image.owner))
    if image.visibility is Visibility.SHARED:
        accepted_projects = {
            member.project_id for member in image.members if member.status is MemberStatus.ACCEPTED
        }
        keys.extend(("member", project_id) for project_id in accepted_projects - {image.owner})
    return keys
