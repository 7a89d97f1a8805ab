"""The rules of Nova's servers API, as far as images need it (read from Nova 34.0.0)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fake_nova.cloud.servers import Server

_METADATA: Final[Mapping[str, Any]] = {
    "type": "object",
    "patternProperties": {"^[a-zA-Z0-9-_:. ]{1,255}$": {"type": "string", "maxLength": 255}},
    "additionalProperties": False,
}

_NAME: Final[Mapping[str, Any]] = {"type": "string", "minLength": 1, "maxLength": 255}

_ROTATION: Final[Mapping[str, Any]] = {
    "type": ["integer", "string"],
    "pattern": "^[0-9]*$",
    "minimum": 0,
    "minLength": 1,
}


def _object(required: list[str], **properties: Any) -> Mapping[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


_BACKUP: Final = {"backup_type": {"type": "string"}, "rotation": _ROTATION}

#: Action -> what its body must be.
ACTIONS: Final[Mapping[str, Mapping[str, Any]]] = {
    name: _object([name], **{name: _object(required, name=_NAME, **more, metadata=_METADATA)})
    for name, required, more in (("createImage", ["name"], {}), ("createBackup", ["name", *_BACKUP], _BACKUP))
}

#: vm_states in which a server may be made an image of, and a backup.
IMAGEABLE_STATES = ("active", "stopped", "paused", "suspended")

#: The most characters of a metadata key, which the image service minds.
MAX_METADATA_KEY_LENGTH = 255

#: The first minor version whose answer has the image's id instead of a Location.
ID_IN_BODY_SINCE = 45

#: The first minor version that minds no quota of metadata.
NO_QUOTA_SINCE = 39

#: The first minor version that shows the flavor itself instead of a link to it.
FLAVOR_EMBEDDED_SINCE = 47

#: What a server shows from a minor version on, in its order, and what it is: the default of each.
FIELDS_BY_MICROVERSION: tuple[tuple[int, str, Any], ...] = (
    (9, "locked", False),
    (19, "description", None),
    (26, "tags", []),
    (63, "trusted_image_certificates", None),
    (73, "locked_reason", None),
)

#: Statuses in which a server shows its progress, which is 0.
STATUSES_WITH_PROGRESS = ("ACTIVE", "BUILD")

#: Query parameter -> the field that it is compared with. ``name`` is a regular expression; any other one is
#: ignored, as for a caller without rights.
FILTER_FIELDS: Final[Mapping[str, str]] = {"status": "status", "image": "image"}


def hostname(server: Server) -> str:
    """Return a server's host name: of its name what a host name may have in it."""
    label = "".join(
        character if character.isalnum() or character in "-." else "-" for character in server.name.lower()
    )
    return label.strip("-.") or f"server-{server.id}"
