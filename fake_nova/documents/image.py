"""The documents that describe a cloud: one schema for fixture files and for the admin API.

A document is read in two steps: `fake_nova.documents.fields.load` gives its values in the types of the
domain, or says everything that is wrong with it, each with its place; then images are made of them. Keys are
Glance's own names.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from operator import attrgetter, itemgetter
from typing import Any, Final

from fake_nova.documents.fields import (
    Document,
    Entries,
    Exactly,
    are_texts,
    choice,
    flag,
    hexadecimal,
    list_of,
    mapping,
    number,
    status_field,
    text_field,
    time_field,
    uuid_field,
    word,
)
from fake_nova.images import timestamps
from fake_nova.images.model import Image, Member
from fake_nova.images.status import MemberStatus, Visibility


def _is_properties(value: Mapping[Any, Any]) -> bool:
    return are_texts(value, 1, 255)


def tags_field(most: int | None = None) -> Entries:
    """Return the field of an image's tags."""
    return Entries(text_field(255, 1), "texts of up to 255 characters", most=most, once=str)


class ProjectDocument(Document):
    """One of ``projects``."""

    id = text_field(64, 1, required=True)
    name = text_field(64, 1, required=True)


class UserDocument(Document):
    """One of ``users``."""

    name = text_field(255, 1, required=True)
    password = text_field(255, 1, required=True, secret=True)
    project = text_field(64, 1, required=True)
    roles = Entries(word(("admin", "member", "reader")), "admin, member, reader")


class MemberDocument(Document):
    """One of an image's ``members``."""

    member = text_field(255, 1, required=True)
    status = word(MemberStatus)
    created_at = time_field()
    updated_at = time_field()


class ImageDocument(Document):
    """An image in Glance's words; every key may be left out."""

    id = uuid_field()
    name = text_field(255, null=True)
    status = status_field()
    size = number(0, 2**63 - 1, null=True)
    min_ram = number(0, 2**31 - 1)
    min_disk = number(0, 2**31 - 1)
    created_at = time_field()
    updated_at = time_field()
    owner = text_field(255, 1)
    visibility = word(Visibility)
    protected = flag()
    os_hidden = flag()
    disk_format = choice("ami", "ari", "aki", "vhd", "vhdx", "vmdk", "raw", "qcow2", "vdi", "iso", "ploop")
    container_format = choice("ami", "ari", "aki", "bare", "ovf", "ova", "docker", "compressed")
    tags = tags_field()
    members = list_of(MemberDocument, "mappings of member and status", once=itemgetter("member"))
    properties = Exactly(
        (dict,), "a mapping of texts (put numbers and true or false in quotes)", _is_properties
    )
    checksum = hexadecimal(32)
    os_hash_algo = choice("md5", "sha1", "sha256", "sha512")
    os_hash_value = hexadecimal(128)
    virtual_size = number(0, 2**63 - 1, null=True)


class GenerateDocument(Document):
    """One of ``generate``: images made up by Faker."""

    count = number(1, 10**6, required=True)
    seed = number(-(2**63), 2**63 - 1)
    template = mapping(ImageDocument, exclude=("id",))


def made_members(documents: list[dict[str, Any]]) -> tuple[Member, ...]:
    """Make an image's members of their documents; one without a status has not answered yet."""
    return tuple(
        Member(
            document["member"],
            document.get("status", MemberStatus.PENDING),
            document.get("created_at"),
            document.get("updated_at"),
        )
        for document in documents
    )


def image_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """Turn a loaded image document into the fields of an `Image`."""
    made = dict(values)
    if "tags" in made:
        made["tags"] = tuple(made["tags"])
    if "members" in made:
        made["members"] = made_members(made["members"])
    return made


def made_times(values: Mapping[str, Any], now: datetime) -> tuple[datetime, datetime]:
    """Return when what a loaded document describes was created and last updated; *now* if it does not say."""
    created = values.get("created_at") or min(now, values.get("updated_at", now))
    return created, values.get("updated_at") or max(now, created)


def new_image(values: Mapping[str, Any], *, image_id: str, owner: str, now: datetime) -> Image:
    """Make an image of a loaded document; *image_id*, *owner* and *now* are for what it leaves out."""
    made = image_fields(values)
    created, updated = made_times(made, now)
    return Image(**{"id": image_id, "owner": owner, **made, "created_at": created, "updated_at": updated})


_NAMES: Final = tuple(field.name for field in dataclasses.fields(Image))
_values_of: Final = attrgetter(*_NAMES)


def image_document(image: Image) -> dict[str, Any]:
    """Write an image as the document that it can be loaded from again, to the microsecond."""
    return {
        **dict(zip(_NAMES, _values_of(image), strict=True)),
        "status": str(image.status),
        "created_at": timestamps.exact(image.created_at),
        "updated_at": timestamps.exact(image.updated_at),
        "visibility": str(image.visibility),
        "tags": list(image.tags),
        "members": list(map(_member_document, image.members)),
        "properties": dict(image.properties),
    }


def _member_document(member: Member) -> dict[str, Any]:
    times = {"created_at": member.created_at, "updated_at": member.updated_at}
    known = {name: timestamps.exact(moment) for name, moment in times.items() if moment is not None}
    return {"member": member.project_id, "status": str(member.status), **known}
