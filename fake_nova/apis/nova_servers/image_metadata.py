"""What the image service says about the metadata of a new image of a server (Glance 33.0.0, measured)."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Final

from fake_nova.apis.nova_common.errors import NovaError
from fake_nova.images.model import has_unstorable_character
from fake_nova.wire.context import Context

#: The maximum number of characters of a key in the image service, and of its properties.
_MAX_KEY_CHARS: Final = 255
_MAX_PROPERTIES: Final = 128

#: Keys at which the real services fail with a 500: fields of an image that are no text.
_UNUSABLE_KEYS: Final = (
    *("id", "size", "min_disk", "min_ram", "tags", "protected", "os_hidden", "locations", "self"),
    "virtual_size",
)
_READ_ONLY_KEYS: Final = (
    *("status", "checksum", "created_at", "updated_at", "file", "schema", "direct_url", "stores"),
)

#: Key -> its values; at others the real services fail with a 500.
_FORMATS: Final[Mapping[str, tuple[str, ...]]] = {
    "disk_format": (*("ami", "ari", "aki", "vhd", "vhdx", "vmdk", "raw", "qcow2", "vdi", "iso", "ploop"),),
    "container_format": ("ami", "ari", "aki", "bare", "ovf", "ova", "docker", "compressed"),
}
_RESERVED_KEYS: Final = ("deleted", "deleted_at")
_RESERVED_PREFIX: Final = "os_glance"


def check_metadata(context: Context, metadata: Mapping[str, str]) -> None:
    """Check metadata as the image service does.

    Raises:
        NovaError: 400 or 403.
    """
    for name, value in metadata.items():
        if len(name) > _MAX_KEY_CHARS:
            problem = "Custom property should not be greater than 255 characters."
            raise NovaError(400, f"HTTP 400 Bad Request: {problem}")
        if has_unstorable_character(name):
            problem = html.escape("Property names can't contain 4 byte unicode.")
            raise NovaError(400, f"HTTP 400 Bad Request: {problem}")
        if has_unstorable_character(value):
            problem = html.escape(f"{name.title()} can't contain 4 byte unicode characters.")
            raise NovaError(400, f"HTTP 400 Bad Request: {problem}")
        _check_key(context, name, value)
    if len(metadata) > _MAX_PROPERTIES:
        reason = "The real service fails with a 500 here: the image service has a limit of 128 properties."
        raise NovaError(400, "The limit of 128 image properties is exceeded", reason=reason)


def _check_key(context: Context, name: str, value: str) -> None:
    if name in _UNUSABLE_KEYS:
        reason = "The real service fails with a 500 here, because an image has a field of this name."
        raise NovaError(400, f"Metadata cannot have the key {name}", reason=reason)
    if value not in _FORMATS.get(name, (value,)):
        reason = "The real service fails with a 500 here, because the image service has no such format."
        raise NovaError(400, f"Metadata cannot have the {name} {value}", reason=reason)
    if name in _READ_ONLY_KEYS:
        raise _forbidden_error(f"Attribute '{name}' is read-only.")
    if name in _RESERVED_KEYS or name.startswith(_RESERVED_PREFIX):
        problem = f"Access was denied to this resource.: Attribute '{name}' is reserved."
        raise _forbidden_error(problem)
    if name == "owner" and value != context.caller.project_id and not context.caller.is_admin:
        problem = f"You are not permitted to create images owned by '{value}'"
        raise _forbidden_error(f"Access was denied to this resource.: {problem}")
    if name == "location" and value:
        problem = "http store must be enabled to use location API by normal user."
        raise NovaError(403, f"HTTP 403 Forbidden: {problem}")


def _forbidden_error(problem: str) -> NovaError:
    return NovaError(403, f"HTTP 403 Forbidden: {html.escape(problem)}")
