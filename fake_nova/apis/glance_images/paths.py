"""The versions in a path."""

from __future__ import annotations

from fake_nova.apis.glance_images.tables import VERSION_PREFIXES
from fake_nova.wire.context import Context


def normalize_segments(segments: list[str]) -> list[str]:
    """Replace a minor version in the path by ``v2``. All versions behave alike."""
    return ["v2", *segments[1:]] if segments and segments[0] in VERSION_PREFIXES else segments


def lists_versions(context: Context) -> bool:
    """Return whether the path begins with ``versions``, which lists the versions with status 200."""
    return context.request.path.split("/", 3)[2:3] == ["versions"]


def checks_health(context: Context) -> bool:
    """Return whether the path begins with ``healthcheck``."""
    return context.request.path.split("/", 3)[2:3] == ["healthcheck"]


def is_versioned(context: Context) -> bool:
    """Return whether the path names a version. Glance responds to other paths with the list of versions."""
    segments = context.request.path.split("/", 3)
    return len(segments) > 2 and segments[2] in VERSION_PREFIXES
