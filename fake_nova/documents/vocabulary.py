"""Words of Nova, and the words of Glance that fixtures use for the same things."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fake_nova.images.status import GLANCE_STATUSES_BY_NOVA_STATUS

#: Key of an image in Nova's API, or in old versions of Glance's -> the key in fixtures.
_GLANCE_KEYS: Final[Mapping[str, str]] = {
    "minRam": "min_ram",
    "minDisk": "min_disk",
    "created": "created_at",
    "updated": "updated_at",
    "metadata": "properties",
    "OS-EXT-IMG-SIZE:size": "size",
    "OS-DCF:diskConfig": "properties: {auto_disk_config: ...}",
    "progress": "status, from which the progress follows",
    "server": "properties: {instance_uuid: ...}",
    "tenant_id": "owner",
    "project_id": "owner",
    "is_public": "visibility",
}


def suggest_glance_status(word: object) -> str:
    """Return the end of an error message for a status that Glance does not have; "" without a suggestion."""
    statuses = GLANCE_STATUSES_BY_NOVA_STATUS.get(word.upper()) if isinstance(word, str) else None
    return "" if not statuses else f" (Nova's {str(word).upper()} is Glance's {' or '.join(statuses)})"


def suggest_glance_key(key: object) -> str:
    """Return the end of an error message for an unknown key of an image; "" without a suggestion."""
    glance_key = _GLANCE_KEYS.get(key) if isinstance(key, str) else None
    return f" (instead of {key}, write {glance_key})" if glance_key else ""
