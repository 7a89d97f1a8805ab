"""The model of an image: an immutable value. A change replaces it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final, NamedTuple

from fake_nova.images.database import MARIADB, Database
from fake_nova.images.status import ImageStatus, MemberStatus, Visibility

_NO_PROPERTIES: Mapping[str, str] = MappingProxyType({})

#: A module-level alias, read for each image of a request: looking up a member of an enum is much slower.
_DELETED_STATUS = ImageStatus.DELETED


class Member(NamedTuple):
    """A project that an image is shared with.

    Attributes:
        project_id: the project's id.
        status: whether the project has accepted the image.
        created_at: when the image was shared, aware, in UTC; None for the image's time of creation.
        updated_at: when the member last changed, aware, in UTC; None for *created_at*.
    """

    project_id: str
    status: MemberStatus = MemberStatus.PENDING
    created_at: datetime | None = None
    updated_at: datetime | None = None


_READING_ROLES: Final = frozenset(("admin", "manager", "member", "reader"))


class Caller(NamedTuple):
    """The sender of a request: a project, and the roles held in it.

    Attributes:
        project_id: the project's id; None if the token has no scope.
        roles: the names of the roles.
        database: the database that compares the project's id with stored ones.
        reads_all: whether Glance finds all images for the caller, who may do nothing with them: an admin with
            a token for the system or a domain.
    """

    project_id: str | None
    roles: frozenset[str]
    database: Database = MARIADB
    reads_all: bool = False

    @property
    def is_admin(self) -> bool:
        """Whether the caller may see and change all images."""
        return "admin" in self.roles

    @property
    def may_read(self) -> bool:
        """Whether the roles allow reads: ``reader``, or a role that implies it."""
        return not self.roles.isdisjoint(_READING_ROLES)

    @property
    def may_write(self) -> bool:
        """Whether the roles allow changes; ``reader`` alone does not."""
        return not self.roles.isdisjoint(("admin", "member"))

    def is_member_of(self, image: Image) -> bool:
        """Return whether *image* is shared with the caller's project; the database compares the ids."""
        return any(self.database.are_equal(member.project_id, self.project_id) for member in image.members)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Image:
    """One immutable version of an image, with Glance's names for the fields.

    A version equals only itself. So the result of a pure function of an image can be cached by version, and
    never becomes stale.

    Attributes:
        id: a UUID, usually in lower case; Glance stores the case in which a client sends it.
        name: up to 255 characters, or None.
        size: bytes; None until data is uploaded.
        min_ram: MB.
        min_disk: GB.
        created_at: aware, in UTC, as the database stores it; the API shows whole seconds.
        updated_at: as *created_at*.
        owner: the id of the project, or None.
        os_hidden: whether lists leave the image out by default; it is still shown by id.
        properties: key -> value; Nova calls them metadata.
        checksum: the MD5 of the data, in hexadecimal digits.
        os_hash_algo: the name of the algorithm of *os_hash_value*.
        os_hash_value: another hash of the data, in hexadecimal digits.
        virtual_size: bytes of the disk that the data describes.
        stores: the stores of the data, with commas, as Glance shows them; "" if it shows none; None for the
            emulator's own.
        removed_keys: keys of properties that were removed; MariaDB still holds their rows.
        member_rows: the keys of the members' ids in the order of their rows, removed members included; () if
            it is the order of *members*.
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
    stores: str | None = None
    removed_keys: tuple[str, ...] = ()
    member_rows: tuple[str, ...] = ()

    @property
    def is_deleted(self) -> bool:
        """Whether the image is deleted. Clients no longer see it; the admin API still shows it."""
        return self.status is _DELETED_STATUS

    def replace(self, **changes: object) -> Image:
        """Return a new version of this image with *changes* to its fields."""
        return dataclasses.replace(self, **changes)  # type: ignore[arg-type]  # the fields' own types


#: The length of the column of ids, in characters.
MAX_ID_CHARS: Final = 36


def has_unstorable_character(text: str) -> bool:
    """Return whether a text has a character that the image service refuses (Glance 33.0.0).

    It is a character beyond the Basic Multilingual Plane, or a lone surrogate.
    """
    return any(char > "\uffff" or "\ud800" <= char <= "\udfff" for char in text)


#: Everybody may see images of these visibilities.
_WORLD_READABLE = (Visibility.PUBLIC, Visibility.COMMUNITY)


def is_visible(image: Image, caller: Caller) -> bool:
    """Return whether *caller* may see *image* by its id; lists show fewer images (Glance 33.0.0)."""
    if image.visibility in _WORLD_READABLE or caller.is_admin or image.owner in (None, caller.project_id):
        return True
    return caller.reads_all or (image.visibility is Visibility.SHARED and caller.is_member_of(image))


def may_change(image: Image, caller: Caller) -> bool:
    """Return whether *caller* may change or delete *image*: an admin, or its owner with a writing role."""
    is_owner = image.owner is not None and image.owner == caller.project_id
    return caller.is_admin or (caller.may_write and is_owner)
