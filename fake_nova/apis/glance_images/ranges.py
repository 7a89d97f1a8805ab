"""Parsing of Range and Content-Range for downloads (Glance 33.0.0, measured)."""

from __future__ import annotations

import re

from fake_nova.apis.glance_images.errors import GlanceError
from fake_nova.wire.context import Context
from fake_nova.wire.query_string import parse_int

_RANGE_PATTERN = re.compile(r"bytes\s*+=\s*+(?:([0-9]++)\s*+-\s*+([0-9]*+)|-([0-9]++))\s*+", re.IGNORECASE)

#: The Content-Range that old clients send instead of Range.
_CONTENT_RANGE_PATTERN = re.compile(r"bytes\s+([0-9]+)-([0-9]+)/([0-9]+|\*)", re.IGNORECASE)


def parse_range(context: Context, size: int) -> range | None:
    """Return the range of bytes that a download asks for, or None for all data.

    Args:
        context: the context of the request.
        size: the size of the data in bytes.

    Raises:
        GlanceError: 400 if there are several ranges; 416 if the range is invalid, or starts after the end.
    """
    header = context.request.header("Range")
    if header is None:
        return _parse_content_range(context.request.header("Content-Range"), size)
    if "," in header:
        alternative = "You may make multiple single-range requests instead."
        raise GlanceError(400, f"Requests with multiple ranges are not supported in Glance. {alternative}")
    match = _RANGE_PATTERN.fullmatch(header)
    if match is None or (match[2] and parse_int(match[2]) < parse_int(match[1])):
        raise GlanceError(416, detail="Invalid Range header.")
    if match[3]:
        suffix_length = parse_int(match[3]) or size  # the suffix of 0 bytes is everything, too
        return range(max(0, size - suffix_length), size)
    start = parse_int(match[1])
    if start >= size:
        raise _outside("start position in Range header. Start position", size)
    stop = parse_int(match[2]) + 1 if match[2] else size
    return range(start, min(stop, size))


def _parse_content_range(header: str | None, size: int) -> range | None:
    if header is None:
        return None
    match = _CONTENT_RANGE_PATTERN.fullmatch(header)
    if match is None or parse_int(match[2]) < parse_int(match[1]):
        raise GlanceError(416, detail="Invalid Content-Range header.")
    start = parse_int(match[1])
    stop = parse_int(match[2]) + 1
    if match[3] == "*" and stop > size:
        raise _outside("stop position in Content-Range header. The stop position", size)
    if start >= size:
        raise _outside("start position in Content-Range header. Start position", size)
    return range(start, min(stop, size))


def _outside(position: str, size: int) -> GlanceError:
    return GlanceError(416, detail=f"Invalid {position} MUST be in the inclusive range [0, {size - 1}].")
