"""The query of a list: its conditions, the caller, the order and the page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from fake_nova.images.conditions import INDEXED_FIELDS, Condition, FieldCompares, IndexKey, field_key
from fake_nova.images.model import Caller, Image
from fake_nova.images.ordered_index import creation_position
from fake_nova.images.status import ImageStatus, MemberStatus, Visibility

#: Field -> the value that a missing value equals when it is compared with a marker; "" for all other fields.
_NULL_SORTS_AS: Final[Mapping[str, Any]] = {"size": 0}


class SortKey(NamedTuple):
    """A field that a list is sorted by.

    Attributes:
        field: the name of an attribute of `Image`.
        descending: whether to sort in descending order.
    """

    field: str
    descending: bool

    def sort_value(self, image: Image) -> tuple[bool, Any]:
        """Return the value to sort *image* by; a missing value is the lowest."""
        value = getattr(image, self.field)
        return (False, 0) if value is None else (True, value)

    def comes_after(self, image: Image, marker: Image) -> bool | None:
        """Return whether this field puts *image* on the pages after *marker*.

        This differs a little from the order of the list: a missing value equals "", or 0 for a size (Glance
        33.0.0). SQLite and MySQL differ if the marker has no size. The emulator does as MySQL does, because
        over SQLite the pages of a list sorted by size start over again and again.

        Returns:
            True or False; None if both values are equal, so that the next field decides.
        """
        null = _NULL_SORTS_AS.get(self.field, "")
        value, start = getattr(image, self.field), getattr(marker, self.field)
        value, start = null if value is None else value, null if start is None else start
        return None if value == start else (value > start) != self.descending


class ImageQuery(NamedTuple):
    """One page of the images that one caller may list.

    Attributes:
        caller: the sender of the request.
        conditions: conditions that must all hold.
        visibility: list only images of this visibility; "all" for any. None is Glance's default, which leaves
            out the community images of other projects.
        member_status: the member status that puts a shared image into the list; "all" for any.
        os_hidden: whether to list the hidden images instead of the others.
        excluded_statuses: statuses that are never listed.
        marker: the id of the image after which the page starts; None for the first page.
        limit: the maximum number of images on the page; None for no limit.
        ascending: whether to list the oldest image first instead of the newest.
        order: fields to sort by instead, most important first, with the id among them; () for time of
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
        """Return whether *image* is on any page of this list."""
        return (
            image.status not in self.excluded_statuses
            and self.is_listable(image)
            and all(condition.matches(image) for condition in self.conditions)
        )

    def is_after(self, image: Image, marker: Image) -> bool:
        """Return whether *image*, which is in this list, is on a page after *marker*."""
        if not self.order:
            here, start = creation_position(image), creation_position(marker)
            return here > start if self.ascending else here < start
        decisions = (key.comes_after(image, marker) for key in self.order)
        return next((decision for decision in decisions if decision is not None), False)

    def is_listable(self, image: Image) -> bool:
        """Return whether the list may contain *image*; status and conditions are not checked."""
        return image.os_hidden == self.os_hidden and self.matches_visibility(image)

    def matches_visibility(self, image: Image) -> bool:
        """Return whether the caller may list *image*, and requested its visibility."""
        caller, visibility = self.caller, image.visibility
        is_owner = image.owner is not None and image.owner == caller.project_id
        if self.visibility is None:
            if visibility is Visibility.COMMUNITY and not is_owner:
                return False
        elif self.visibility not in ("all", visibility):
            return False
        if caller.is_admin or is_owner or visibility in (Visibility.PUBLIC, Visibility.COMMUNITY):
            return True
        return visibility is Visibility.SHARED and any(
            member.project_id == caller.project_id and self.member_status in ("all", member.status)
            for member in image.members
        )

    def visibility_keys(self) -> tuple[tuple[IndexKey, ...], bool]:
        """Return the keys of indexes that hold every image the caller may list. No image is in two of them.

        Returns:
            The keys, and whether the indexes hold no other images.
        """
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
        """The latest of the conditions' lower limits for ``updated_at``; None without such a limit."""
        thresholds = []
        for condition in self.conditions:
            match condition:
                case FieldCompares("updated_at", "gt" | "gte", datetime() as threshold):
                    thresholds.append(threshold)
        return max(thresholds, default=None)


#: The keys of the only indexes that are sorted by the time of the last update: the index of the images that
#: are not deleted, and the one of those that are.
BY_UPDATE_TIME: IndexKey = ("updated",)
BY_DELETION: IndexKey = ("deleted",)


def image_index_keys(image: Image) -> list[IndexKey]:
    """Return the keys of all indexes that *image* belongs in, without duplicates."""
    if image.is_deleted:
        return [BY_DELETION]
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
        accepted_members = (member for member in image.members if member.status is MemberStatus.ACCEPTED)
        projects = {member.project_id for member in accepted_members} - {image.owner}
        keys.extend(("member", project_id) for project_id in projects)
    return keys
