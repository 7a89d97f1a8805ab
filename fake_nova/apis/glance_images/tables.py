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

#: Where Glance says that the store keeps its data. The emulator keeps it in memory.
STORE_FOLDER: Final = "/var/lib/glance/images"

#: Names of schemas in the URL that are not those of images and members.
TASK_SCHEMAS: Final = ("task", "tasks")
METADEF_SCHEMAS: Final = tuple(
    f"metadefs/{name}"
    for name in (
        *("namespace", "namespaces", "resource_type", "resource_types", "property", "properties"),
        *("object", "objects", "tag", "tags"),
    )
)

#: Methods in the order of an Allow header.
ALLOW_HEADER_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")

#: Operations whose paths respond to other methods as unknown paths do, instead of with a 405.
OPERATIONS_WITHOUT_405: Final = frozenset(
    ("glance.images.tasks", "glance.info.usage", "glance.locations.list")
)


def _is_owner(image: Image, caller: Caller) -> bool:
    return image.owner is not None and image.owner == caller.project_id


def _can_see(image: Image, caller: Caller) -> bool:
    return caller.may_read and is_visible(image, caller)


def _is_admin(_: Image, caller: Caller) -> bool:
    return caller.is_admin


def _can_write(image: Image, caller: Caller) -> bool:
    return caller.is_admin or ("member" in caller.roles and _is_owner(image, caller))


def _sees_members(image: Image, caller: Caller) -> bool:
    is_concerned = caller.may_read and (_is_owner(image, caller) or caller.is_member_of(image))
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
    "publicize_image": _is_admin,
    "download_image": lambda image, caller: caller.may_write and _can_see(image, caller),
    "set_image_location": _can_write,
    "delete_image_location": _is_admin,
    "get_image_location": lambda image, caller: (
        caller.is_admin or ("reader" in caller.roles and _is_owner(image, caller))
    ),
    "add_image_location": lambda image, caller: "service" in caller.roles or _can_write(image, caller),
    "fetch_image_location": lambda _, caller: caller.is_admin or "service" in caller.roles,
    "cache_image": _is_admin,
    "cache_delete": _is_admin,
    "add_member": _can_write,
    "delete_member": _can_write,
    "get_member": _sees_members,
    "get_members": _sees_members,
    "modify_member": lambda image, caller: (
        caller.is_admin or ("member" in caller.roles and caller.is_member_of(image))
    ),
}

#: Policy that concerns no single image -> the roles of which it needs one (the defaults of Glance 33.0.0).
CLOUD_POLICIES: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(
        (
            *("cache_clean", "cache_delete", "cache_list", "cache_prune", "list_cached_nodes"),
            *("add_metadef_namespace", "tasks_api_access"),
        ),
        frozenset(("admin",)),
    ),
    "stores_info_detail": frozenset(("admin", "service")),
    **dict.fromkeys(
        ("get_metadef_namespaces", "list_metadef_resource_types"), frozenset(("admin", "reader"))
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
