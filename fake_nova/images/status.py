"""The status and visibility of an image and the status of a member in Glance's words, and Nova's statuses."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class ImageStatus(StrEnum):
    """The status of an image (Glance 33.0.0)."""

    QUEUED = "queued"
    SAVING = "saving"
    UPLOADING = "uploading"
    IMPORTING = "importing"
    ACTIVE = "active"
    DEACTIVATED = "deactivated"
    KILLED = "killed"
    PENDING_DELETE = "pending_delete"
    DELETED = "deleted"


class Visibility(StrEnum):
    """Who may see an image.

    ``public``: everybody. ``private``: its owner. ``shared``: its owner and its members. ``community``:
    everybody, but lists show it only to its owner, unless they ask for community images.
    """

    PUBLIC = "public"
    PRIVATE = "private"
    SHARED = "shared"
    COMMUNITY = "community"


class MemberStatus(StrEnum):
    """Whether a project has accepted an image that is shared with it."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


#: Glance's status -> Nova's (Nova 34.0.0).
NOVA_STATUS: Final[Mapping[ImageStatus, str]] = {
    ImageStatus.ACTIVE: "ACTIVE",
    ImageStatus.QUEUED: "SAVING",
    ImageStatus.SAVING: "SAVING",
    ImageStatus.DELETED: "DELETED",
    ImageStatus.PENDING_DELETE: "DELETED",
    ImageStatus.KILLED: "ERROR",
    ImageStatus.UPLOADING: "UNKNOWN",
    ImageStatus.IMPORTING: "UNKNOWN",
    ImageStatus.DEACTIVATED: "UNKNOWN",
}

#: Glance's status -> progress in percent in Nova (Nova 34.0.0). Any other status has 0.
NOVA_PROGRESS: Final[Mapping[ImageStatus, int]] = {
    ImageStatus.QUEUED: 25,
    ImageStatus.SAVING: 50,
    ImageStatus.ACTIVE: 100,
}

#: Nova's status -> Glance's statuses that Nova shows so, in alphabetical order.
GLANCE_STATUSES_BY_NOVA_STATUS: Final[Mapping[str, tuple[ImageStatus, ...]]] = {
    nova_status: tuple(status for status in sorted(ImageStatus) if NOVA_STATUS[status] == nova_status)
    for nova_status in NOVA_STATUS.values()
}
