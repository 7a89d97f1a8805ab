"""Content negotiation as Nova itself does it. For error pages WebOb does it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from fake_nova.support.caching import cached_if_short
from fake_nova.wire.context import Context
from fake_nova.wire.request import MAX_ACCEPT_CHARS

# The patterns of nova.api.openstack.urlmap: options after semicolons; names and values may be in quotes.
_NAME_PATTERN: Final = r'[^\s;=]+|"[^"\\]*(?:\\.[^"\\]*)*"'
_OPTION_PATTERN: Final = re.compile(rf';\s*({_NAME_PATTERN})\s*(?:=\s*([^;]+|"[^"\\]*(?:\\.[^"\\]*)*"))?\s*')


def best_nova_media_type(header: str, media_types: tuple[str, ...]) -> str | None:
    """Return the media type that an Accept header prefers, as Nova 34.0.0's urlmap reads it.

    The urlmap accepts any syntax and any weight, compares case-sensitively, and ignores a mask such as ``*``.
    A later media type wins only by a higher weight, or by the same weight and a mask with fewer asterisks.

    Args:
        header: the value of the header.
        media_types: the media types to choose from, in lower case.

    Returns:
        One of *media_types*, or None if the header accepts none of them.
    """
    return _best_match(header, media_types).media_type


def nova_version_parameter(content_type: str, accept: str, media_types: tuple[str, ...]) -> str | None:
    """Return the parameter ``version`` of a media type, as Nova 34.0.0's urlmap reads it, or None.

    Args:
        content_type: the value of Content-Type, whose parameter takes precedence.
        accept: the value of Accept. The parameters of the best match count.
        media_types: the media types to choose from, in lower case.
    """
    for options in (_parse_media_type(content_type)[1], _best_match(accept, media_types).options):
        if "version" in options:
            return options["version"]
    return None


class _Match(NamedTuple):
    """A media type, and the mask of a header that matches it.

    Attributes:
        media_type: the media type; None if no mask matches.
        options: the options of the mask.
        weight: the weight of the mask.
        asterisks: the number of asterisks in the mask.
    """

    media_type: str | None = None
    options: Mapping[str, str] = MappingProxyType({})
    weight: float = -1.0
    asterisks: int = 2


def _best_match(header: str, media_types: tuple[str, ...]) -> _Match:
    masks = list(_parse_masks(header)) if len(header) <= MAX_ACCEPT_CHARS else []
    matches = (
        _Match(media_type, options, weight, mask.count("*"))
        for media_type in media_types
        for mask, weight, options in masks
        if _mask_matches(mask, media_type)
    )
    best = _Match()
    for match in matches:
        is_as_exact = match.asterisks >= best.asterisks
        # The weight may be NaN. Then neither comparison holds, and the later match wins, as in the urlmap.
        if not (match.weight < best.weight or (match.weight == best.weight and is_as_exact)):
            best = match
    return best


def _parse_masks(header: str) -> Iterator[tuple[str, float, Mapping[str, str]]]:
    """Yield each mask of a header with its weight and options. Skip a mask whose weight is not a number."""
    for item in _split_header(header):
        mask, options = _parse_media_type(_unquote(item))
        if not mask:
            continue
        try:
            yield mask, float(options.get("q", "1")), options
        except ValueError:
            continue


def _parse_media_type(text: str) -> tuple[str, Mapping[str, str]]:
    """Return a media type without its options, and the options. The media type is "" if it is malformed."""
    text = _unquote(text)
    matches = _OPTION_PATTERN.finditer(f";{text}")
    options = [(_unquote(match[1]), _unquote(match[2] or "")) for match in matches]
    return (options[0][0], dict(options[1:])) if text and options else ("", {})


def _split_header(header: str) -> list[str]:
    """Split a header at the commas outside quotation marks."""
    if '"' not in header:
        return [item.strip() for item in header.split(",")]
    from urllib.request import parse_http_list  # noqa: PLC0415  # slow to import, and rarely needed

    return parse_http_list(header)


def _unquote(text: str) -> str:
    """Remove one pair of quotation marks."""
    return text[1:-1] if text[:1] == text[-1:] == '"' else text


def _mask_matches(mask: str, media_type: str) -> bool:
    if "*" not in mask:
        return mask == media_type
    return mask == "*/*" or mask[:-2] == media_type.partition("/")[0]


#: The media types that Nova sends, the default first. In Accept it ignores others (Nova 34.0.0, measured).
NOVA_MEDIA_TYPES: Final = ("application/json", "application/vnd.openstack.compute+json")


#: The header of an empty response that Nova builds with WebOb's default, whatever the client accepts.
HTML_TYPE: Final = ("Content-Type", "text/html; charset=UTF-8")


def content_type_header(context: Context, *other_media_types: str) -> tuple[str, str]:
    """Return the Content-Type header of the response to *context*.

    A path that ends in ``.json`` selects JSON (Nova 34.0.0's nova.api.openstack.urlmap).

    Args:
        context: the context of the request.
        other_media_types: further media types that the client may choose. The body is JSON anyway.
    """
    accept = context.request.environ.get("HTTP_ACCEPT") or ""
    return _negotiate(accept, context.request.path[-5:] == ".json", other_media_types)


@cached_if_short(maxsize=512, max_chars=1_000)
def _negotiate(accept: str, is_json: bool, other_media_types: tuple[str, ...]) -> tuple[str, str]:
    media_types = NOVA_MEDIA_TYPES + other_media_types
    media_type = None if is_json else best_nova_media_type(accept, media_types)
    return ("Content-Type", media_type or NOVA_MEDIA_TYPES[0])
