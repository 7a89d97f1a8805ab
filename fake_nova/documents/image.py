"""Schemas and serialization of images, for fixture files and the admin API.

Keys are Glance's own names. `fake_nova.documents.schema.load` checks a document and returns its values;
`build_image` then creates the image.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from operator import attrgetter, itemgetter
from typing import Any, Final

from fake_nova.documents.fields import (
    TEXTS_KEYWORDS,
    StrictField,
    StrictList,
    boolean_field,
    choice_field,
    enum_field,
    hex_field,
    integer_field,
    is_string_mapping,
    nested_field,
    nested_list_field,
    status_field,
    text_field,
    time_field,
    uuid_field,
)
from fake_nova.documents.schema import StrictSchema
from fake_nova.documents.vocabulary import suggest_glance_key
from fake_nova.images import timestamps
from fake_nova.images.model import Image, Member
from fake_nova.images.status import MemberStatus, Visibility


def tags_field(max_items: int | None = None) -> StrictList:
    """Return a field for an image's tags: different texts of up to 255 characters, at most *max_items*."""
    return StrictList(text_field(255), "texts of up to 255 characters", max_items=max_items, unique_by=str)


class MemberSchema(StrictSchema):
    """The schema of an entry of an image's ``members``."""

    # Glance over SQLite stores members of any length.
    member = StrictField(
        (str,),
        "text of 1 or more characters",
        len,
        required=True,
        attribute="project_id",
        keywords={"minLength": 1},
    )
    status = enum_field(MemberStatus)
    created_at = time_field()
    updated_at = time_field()


class ImageSchema(StrictSchema):
    """The schema of an image, in Glance's terms; every key is optional.

    It accepts whatever a client can store, so that each export loads again: ids in upper case, empty tags,
    an empty owner, and properties with names of any length.
    """

    def suggest_key(self, key: str) -> str:
        """Return the end of the error message for a key of Nova's, or for a misspelt one."""
        return suggest_glance_key(key) or super().suggest_key(key)

    id = uuid_field()
    name = text_field(255, null=True)
    status = status_field()
    size = integer_field(0, 2**63 - 1, null=True)
    min_ram = integer_field(0, 2**31 - 1)
    min_disk = integer_field(0, 2**31 - 1)
    created_at = time_field()
    updated_at = time_field()
    owner = text_field(255, null=True)
    visibility = enum_field(Visibility)
    protected = boolean_field()
    os_hidden = boolean_field()
    disk_format = choice_field(
        "ami", "ari", "aki", "vhd", "vhdx", "vmdk", "raw", "qcow2", "vdi", "iso", "ploop"
    )
    container_format = choice_field("ami", "ari", "aki", "bare", "ovf", "ova", "docker", "compressed")
    tags = tags_field()
    members = nested_list_field(
        MemberSchema, "mappings of member and status", unique_by=itemgetter("project_id")
    )
    properties = StrictField(
        (dict,),
        "a mapping of texts (put numbers and true or false in quotes)",
        is_string_mapping,
        keywords=TEXTS_KEYWORDS,
    )
    checksum = hex_field(32)
    os_hash_algo = choice_field("md5", "sha1", "sha256", "sha512")
    os_hash_value = hex_field(128)
    virtual_size = integer_field(0, 2**63 - 1, null=True)
    stores = text_field(10_000)
    removed_keys = StrictList(text_field(255), "texts of up to 255 characters", unique_by=str)
    member_rows = StrictList(StrictField((str,), "text", lambda _: True), "texts", unique_by=str)


class GenerateSchema(StrictSchema):
    """The schema of an entry of ``generate``: images to generate with Faker."""

    count = integer_field(1, 10**6, required=True)
    seed = integer_field(-(2**63), 2**63 - 1)
    template = nested_field(ImageSchema, exclude=("id",))


#: Keys about rows that the database still holds. They are missing in a document if nothing was removed.
ROW_KEYS: Final = ("removed_keys", "member_rows")


def image_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """Convert a loaded image document to fields of `Image`."""
    fields = dict(values)
    if "tags" in fields:
        fields["tags"] = tuple(fields["tags"])
    for name in ROW_KEYS:
        if name in fields:
            fields[name] = tuple(fields[name])
    if "members" in fields:
        fields["members"] = tuple(Member(**member) for member in fields["members"])
    return fields


def creation_and_update_time(values: Mapping[str, Any], now: datetime) -> dict[str, datetime]:
    """Return ``created_at`` and ``updated_at`` of an image or server.

    Args:
        values: its loaded document.
        now: the default of both times; the update time is never before the creation time by default.
    """
    created_at = values.get("created_at") or min(now, values.get("updated_at", now))
    return {"created_at": created_at, "updated_at": values.get("updated_at") or max(now, created_at)}


def build_image(values: Mapping[str, Any], *, image_id: str, owner: str | None, now: datetime) -> Image:
    """Create an image from a loaded document.

    Args:
        values: the loaded document.
        image_id: the id if the document has none.
        owner: the project id of the owner if the document has none.
        now: the creation and update time if the document has none.
    """
    fields = image_fields(values)
    return Image(**{"id": image_id, "owner": owner, **fields, **creation_and_update_time(fields, now)})


_NAMES: Final = tuple(field.name for field in dataclasses.fields(Image))
_values_of: Final = attrgetter(*_NAMES)


def serialize_image(image: Image) -> dict[str, Any]:
    """Return the document of *image*, from which the same image can be loaded; times are exact.

    Nearly always the store is the emulator's, and nothing was removed: ``stores`` and `ROW_KEYS` are missing.
    """
    document = {
        **dict(zip(_NAMES, _values_of(image), strict=True)),
        "status": str(image.status),
        "created_at": timestamps.isoformat_exact(image.created_at),
        "updated_at": timestamps.isoformat_exact(image.updated_at),
        "visibility": str(image.visibility),
        "tags": list(image.tags),
        "members": list(map(_serialize_member, image.members)),
        "properties": dict(image.properties),
        "removed_keys": list(image.removed_keys),
        "member_rows": list(image.member_rows),
    }
    if image.stores is None:
        del document["stores"]
    if not image.removed_keys:
        del document["removed_keys"]
    if len(image.member_rows) <= len(image.members):
        del document["member_rows"]
    return document


def _serialize_member(member: Member) -> dict[str, Any]:
    times = {"created_at": member.created_at, "updated_at": member.updated_at}
    texts = {name: timestamps.isoformat_exact(time) for name, time in times.items() if time is not None}
    return {"member": member.project_id, "status": str(member.status), **texts}
