"""Media types: what an Accept header asks for, as Nova itself reads it; WebOb chooses for error pages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from fake_nova.wire.service import Context

#: A longer header is read anew each time, so that caches are bounded in bytes.
MAX_CACHED_CHARS: Final = 1_000

#: A longer header counts as one that breaks the grammar; gunicorn refuses it before.
MAX_ACCEPT_CHARS: Final = 16_384

# nova.api.openstack.urlmap: options by semicolon, names and values bare or in quotes.
_NAME_PATTERN: Final = r'[^\s;=]+|"[^"\\]*(?:\\.[^"\\]*)*"'
_OPTION_PATTERN: Final = re.compile(rf';\s*({_NAME_PATTERN})\s*(?:=\s*([^;]+|"[^"\\]*(?:\\.[^"\\]*)*"))?\s*')


def best_nova_media_type(header: str, media_types: tuple[str, ...]) -> str | None:
    """Return the offer that the header likes best, as Nova itself reads it (Nova 34.0.0's urlmap).

    It knows no grammar and no upper bound of a weight, compares with case, and takes a mask such as ``*`` for
    nothing at all. One search goes through all offers, so a later offer has to be liked more than the best
    one so far, or as much by a mask with fewer asterisks.

    Args:
        header: the header's value.
        media_types: media types in lower case.

    Returns:
        One of the offers, or None where none is accepted.
    """
    return _best_match(header, media_types)[0]


def nova_version_parameter(content_type: str, accept: str, media_types: tuple[str, ...]) -> str | None:
    """Return the version that a media type's parameter names, as Nova reads it (Nova 34.0.0's urlmap).

    Args:
        content_type: the media type of the body, whose parameter comes first.
        accept: the header Accept, of which the range counts that the best offer is liked for.
        media_types: media types in lower case.
    """
    for options in (_parse_media_type(content_type)[1], _best_match(accept, media_types)[1]):
        if "version" in options:
            return options["version"]
    return None


def _best_match(header: str, media_types: tuple[str, ...]) -> tuple[str | None, Mapping[str, str]]:
    """Return the offer that is liked best, and the options of the mask that it is liked for."""
    masks = list(_parse_masks(header if len(header) <= MAX_ACCEPT_CHARS else ""))
    winner: tuple[str | None, Mapping[str, str]] = None, {}
    best_weight, fewest_asterisks = -1.0, 2
    for media_type in media_types:
        for mask, weight, options in masks:
            has_fewer_asterisks = mask.count("*") < fewest_asterisks
            if (
                weight < best_weight
                or (weight == best_weight and not has_fewer_asterisks)
                or not _mask_matches(mask, media_type)
            ):
                continue
            winner, best_weight, fewest_asterisks = (media_type, options), weight, mask.count("*")
    return winner


def _parse_masks(header: str) -> Iterator[tuple[str, float, Mapping[str, str]]]:
    """Give each mask of the header with weight and options; one whose weight is no number does not count."""
    for item in _split_header(header):
        mask, options = _parse_media_type(_unquote(item))
        if not mask:
            continue
        try:
            yield mask, float(options.get("q", "1")), options
        except ValueError:
            continue


def _parse_media_type(text: str) -> tuple[str, Mapping[str, str]]:
    """Split a media type from its options; "" where it is none."""
    options = [
        (_unquote(match[1]), _unquote(match[2] or ""))
        for match in _OPTION_PATTERN.finditer(f";{_unquote(text)}")
    ]
    return (options[0][0], dict(options[1:])) if _unquote(text) and options else ("", {})


def _split_header(header: str) -> list[str]:
    """Split a header at its commas, but for those between quotation marks."""
    if '"' not in header:
        return [item.strip() for item in header.split(",")]
    from urllib.request import parse_http_list  # noqa: PLC0415  # takes 6 ms to import, and few need it

    return parse_http_list(header)


def _unquote(text: str) -> str:
    """Take one pair of quotation marks off."""
    return text[1:-1] if text[:1] == text[-1:] == '"' else text


def _mask_matches(mask: str, media_type: str) -> bool:
    if "*" not in mask:
        return mask == media_type
    return mask == "*/*" or mask[:-2] == media_type.partition("/")[0]


#: What Nova can send, the default first; anything else that is accepted gets JSON (Nova 34.0.0, measured).
NOVA_MEDIA_TYPES: Final = ("application/json", "application/vnd.openstack.compute+json")


def content_type_header(context: Context, *other_media_types: str) -> tuple[str, str]:
    """Return the Content-Type header of an answer to *context*.

    A path that ends in ``.json`` has chosen JSON (Nova 34.0.0's nova.api.openstack.urlmap).

    Args:
        context: the request.
        other_media_types: what else may be asked for; the body is JSON all the same.
    """
    accept_header = context.request.environ.get("HTTP_ACCEPT") or ""
    negotiate = _cached_content_type if len(accept_header) <= MAX_CACHED_CHARS else _negotiate_content_type
    return negotiate(accept_header, context.request.path[-5:] == ".json", other_media_types)


def _negotiate_content_type(
    accept_header: str, is_json: bool, other_media_types: tuple[str, ...]
) -> tuple[str, str]:
    media_type = (
        None if is_json else best_nova_media_type(accept_header, (*NOVA_MEDIA_TYPES, *other_media_types))
    )
    return ("Content-Type", media_type or NOVA_MEDIA_TYPES[0])


_cached_content_type: Final = lru_cache(maxsize=512)(_negotiate_content_type)
