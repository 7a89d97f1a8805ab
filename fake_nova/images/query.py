"""The query of a list: its conditions, the caller, the order and the page."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, NamedTuple

from fake_nova.images.conditions import Condition, FieldCompares, IndexKey, property_index_key
from fake_nova.images.database import Database
from fake_nova.images.model import Caller, Image, is_visible
from fake_nova.images.ordered_index import creation_position
from fake_nova.images.status import ImageStatus, MemberStatus, Visibility

#: Fields of text whose order differs between databases. The others hold words and times, which sort alike.
_COLLATED_FIELDS: Final = ("name", "id")


class SortKey(NamedTuple):
    """A field that a list is sorted by.

    Attributes:
        field: the name of an attribute of `Image`.
        descending: whether to sort in descending order.
        database: the database that sorts.
    """

    field: str
    descending: bool
    database: Database

    def sort_value(self, image: Image) -> tuple[bool, Any]:
        """Return the value to sort *image* by; a missing value is the lowest."""
        value = getattr(image, self.field)
        return (False, 0) if value is None else (True, self._order_key(value))

    def _order_key(self, value: Any) -> Any:
        return self.database.order_key(value) if self.field in _COLLATED_FIELDS else value

    def comes_after(self, image: Image, marker: Image) -> bool | None:
        """Return whether this field puts *image* on the pages after *marker*.

        If the list is sorted by name, upwards, and the marker's name is "b", this is True for "c", False for
        "a", and None for another "b".

        This differs a little from the order of the list: a missing value equals "", or 0 for a size (Glance
        33.0.0). If the marker has no size, Glance asks for sizes above or below "". On SQLite no size is
        above "", and every size is below it. So a list sorted by size ends at such a marker if it goes
        upwards, and starts again if it goes downwards (measured).

        Returns:
            True or False; None if both values are equal, so that the next field decides.
        """
        value, start = getattr(image, self.field), getattr(marker, self.field)
        if self.field == "size":
            value = 0 if value is None else value
            start = self.database.null_size_in_marker if start is None else start
        else:
            value, start = self._order_key(value or ""), self._order_key(start or "")
        return None if value == start else (value > start) != self.descending


class IndexOrder(NamedTuple):
    """How to read the indexes that are sorted by time of creation and id, for a list in another order.

    Attributes:
        ascending: whether to read them upwards.
        remaining_keys: the fields by which the images have still to be sorted, most important first.
    """

    ascending: bool
    remaining_keys: tuple[SortKey, ...]


class VisibilityIndexes(NamedTuple):
    """Indexes that hold every image that a caller may list. No image is in two of them.

    Attributes:
        keys: the keys of the indexes.
        is_exact: whether they hold no other images.
    """

    keys: tuple[IndexKey, ...]
    is_exact: bool


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

    @property
    def sort_keys(self) -> tuple[SortKey, ...]:
        """The fields to sort by, most important first, with the time of creation and the id among them."""
        if self.order:
            return self.order
        keys = ("created_at", "id")
        return tuple(SortKey(key, not self.ascending, self.caller.database) for key in keys)

    @property
    def is_sorted_by_name(self) -> bool:
        """Whether the list is sorted by name, time of creation and id, all in the same direction."""
        fields = tuple(key.field for key in self.order)
        directions = {key.descending for key in self.order}
        return fields == ("name", "created_at", "id") and len(directions) == 1

    @property
    def index_order(self) -> IndexOrder:
        """How to read the indexes that are sorted by time of creation and id."""
        *first_keys, time_key, id_key = self.sort_keys
        is_natural = (time_key.field, id_key.field) == ("created_at", "id")
        if is_natural and time_key.descending == id_key.descending:
            return IndexOrder(not id_key.descending, tuple(first_keys))
        return IndexOrder(self.ascending, self.sort_keys)

    def is_after(self, image: Image, marker: Image) -> bool:
        """Return whether *image*, which is in this list, is on a page after *marker*."""
        if not self.order:
            database = self.caller.database
            here, start = creation_position(image, database), creation_position(marker, database)
            return here > start if self.ascending else here < start
        decisions = (key.comes_after(image, marker) for key in self.order)
        return next((decision for decision in decisions if decision is not None), False)

    def is_listable(self, image: Image) -> bool:
        """Return whether the list may contain *image*; status and conditions are not checked."""
        return image.os_hidden == self.os_hidden and self.matches_visibility(image)

    def matches_visibility(self, image: Image) -> bool:
        """Return whether the caller may list *image*, and requested its visibility."""
        caller, visibility = self.caller, image.visibility
        if self.visibility is None:
            if visibility is Visibility.COMMUNITY and not self._is_owned(image):
                return False
        elif self.visibility not in ("all", visibility):
            return False
        is_for_all = visibility in (Visibility.PUBLIC, Visibility.COMMUNITY)
        if caller.is_admin or is_for_all or self._is_owned(image):
            return True
        return visibility is Visibility.SHARED and any(
            self.member_status in ("all", member.status)
            and caller.database.are_equal(member.project_id, caller.project_id)
            for member in image.members
        )

    def _is_owned(self, image: Image) -> bool:
        return self.caller.database.are_equal(image.owner, self.caller.project_id)

    def visibility_indexes(self) -> VisibilityIndexes:
        """Return the indexes that hold every image that the caller may list."""
        if self.os_hidden:
            return VisibilityIndexes((("hidden",),), is_exact=False)
        if self.caller.is_admin or self.visibility is not None or self.member_status != MemberStatus.ACCEPTED:
            return VisibilityIndexes((("all",),), is_exact=False)
        if self.caller.project_id is None:
            return VisibilityIndexes((("public",),), is_exact=True)
        project_key = self.caller.database.equality_key(self.caller.project_id)
        keys = (("public",), ("owner", project_key), ("member", project_key))
        return VisibilityIndexes(keys, is_exact=True)

    def is_shown(self, image: Image) -> bool:
        """Return whether Glance shows an image that the database found.

        The database ignores the case of the owner's id, and Glance then compares again (Glance 33.0.0 over
        MariaDB, measured).
        """
        is_same_spelling = image.owner == self.caller.project_id
        return is_same_spelling or not self._is_owned(image) or is_visible(image, self.caller)

    @property
    def updated_since(self) -> datetime | None:
        """The latest of the conditions' lower limits for ``updated_at``; None without such a limit."""
        thresholds = []
        for condition in self.conditions:
            match condition:
                case FieldCompares("updated_at", "gt" | "gte", datetime() as threshold):
                    thresholds.append(threshold)
        return max(thresholds, default=None)


#: The keys of the two indexes that are sorted by the time of the last update. The first holds the images that
#: are not deleted, the second the deleted ones. For these, the last update is the deletion.
BY_UPDATE_TIME: IndexKey = ("updated",)
BY_DELETION: IndexKey = ("deleted",)

#: The key of the only index that is sorted by name.
BY_NAME: IndexKey = ("by name",)

#: The key of the index of images whose owner's id is not its own key, because it has capitals, say.
UNUSUAL_OWNERS: IndexKey = ("unusual owners",)


def image_index_keys(image: Image, database: Database) -> list[IndexKey]:
    """Return the keys of all indexes that *image* belongs in, without duplicates."""
    if image.is_deleted:
        return [BY_DELETION]
    equality_key = database.equality_key
    name_key: IndexKey = ("name",) if image.name is None else ("name", equality_key(image.name))
    keys = [name_key, ("status", image.status.value)]
    keys += [("min_ram", str(image.min_ram)), ("min_disk", str(image.min_disk))]
    keys += dict.fromkeys(property_index_key(key, value, database) for key, value in image.properties.items())
    keys += [BY_UPDATE_TIME, BY_NAME]
    if image.owner is not None and equality_key(image.owner) != image.owner:
        keys.append(UNUSUAL_OWNERS)
    if image.os_hidden:
        keys.append(("hidden",))
        return keys
    keys.append(("all",))
    if image.visibility is Visibility.PUBLIC:
        keys.append(("public",))
        return keys
    owner_key = None if image.owner is None else equality_key(image.owner)
    if owner_key is not None:
        keys.append(("owner", owner_key))
    if image.visibility is Visibility.SHARED:
        accepted_members = (member for member in image.members if member.status is MemberStatus.ACCEPTED)
        projects = {equality_key(member.project_id) for member in accepted_members} - {owner_key}
        keys.extend(("member", project_key) for project_key in projects)
    return keys
