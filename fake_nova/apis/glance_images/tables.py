"""The rules of the Image API as tables (Glance 33.0.0, measured)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from fake_nova.images.glance_filters import FILTER_PARSERS, RANGE_FIELDS
from fake_nova.images.model import Caller, Image, is_visible
from fake_nova.images.status import ImageStatus, Visibility
from fake_nova.wire.cors import CorsDefaults

#: The number of images in a page without ``limit``, and the maximum number of images in any page.
DEFAULT_LIMIT: Final = 25
MAX_LIMIT: Final = 1000

#: The query parameters of a list. Any other one asks for a property of that name.
LIST_PARAMETERS: Final = (
    *("limit", "marker", "tag"),
    *FILTER_PARSERS,
    *(f"{field}_{suffix}" for field in RANGE_FIELDS for suffix in ("min", "max")),
)

#: Minor versions in Glance's order. All behave alike.
API_VERSIONS: Final = (
    *("2.15", "2.13", "2.12", "2.11", "2.10", "2.9", "2.8", "2.17"),
    *("2.7", "2.6", "2.5", "2.4", "2.3", "2.2", "2.1", "2.0"),
)
CURRENT_VERSION: Final = "2.17"

#: First segments of a path that name a version. Glance responds to any other path with the list of versions.
VERSION_PREFIXES: Final = frozenset(("v2", *(f"v{version}" for version in API_VERSIONS)))

#: Glance's defaults for CORS (glance.common.config in Glance 33.0.0).
CORS_DEFAULTS: Final = CorsDefaults(
    allow_headers=(
        "Content-MD5",
        "X-Image-Meta-Checksum",
        "X-Storage-Token",
        "Accept-Encoding",
        "X-Auth-Token",
        "X-Identity-Status",
        "X-Roles",
        "X-Service-Catalog",
        "X-User-Id",
        "X-Tenant-Id",
        "X-OpenStack-Request-ID",
    ),
    expose_headers=(
        "X-Image-Meta-Checksum",
        "X-Auth-Token",
        "X-Subject-Token",
        "X-Service-Token",
        "X-OpenStack-Request-ID",
    ),
)

#: The name of the only store.
STORE: Final = "files"

#: Methods in the order of an Allow header.
ALLOW_HEADER_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")

#: Operations whose paths respond to other methods as unknown paths do, instead of with a 405.
OPERATIONS_WITHOUT_405: Final = frozenset(("glance.images.tasks", "glance.info.usage"))


def _is_owner(image: Image, caller: Caller) -> bool:
    return image.owner is not None and image.owner == caller.project_id


def _can_see(image: Image, caller: Caller) -> bool:
    return bool(caller.roles) and is_visible(image, caller)


def _can_write(image: Image, caller: Caller) -> bool:
    return caller.is_admin or ("member" in caller.roles and _is_owner(image, caller))


def _sees_members(image: Image, caller: Caller) -> bool:
    is_concerned = bool(caller.roles) and (_is_owner(image, caller) or caller.is_member_of(image))
    return caller.is_admin or is_concerned


#: Policy -> whether it allows a caller its action on an image (the defaults of Glance 33.0.0).
POLICIES: Final[Mapping[str, Callable[[Image, Caller], bool]]] = {
    "get_image": _can_see,
    "modify_image": _can_write,
    "delete_image": _can_write,
    "upload_image": _can_write,
    "deactivate": _can_write,
    "reactivate": _can_write,
    "communitize_image": _can_write,
    "publicize_image": lambda _, caller: caller.is_admin,
    "download_image": lambda image, caller: caller.may_write and _can_see(image, caller),
    "set_image_location": _can_write,
    "delete_image_location": lambda _, caller: caller.is_admin,
    "add_member": _can_write,
    "delete_member": _can_write,
    "get_member": _sees_members,
    "get_members": _sees_members,
    "modify_member": lambda image, caller: (
        caller.is_admin or ("member" in caller.roles and caller.is_member_of(image))
    ),
}

#: Attributes of an image in the order of its JSON. Properties come before them, links after them.
ATTRIBUTES: Final = (
    *("name", "disk_format", "container_format", "visibility", "size", "virtual_size", "status", "checksum"),
    *("protected", "min_ram", "min_disk", "owner", "os_hidden", "os_hash_algo", "os_hash_value", "id"),
)

#: Visibility -> the policy that a change to it needs.
VISIBILITY_POLICIES: Final[Mapping[str, str]] = {
    Visibility.PUBLIC: "publicize_image",
    Visibility.COMMUNITY: "communitize_image",
}

#: Media type of a patch -> its draft of JSON patch.
PATCH_DRAFTS: Final[Mapping[str, int]] = {
    "application/openstack-images-v2.0-json-patch": 4,
    "application/openstack-images-v2.1-json-patch": 10,
}

#: Attributes that the body of a new image must not have.
DISALLOWED_ATTRIBUTES: Final = ("direct_url", "self", "file", "schema", "stores")

#: Attributes that only the service sets. Glance rejects hashes in a patch, and ignores them in a new image.
HASH_ATTRIBUTES: Final = ("os_hash_algo", "os_hash_value")
READ_ONLY_ATTRIBUTES: Final = (
    *("created_at", "updated_at", "status", "checksum", "size", "virtual_size"),
    *("direct_url", "self", "file", "schema", *HASH_ATTRIBUTES),
)

#: Attributes that the body of a new image may have.
WRITABLE_ATTRIBUTES: Final = (
    *("id", "name", "owner", "visibility", "protected", "os_hidden", "min_ram", "min_disk"),
    *("disk_format", "container_format", "tags", "locations"),
)

#: Names, and a prefix of names, that Glance reserves. Properties must not have them.
RESERVED_NAMES: Final = ("location", "deleted", "deleted_at")
RESERVED_PREFIX: Final = "os_glance"

#: The maximum number of characters of a property's name.
MAX_PROPERTY_NAME_LENGTH: Final = 255

#: Status -> the statuses that an upload or import can change it to. The admin API can set any status.
TRANSITIONS: Final[Mapping[ImageStatus, tuple[ImageStatus, ...]]] = {
    **dict.fromkeys(ImageStatus, ()),
    ImageStatus.QUEUED: (ImageStatus.SAVING, ImageStatus.UPLOADING, ImageStatus.IMPORTING),
    ImageStatus.UPLOADING: (ImageStatus.IMPORTING,),
}

#: Status -> the attributes that an image needs before it can have the status.
REQUIRED_FORMATS: Final[Mapping[ImageStatus, tuple[str, ...]]] = {
    ImageStatus.SAVING: ("disk_format", "container_format")
}

#: Statuses with incomplete data. Images in them show no hashes.
STATUSES_WITHOUT_HASHES: Final = (ImageStatus.SAVING, ImageStatus.UPLOADING, ImageStatus.IMPORTING)

#: Properties that an import adds to an image.
IMPORT_PROPERTIES: Final[Mapping[str, str]] = {
    "os_glance_importing_to_stores": "",
    "os_glance_failed_import": "",
}
