"""The part of an image's data that a download asks for (Glance 33.0.0, measured)."""

from __future__ import annotations

import re

from fake_nova.apis.glance_images.errors import GlanceError
from fake_nova.wire.call import Call
from fake_nova.wire.query_string import whole

_RANGE = re.compile(r"bytes\s*+=\s*+(?:([0-9]++)\s*+-\s*+([0-9]*+)|-([0-9]++))\s*+", re.IGNORECASE)

#: What old clients send instead of a Range.
_CONTENT_RANGE = re.compile(r"bytes\s+([0-9]+)-([0-9]+)/([0-9]+|\*)", re.IGNORECASE)


def read(call: Call, size: int) -> range | None:
    """Read which part of *size* bytes is asked for; None for all.

    Raises:
        GlanceError: 400 for several ranges; 416 for what is none, and for one behind the end.
    """
    asked = call.header("Range")
    if asked is None:
        return _old_part(call.header("Content-Range"), size)
    if "," in asked:
        raise GlanceError(
            400,
            "Requests with multiple ranges are not supported in Glance. You may make multiple single-range "
            "requests instead.",
        )
    found = _RANGE.fullmatch(asked)
    if found is None or (found[2] and whole(found[2]) < whole(found[1])):
        raise GlanceError(416, detail="Invalid Range header.")
    if found[3]:
        last = whole(found[3])
        return range(size - last if 0 < last < size else 0, size)
    start = whole(found[1])
    if start >= size:
        raise _behind_the_end("Range", size)
    return range(start, min(whole(found[2]) + 1, size) if found[2] else size)


def _old_part(asked: str | None, size: int) -> range | None:
    if asked is None:
        return None
    found = _CONTENT_RANGE.fullmatch(asked)
    if found is None or whole(found[2]) < whole(found[1]):
        raise GlanceError(416, detail="Invalid Content-Range header.")
    start, stop = whole(found[1]), whole(found[2]) + 1
    if found[3] == "*" and stop > size:
        raise GlanceError(
            416,
            detail="Invalid stop position in Content-Range header. The stop position MUST be in the "
            f"inclusive range [0, {size - 1}].",
        )
    if start >= size:
        raise _behind_the_end("Content-Range", size)
    return range(start, min(stop, size))


def _behind_the_end(header: str, size: int) -> GlanceError:
    return GlanceError(
        416,
        detail=f"Invalid start position in {header} header. Start position MUST be in the inclusive range "
        f"[0, {size - 1}].",
    )
