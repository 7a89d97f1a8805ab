"""The rules of the image service's API (Glance 33.0.0, measured)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from fake_nova.images.model import Caller, Image, is_visible
from fake_nova.images.status import MemberStatus, Visibility

#: Images in a page where no limit is asked for, and the most that a page ever has.
DEFAULT_LIMIT: Final = 25
MOST: Final = 1000

#: Minor versions in the order in which they are shown, all served alike.
VERSIONS: Final = (
    *("2.15", "2.13", "2.12", "2.11", "2.10", "2.9", "2.8", "2.17"),
    *("2.7", "2.6", "2.5", "2.4", "2.3", "2.2", "2.1", "2.0"),
)
CURRENT: Final = "2.17"

#: First parts of a path that lead to the service; any other is answered with the versions that there are.
PREFIXES: Final = frozenset(("v2", *(f"v{version}" for version in VERSIONS)))

#: The one store that data goes to, and the ways to bring some into it.
STORE: Final = "files"
IMPORT_METHODS: Final = ("glance-direct",)

#: What is said of a query or body that is not UTF-8.
NOT_DECODED: Final = (
    "Error decoding your request. Either the URL or the request body contained characters that could not be "
    "decoded by Glance"
)

#: Methods in the order in which an Allow header has them.
METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")


def _own(image: Image, caller: Caller) -> bool:
    return image.owner is not None and image.owner == caller.project_id


def _member_of(image: Image, caller: Caller) -> bool:
    return any(member.project_id == caller.project_id for member in image.members)


def _sees(image: Image, caller: Caller) -> bool:
    return bool(caller.roles) and is_visible(image, caller)


def _writes(image: Image, caller: Caller) -> bool:
    return caller.is_admin or ("member" in caller.roles and _own(image, caller))


#: Name of a policy -> who may do so to an image that he sees (Glance 33.0.0's defaults).
POLICIES: Mapping[str, Callable[[Image, Caller], bool]] = MappingProxyType(
    {
        "get_image": _sees,
        "modify_image": _writes,
        "delete_image": _writes,
        "upload_image": _writes,
        "deactivate": _writes,
        "reactivate": _writes,
        "communitize_image": _writes,
        "publicize_image": lambda _, caller: caller.is_admin,
        "download_image": lambda image, caller: caller.may_write and _sees(image, caller),
        "add_member": _writes,
        "delete_member": _writes,
        "get_member": lambda image, caller: (
            caller.is_admin or (bool(caller.roles) and (_own(image, caller) or _member_of(image, caller)))
        ),
        "get_members": lambda image, caller: (
            caller.is_admin or (bool(caller.roles) and (_own(image, caller) or _member_of(image, caller)))
        ),
        "modify_member": lambda image, caller: (
            caller.is_admin or ("member" in caller.roles and _member_of(image, caller))
        ),
    }
)

#: Attributes of an image in the order of its document, the properties before them and links behind.
ATTRIBUTES: Final = (
    "name",
    "disk_format",
    "container_format",
    "visibility",
    "size",
    "virtual_size",
    "status",
    "checksum",
    "protected",
    "min_ram",
    "min_disk",
    "owner",
    "os_hidden",
    "os_hash_algo",
    "os_hash_value",
    "id",
)

#: What the service answers a status of a member that is none.
MEMBER_STATUSES: Final = (MemberStatus.PENDING, MemberStatus.ACCEPTED, MemberStatus.REJECTED)

#: Who may see what a project makes public or leaves to itself -> the policy that a change to it asks for.
VISIBILITY_POLICIES: Mapping[str, str] = MappingProxyType(
    {Visibility.PUBLIC: "publicize_image", Visibility.COMMUNITY: "communitize_image"}
)

#: What `info/import` says.
IMPORT_INFO: Mapping[str, Any] = MappingProxyType(
    {
        "import-methods": {
            "description": "Import methods available.",
            "type": "array",
            "value": list(IMPORT_METHODS),
        }
    }
)
