"""The JSON schemas that the image service publishes, and checks bodies with (Glance 33.0.0, measured)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fake_nova.apis.glance_images.errors import GlanceError
from fake_nova.images.status import MemberStatus, Visibility
from fake_nova.wire.json_schema import best_error

Schema = Mapping[str, Any]

UUID_PATTERN = "^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$"

DISK_FORMATS = ("ami", "ari", "aki", "vhd", "vhdx", "vmdk", "raw", "qcow2", "vdi", "iso", "ploop")
CONTAINER_FORMATS = ("ami", "ari", "aki", "bare", "ovf", "ova", "docker", "compressed")


def _text(description: str, **more: Any) -> dict[str, Any]:
    return {"type": "string", "description": description, **more}


def _shown(kind: str | list[str], description: str, **more: Any) -> dict[str, Any]:
    """Describe an attribute that only the service sets."""
    return {"type": kind, "readOnly": True, "description": description, **more}


_ID = _text("An identifier for the image", pattern=UUID_PATTERN)

_LOCATIONS: Schema = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {
            "url": {"type": "string", "maxLength": 255},
            "metadata": {"type": "object"},
            "validation_data": {
                "description": "Values to be used to populate the corresponding image properties. If the "
                "image status is not 'queued', values must exactly match those already contained in the "
                "image properties.",
                "type": "object",
                "writeOnly": True,
                "additionalProperties": False,
                "properties": {
                    "checksum": {"type": "string", "minLength": 32, "maxLength": 32},
                    "os_hash_algo": {"type": "string", "maxLength": 64},
                    "os_hash_value": {"type": "string", "maxLength": 128},
                },
                "required": ["os_hash_algo", "os_hash_value"],
            },
        },
        "required": ["url", "metadata"],
    },
    "description": "A set of URLs to access the image file kept in external store",
}

#: Attribute of an image -> what it may be.
PROPERTIES: Final[Mapping[str, Any]] = {
    "id": _ID,
    "name": {"type": ["null", "string"], "description": "Descriptive name for the image", "maxLength": 255},
    "status": _shown(
        "string",
        "Status of the image",
        enum=[
            "queued",
            "saving",
            "active",
            "killed",
            "deleted",
            "uploading",
            "importing",
            "pending_delete",
            "deactivated",
        ],
    ),
    "visibility": _text(
        "Scope of image accessibility",
        enum=[
            str(one)
            for one in (Visibility.COMMUNITY, Visibility.PUBLIC, Visibility.PRIVATE, Visibility.SHARED)
        ],
    ),
    "protected": {"type": "boolean", "description": "If true, image will not be deletable."},
    "os_hidden": {
        "type": "boolean",
        "description": "If true, image will not appear in default image list response.",
    },
    "checksum": _shown(["null", "string"], "md5 hash of image contents.", maxLength=32),
    "os_hash_algo": _shown(["null", "string"], "Algorithm to calculate the os_hash_value", maxLength=64),
    "os_hash_value": _shown(
        ["null", "string"],
        "Hexdigest of the image contents using the algorithm specified by the os_hash_algo",
        maxLength=128,
    ),
    "owner": {"type": ["null", "string"], "description": "Owner of the image", "maxLength": 255},
    "size": _shown(["null", "integer"], "Size of image file in bytes"),
    "virtual_size": _shown(["null", "integer"], "Virtual size of image in bytes"),
    "container_format": {
        "type": ["null", "string"],
        "description": "Format of the container",
        "enum": [None, *CONTAINER_FORMATS],
    },
    "disk_format": {
        "type": ["null", "string"],
        "description": "Format of the disk",
        "enum": [None, *DISK_FORMATS],
    },
    "created_at": _shown("string", "Date and time of image registration"),
    "updated_at": _shown("string", "Date and time of the last image modification"),
    "tags": {
        "type": "array",
        "description": "List of strings related to the image",
        "items": {"type": "string", "maxLength": 255},
    },
    "direct_url": _shown("string", "URL to access the image file kept in external store"),
    "min_ram": {"type": "integer", "description": "Amount of ram (in MB) required to boot image."},
    "min_disk": {"type": "integer", "description": "Amount of disk space (in GB) required to boot image."},
    "self": _shown("string", "An image self url"),
    "file": _shown("string", "An image file url"),
    "stores": _shown(
        "string",
        "Store in which image data resides.  Only present when the operator has enabled multiple stores. "
        " May be a comma-separated list of store identifiers.",
    ),
    "schema": _shown("string", "An image schema url"),
    "locations": _LOCATIONS,
}

_DESCRIBED = {"rel": "describedby", "href": "{schema}"}

IMAGE: Final[Schema] = {
    "name": "image",
    "properties": dict(PROPERTIES),
    "additionalProperties": {"type": "string"},
    "links": [{"rel": "self", "href": "{self}"}, {"rel": "enclosure", "href": "{file}"}, _DESCRIBED],
}

_STRING = {"type": "string"}

IMAGES: Final[Schema] = {
    "name": "images",
    "properties": {
        "images": {"type": "array", "items": dict(IMAGE)},
        "first": _STRING,
        "next": _STRING,
        "schema": _STRING,
    },
    "links": [{"rel": "first", "href": "{first}"}, {"rel": "next", "href": "{next}"}, _DESCRIBED],
}

MEMBER: Final[Schema] = {
    "name": "member",
    "properties": {
        "member_id": _text("An identifier for the image member (tenantId)"),
        "image_id": _ID,
        "created_at": _text("Date and time of image member creation"),
        "updated_at": _text("Date and time of last modification of image member"),
        "status": _text("The status of this image member", enum=[str(status) for status in MemberStatus]),
        "schema": {"readOnly": True, "type": "string"},
    },
}

MEMBERS: Final[Schema] = {
    "name": "members",
    "properties": {"members": {"type": "array", "items": dict(MEMBER)}, "schema": _STRING},
    "links": [_DESCRIBED],
}

#: Name in the URL -> schema.
SCHEMAS: Final[Mapping[str, Schema]] = {
    "image": IMAGE,
    "images": IMAGES,
    "member": MEMBER,
    "members": MEMBERS,
}


def check_image(values: Mapping[str, Any]) -> None:
    """Check attributes of an image against its schema.

    Raises:
        GlanceError: 400 with what is wrong, as the jsonschema library prints it.
    """
    try:
        said = str(best_error(values, IMAGE) or "")
    except RecursionError as error:
        raise GlanceError(400, "Malformed JSON in request body.") from error
    if said:
        raise GlanceError(400, f"Provided object does not match schema 'image': {said}")
