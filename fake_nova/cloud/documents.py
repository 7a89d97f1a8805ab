"""The documents that describe a cloud: one schema for fixture files and for the admin API.

A document is read in two steps: `fake_nova.cloud.fields.load` gives its values in the types of the domain,
or says everything that is wrong with it, each with its place; then images are made of them. Keys are Glance's
own names.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fake_nova.cloud.fields import (
    Document,
    Entries,
    Exactly,
    are_texts,
    choice,
    comes_once,
    flag,
    hexadecimal,
    is_uuid,
    list_of,
    mapping,
    number,
    status_field,
    text_field,
    time_field,
    word,
    words,
)
from fake_nova.images import timestamps
from fake_nova.images.model import Image, Member
from fake_nova.images.status import MemberStatus, Visibility


def _is_properties(value: Mapping[Any, Any]) -> bool:
    return are_texts(value, 1, 255)


def tags_field(most: int | None = None) -> Entries:
    """Return the field of an image's tags."""
    return words(text_field(255, 1), "texts of up to 255 characters", once=True, most=most)


def _members() -> Entries:
    field = list_of(MemberDocument, "mappings of member and status")
    field.validators.append(lambda members: comes_once([one["member"] for one in members]))
    return field


class ProjectDocument(Document):
    """One of ``projects``."""

    id = text_field(64, 1, required=True)
    name = text_field(64, 1, required=True)


class UserDocument(Document):
    """One of ``users``."""

    name = text_field(255, 1, required=True)
    password = Exactly(
        (str,), "text of 1 to 255 characters", lambda text: 1 <= len(text) <= 255, required=True, secret=True
    )
    project = text_field(64, 1, required=True)
    roles = words(
        Exactly((str,), "admin, member, reader", lambda role: role in ("admin", "member", "reader")),
        "admin, member, reader",
    )


class MemberDocument(Document):
    """One of an image's ``members``."""

    member = text_field(255, 1, required=True)
    status = word(MemberStatus)
    created_at = time_field()
    updated_at = time_field()


class ImageDocument(Document):
    """An image in Glance's words; every key may be left out."""

    id = Exactly((str,), "a UUID in lower case, such as ee10f19c-503c-44af-af2f-73d5e42f7a17", is_uuid)
    name = Exactly(
        (str, type(None)),
        "text of up to 255 characters or null",
        lambda name: name is None or len(name) <= 255,
    )
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
    members = _members()
    properties = Exactly(
        (dict,), "a mapping of texts (put numbers and true or false in quotes)", _is_properties
    )
    checksum = hexadecimal(32)
    os_hash_algo = choice("md5", "sha1", "sha256", "sha512")
    os_hash_value = hexadecimal(128)
    virtual_size = number(0, 2**63 - 1, null=True)


class TemplateDocument(ImageDocument):
    """What stands in every made-up image; an id is each one's own."""

    class Meta:
        """marshmallow's way to leave a field out."""

        exclude = ("id",)


class GenerateDocument(Document):
    """One of ``generate``: images made up by Faker."""

    count = Exactly((int,), "a whole number from 1 to 1000000", lambda n: 1 <= n <= 10**6, required=True)
    seed = number(-(2**63), 2**63 - 1)
    template = mapping(TemplateDocument)


class CloudDocument(Document):
    """A fixture file."""

    projects = list_of(ProjectDocument, "mappings of id and name")
    users = list_of(UserDocument, "mappings of name, password, project and roles")
    images = list_of(ImageDocument, "images")
    generate = list_of(GenerateDocument, "mappings of count, seed and template")


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


def new_image(values: Mapping[str, Any], *, image_id: str, owner: str, now: datetime) -> Image:
    """Make an image of a loaded document; *image_id*, *owner* and *now* are for what it leaves out."""
    made = image_fields(values)
    created = made.get("created_at") or min(now, made.get("updated_at", now))
    updated = made.get("updated_at") or max(now, created)
    return Image(**{"id": image_id, "owner": owner, **made, "created_at": created, "updated_at": updated})


def image_document(image: Image) -> dict[str, Any]:
    """Write an image as the document that it can be loaded from again, to the microsecond."""
    return {
        "id": image.id,
        "name": image.name,
        "status": str(image.status),
        "size": image.size,
        "min_ram": image.min_ram,
        "min_disk": image.min_disk,
        "created_at": timestamps.exact(image.created_at),
        "updated_at": timestamps.exact(image.updated_at),
        "owner": image.owner,
        "visibility": str(image.visibility),
        "protected": image.protected,
        "os_hidden": image.os_hidden,
        "disk_format": image.disk_format,
        "container_format": image.container_format,
        "tags": list(image.tags),
        "members": list(map(_member_document, image.members)),
        "properties": dict(image.properties),
        "checksum": image.checksum,
        "os_hash_algo": image.os_hash_algo,
        "os_hash_value": image.os_hash_value,
        "virtual_size": image.virtual_size,
    }


def _member_document(member: Member) -> dict[str, Any]:
    times = {"created_at": member.created_at, "updated_at": member.updated_at}
    known = {name: timestamps.exact(moment) for name, moment in times.items() if moment is not None}
    return {"member": member.project_id, "status": str(member.status), **known}
