"""Image: one version of one image, never changed, only replaced."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from fake_nova.images.status import ImageStatus, MemberStatus, Visibility

_NO_PROPERTIES: Mapping[str, str] = MappingProxyType({})

#: Looked at for each image of a request; a member of an enumeration takes 50 ns to find, this 4 (measured).
_DELETED_STATUS = ImageStatus.DELETED


class Member(NamedTuple):
    """A project that an image is shared with; *created_at* None stands for the image's own time."""

    project_id: str
    status: MemberStatus
    created_at: datetime | None = None
    updated_at: datetime | None = None


class Caller(NamedTuple):
    """Who asks: a project (none for a token without scope) and the roles held in it."""

    project_id: str | None
    roles: frozenset[str]

    @property
    def is_admin(self) -> bool:
        """Whether the caller may see and change everybody's images."""
        return "admin" in self.roles

    @property
    def may_write(self) -> bool:
        """Whether the roles allow any change at all; ``reader`` alone does not."""
        return not self.roles.isdisjoint(("admin", "member"))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Image:
    """One immutable version of one image, with Glance's fields in Glance's words.

    Two versions are equal only if they are the same object, so a pure function of an image can be cached
    by it and nothing is ever invalidated.

    Attributes:
        id: a UUID in canonical lower-case form.
        name: up to 255 characters, or None.
        size: bytes, or None while nothing was uploaded.
        min_ram: MB.
        min_disk: GB.
        created_at: aware, in UTC, to the microsecond; what the API shows has whole seconds.
        owner: the project's id.
        os_hidden: left out of every list, but shown by id.
        properties: what Nova calls metadata.
        checksum: the MD5 of the data, in hexadecimal digits.
        os_hash_algo: the name of the algorithm of *os_hash_value*.
        os_hash_value: another hash of the data, in hexadecimal digits.
        virtual_size: bytes of the disk that the data stands for.
    """

    id: str
    name: str | None = None
    status: ImageStatus = ImageStatus.ACTIVE
    size: int | None = None
    min_ram: int = 0
    min_disk: int = 0
    created_at: datetime
    updated_at: datetime
    owner: str | None = None
    visibility: Visibility = Visibility.PUBLIC
    protected: bool = False
    os_hidden: bool = False
    disk_format: str | None = None
    container_format: str | None = None
    tags: tuple[str, ...] = ()
    members: tuple[Member, ...] = ()
    properties: Mapping[str, str] = field(default_factory=lambda: _NO_PROPERTIES)
    checksum: str | None = None
    os_hash_algo: str | None = None
    os_hash_value: str | None = None
    virtual_size: int | None = None

    @property
    def is_deleted(self) -> bool:
        """Whether the image is gone for every client; only the admin API still shows it."""
        return self.status is _DELETED_STATUS

    def replace(self, **changes: object) -> Image:
        """Return the next version of this image, with *changes* to its fields."""
        return dataclasses.replace(self, **changes)  # type: ignore[arg-type]  # the fields' own types


#: Who may see images so visible need not be looked at.
_WORLD_READABLE = (Visibility.PUBLIC, Visibility.COMMUNITY)


def is_visible(image: Image, caller: Caller) -> bool:
    """Whether *caller* may see *image* by its id; lists show fewer (Glance's rule, Glance 33.0.0)."""
    return (
        image.visibility in _WORLD_READABLE
        or caller.is_admin
        or image.owner is None
        or image.owner == caller.project_id
        or (
            image.visibility is Visibility.SHARED
            and any(member.project_id == caller.project_id for member in image.members)
        )
    )


def may_change(image: Image, caller: Caller) -> bool:
    """Whether *caller* may change or delete *image*: its owner with a writing role, or an admin."""
    return caller.is_admin or (
        caller.may_write and image.owner is not None and image.owner == caller.project_id
    )
