"""Media types: what an Accept header asks for, as Nova itself reads it; WebOb chooses for error pages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final

from fake_nova.wire.call import Call

#: A longer header is read anew each time, so that caches are bounded in bytes.
LONGEST_REMEMBERED: Final = 1_000

#: A longer header counts as one that breaks the grammar; gunicorn refuses it before.
LONGEST: Final = 16_384

# nova.api.openstack.urlmap: options by semicolon, names and values bare or in quotes.
_NAME: Final = r'[^\s;=]+|"[^"\\]*(?:\\.[^"\\]*)*"'
_OPTION: Final = re.compile(rf';\s*({_NAME})\s*(?:=\s*([^;]+|"[^"\\]*(?:\\.[^"\\]*)*"))?\s*')


def best_of_nova(header: str, offers: tuple[str, ...]) -> str | None:
    """Return the offer that the header likes best, as Nova itself reads it (Nova 34.0.0's urlmap).

    It knows no grammar and no upper bound of a weight, compares with case, and takes a mask such as ``*`` for
    nothing at all. One search goes through all offers, so a later offer has to be liked more than the best
    one so far, or as much by a mask with fewer asterisks.

    Args:
        header: the header's value.
        offers: media types in lower case.

    Returns:
        One of the offers, or None where none is accepted.
    """
    return _best(header, offers)[0]


def version_of_nova(content_type: str, accepted: str, offers: tuple[str, ...]) -> str | None:
    """Return the version that a media type's parameter names, as Nova reads it (Nova 34.0.0's urlmap).

    Args:
        content_type: the media type of the body, whose parameter comes first.
        accepted: the header Accept, of which the range counts that the best offer is liked for.
        offers: media types in lower case.
    """
    for options in (_media_type(content_type)[1], _best(accepted, offers)[1]):
        if "version" in options:
            return options["version"]
    return None


def _best(header: str, offers: tuple[str, ...]) -> tuple[str | None, Mapping[str, str]]:
    """Return the offer that is liked best, and the options of the mask that it is liked for."""
    masks = list(_masks(header if len(header) <= LONGEST else ""))
    found: tuple[str | None, Mapping[str, str]] = None, {}
    highest, asterisks = -1.0, 2
    for offer in offers:
        for mask, weight, options in masks:
            fewer = mask.count("*") < asterisks
            if weight < highest or (weight == highest and not fewer) or not _fits(mask, offer):
                continue
            found, highest, asterisks = (offer, options), weight, mask.count("*")
    return found


def _masks(header: str) -> Iterator[tuple[str, float, Mapping[str, str]]]:
    """Give each mask of the header with weight and options; one whose weight is no number does not count."""
    for item in _items(header):
        mask, options = _media_type(_bare(item))
        if not mask:
            continue
        try:
            yield mask, float(options.get("q", "1")), options
        except ValueError:
            continue


def _media_type(text: str) -> tuple[str, Mapping[str, str]]:
    """Split a media type from its options; "" where it is none."""
    options = [(_bare(found[1]), _bare(found[2] or "")) for found in _OPTION.finditer(f";{_bare(text)}")]
    return (options[0][0], dict(options[1:])) if _bare(text) and options else ("", {})


def _items(header: str) -> list[str]:
    """Split a header at its commas, but for those between quotation marks."""
    if '"' not in header:
        return [item.strip() for item in header.split(",")]
    from urllib.request import parse_http_list  # noqa: PLC0415  # takes 6 ms to import, and few need it

    return parse_http_list(header)


def _bare(text: str) -> str:
    """Take one pair of quotation marks off."""
    return text[1:-1] if text[:1] == text[-1:] == '"' else text


def _fits(mask: str, offer: str) -> bool:
    if "*" not in mask:
        return mask == offer
    return mask == "*/*" or mask[:-2] == offer.partition("/")[0]


#: What Nova can send, the default first; anything else that is accepted gets JSON (Nova 34.0.0, measured).
OFFERS: Final = ("application/json", "application/vnd.openstack.compute+json")


def content_type(call: Call, *more: str) -> tuple[str, str]:
    """Return the Content-Type header of an answer to *call*.

    A path that ends in ``.json`` has chosen JSON (Nova 34.0.0's nova.api.openstack.urlmap).

    Args:
        call: the request.
        more: what else may be asked for; the body is JSON all the same.
    """
    accepted = call.environ.get("HTTP_ACCEPT") or ""
    choose = _remembered if len(accepted) <= LONGEST_REMEMBERED else _content_type
    return choose(accepted, call.path[-5:] == ".json", more)


def _content_type(accepted: str, is_json: bool, more: tuple[str, ...]) -> tuple[str, str]:
    best = None if is_json else best_of_nova(accepted, (*OFFERS, *more))
    return ("Content-Type", best or OFFERS[0])


_remembered: Final = lru_cache(maxsize=512)(_content_type)
