"""The words that Glance has for an image's state."""

from __future__ import annotations

from enum import StrEnum


class ImageStatus(StrEnum):
    """An image's status in Glance's words (Glance 33.0.0)."""

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
    """Who sees an image: everybody, its owner, its members, or everybody who knows its id."""

    PUBLIC = "public"
    PRIVATE = "private"
    SHARED = "shared"
    COMMUNITY = "community"


class MemberStatus(StrEnum):
    """What a project that an image is shared with has answered."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
